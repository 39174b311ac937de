"""The transformer as the pipeline uses it: fitted on some rows, applied to others."""

import pandas as pd
from regrow import Context

from {{ cookiecutter.__package }}.settings import Ranks
from {{ cookiecutter.__package }}.transformer import make


def test_numbers_become_ranks_of_the_training_rows():
    fitted = make(Ranks(quantiles=3), Context()).fit(pd.DataFrame({"x": [0.0, 10.0, 100.0], "text": list("abc")}))
    changed = fitted.transform(pd.DataFrame({"x": [5.0, None, 1000.0], "text": list("abc")}))
    assert changed["x"].fillna(-1).tolist() == [0.25, -1, 1]
    assert changed["text"].tolist() == list("abc")

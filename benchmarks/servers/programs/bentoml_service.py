"""A service of BentoML's, as its tutorial has it: one row a request."""

import json
import os
from pathlib import Path

import bentoml
import pandas as pd
import skops.io

WORK = Path(os.environ["WORK"])
TYPES = json.loads((WORK / "features.json").read_text())
FILE = WORK / "model.skops"


@bentoml.service(workers=1)
class Model:
    """The pipeline."""

    def __init__(self) -> None:
        self.model = skops.io.load(FILE, trusted=skops.io.get_untrusted_types(file=FILE))

    @bentoml.api
    def predict(self, row: dict) -> list[float]:
        """Probabilities of one row."""
        return self.model.predict_proba(pd.DataFrame([row])[list(TYPES)].astype(TYPES))[0].tolist()

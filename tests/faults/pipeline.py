"""One stage more for a project: from one of its tables, every kind of file that a stage can make."""

from tests.small import Small

DECLARED = """

def regrow_stages():
    from regrow import Artifact, Stage

    made = [Artifact("small", "csv"), Artifact("drawn", "plot"), Artifact("painted", "image")]
    made += [Artifact("page_two", "report"), Artifact("told", "record"), Artifact("fitted", "model")]
    return OTHERS[Stage("show", "delivery", run="PKG.show:show", needs=["NEED"], makes=made, params=["seed"])]
"""

CODE = '''\
"""A table as text, pictures, a page, a record and a model."""

import numpy as np
from matplotlib.figure import Figure
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from regrow import random_state


def show(NEED, settings):
    numbers = NEED.select_dtypes("number")
    values = np.log1p(np.abs(numbers.iloc[:, -1].to_numpy(dtype=float)))
    rng = np.random.default_rng(random_state(settings["seed"], "show"))
    wide = rng.normal(size=(4000, 30)) + values.mean()
    score = np.exp(wide[:, 0] / 9) + wide[:, 1]
    labels = (score > np.median(score)).astype(int)
    model = make_pipeline(StandardScaler(), PCA(10), LogisticRegression(max_iter=500)).fit(wide, labels)
    figure = Figure()
    figure.subplots().hist(values, bins=20, label="ü")
    tags = sorted({str(one) for one in numbers.columns})
    return {
        "small": NEED.head(50).reset_index(drop=True),
        "drawn": figure,
        "painted": figure,
        "page_two": f"<html><body>{values.mean()!r}</body></html>",
        "told": {"columns": tags, "scores": model.predict_proba(wide[:9])[:, 1].tolist()},
        "fitted": model,
    }
'''


def add_show(project: Small, package: str, need: str, folder: str = "src") -> None:
    """Declare the stage in the project's own plugin; `need` is the table that it draws."""
    plugin = f"{folder}/{package}/plugin.py"
    text = project.read(plugin)
    others = "" if "def regrow_stages" not in text else "*_other_stages(), "
    declared = DECLARED.replace("PKG", package).replace("NEED", need).replace("OTHERS[", f"[{others}")
    text = text.replace("def regrow_stages", "def _other_stages")
    project.write(plugin, text + declared)
    project.write(f"{folder}/{package}/show.py", CODE.replace("NEED", need))

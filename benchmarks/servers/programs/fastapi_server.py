"""python fastapi_server.py WORK PORT: what one writes by hand; a row a request, its types said."""

import json
import sys
from pathlib import Path

import pandas as pd
import skops.io
import uvicorn
from fastapi import Body, FastAPI

WORK = Path(sys.argv[1])
TYPES = json.loads((WORK / "features.json").read_text())
FILE = WORK / "model.skops"
MODEL = skops.io.load(FILE, trusted=skops.io.get_untrusted_types(file=FILE))
app = FastAPI()


@app.post("/predict")
def predict(row: dict = Body()) -> dict:  # noqa: B008 - as FastAPI has it
    """Probabilities of one row."""
    return {"probabilities": MODEL.predict_proba(pd.DataFrame([row])[list(TYPES)].astype(TYPES))[0].tolist()}


@app.get("/ready")
def ready() -> dict:
    """Once it answers at all."""
    return {}


uvicorn.run(app, port=int(sys.argv[2]), log_level="warning", access_log=False)

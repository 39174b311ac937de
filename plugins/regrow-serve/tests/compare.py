"""Run as a program, in the environment of stages: one model family through all ways to score it; prints what differs.

python compare.py FOLDER MODEL TASK [MUTANT]
"""

import json
import sys
from pathlib import Path

import numpy as np
import orjson
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
import flights

from regrow_serve import batch, bundle, schema
from regrow_serve.answers import by_model


def bits(prediction, probabilities) -> dict:
    """As text that says every bit."""
    return bundle.exact(prediction, None if probabilities is None else list(probabilities.values()))


def recorded(made: dict) -> dict[int, dict]:
    """What the stage `train` wrote, by row."""
    columns = [name for name in made["predictions"].columns if name.startswith("probability_")]
    return {
        int(row["row"]): bundle.exact(row["prediction"], [row[name] for name in columns] if columns else None)
        for row in made["predictions"].to_dict("records")
    }


def differing(loaded: bundle.Bundle, raw: pd.DataFrame, wanted: dict[int, dict]) -> int:
    """Rows whose answer over JSON, in random pieces with shuffled columns, is not what was recorded."""
    draw = np.random.default_rng(0)
    rows = bundle.records(raw)
    left, differ = sorted(wanted), 0
    while left:
        size = int(draw.choice([1, 1, 1, 2, 5, 17, 40]))
        some, left = left[:size], left[size:]
        names = list(draw.permutation(raw.columns))
        sent = orjson.loads(orjson.dumps([{name: rows[row][name] for name in names} for row in some]))
        try:
            answers = by_model(loaded, sent)
        except bundle.ModelFailedError:
            differ += len(some)
            continue
        for row, answer in zip(some, answers, strict=True):
            differ += bits(answer.prediction, answer.probabilities) != wanted[row]
    return differ


def mutate(name: str) -> None:
    """Break the one scorer in one way."""
    if name == "no padding":
        bundle.score.__globals__["BLOCK"] = 1
    elif name == "inferred types":
        of_rows = schema.Schema.of_rows

        def inferred(self, rows):
            typed, frame = of_rows(self, rows), pd.DataFrame(list(rows))
            for column in self.needed:
                if column.kind == "text":
                    typed.values[column.name] = frame[column.name].fillna("None").astype("str")
            return typed

        schema.Schema.of_rows = inferred
    elif name == "derive skipped":
        bundle.Bundle.features = lambda self, table: table.reindex(columns=list(self.schema.features))


def main(folder: Path, model: str, task: str, mutant: str = "") -> dict:
    """What differs between the ways to score."""
    raw = pd.read_csv(flights.raw(folder / "raw") / "flights.csv", dtype={"carrier": "str"})
    made = flights.stages(folder / "raw", flights.settings_of(model, task))
    file = flights.written(folder, made)
    loaded = bundle.Bundle.load(file)
    wanted = recorded(made)
    mutate(mutant)
    table = made["table"]
    told = {"compared": made["about"]["tried"]["compared"], "json": differing(loaded, table, wanted)}
    if mutant:
        return told
    told["self_test"] = len(loaded.self_test())
    whole = loaded.predict(raw)
    several = pd.concat([loaded.predict(raw.iloc[begin : begin + 7]) for begin in range(0, len(raw), 7)])
    told["alone and together"] = int(
        (whole.drop(columns="row").to_numpy() != several.drop(columns="row").to_numpy()).sum()
    )
    for source in (folder / "raw" / "flights.csv", folder / "table.parquet"):
        if source.suffix == ".parquet":
            table.to_parquet(source)
        batch.PIECE = 130
        counts = batch.predict(loaded, source, folder / "out.parquet", inputs=True)
        out = pd.read_parquet(folder / "out.parquet").set_index("row")
        columns = [name for name in out.columns if name.startswith("probability_")]
        got = {
            row: bundle.exact(out["prediction"][row], [out[name][row] for name in columns] if columns else None)
            for row in wanted
        }
        told[source.suffix] = sum(got[row] != wanted[row] for row in wanted)
        told[f"{source.suffix} rows"] = counts.answered
    return told


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), *sys.argv[2:])))

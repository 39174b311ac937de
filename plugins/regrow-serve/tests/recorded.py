"""Run as a program, in the environment of stages: a model through all stages, and what `train` recorded.

python recorded.py FOLDER MODEL TASK HELD_OUT
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import compare
import flights

from regrow_serve.bundle import records


def main(folder: Path, model: str, task: str, held_out: int) -> None:
    """Writes FOLDER/model.bundle, rows.jsonl (held-out rows as JSON) and wanted.json (their answers, by row)."""
    raw = flights.raw(folder / "raw", flights.ROWS * 2 // 3 + held_out)
    made = flights.stages(raw, flights.settings_of(model, task), requirements_lock=flights.LOCK)
    (folder / "model.bundle").write_bytes(made["bundle"])
    wanted = compare.recorded(made)
    assert made["about"]["tried"]["compared"] == len(wanted) >= held_out
    rows = records(made["table"].drop(columns=["late"] if task == "binary" else []))
    lines = [json.dumps(rows[row], ensure_ascii=False) + "\n" for row in sorted(wanted)]
    (folder / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "wanted.json").write_text(json.dumps(wanted), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:4], int(sys.argv[4]))

"""What a run ends with: the headline metric, what a guess would reach, and where the report is."""

import json
from collections.abc import Iterable

from regrow import layout
from regrow.base.yaml_files import read_yaml
from regrow.plugin.declare import LOWER
from regrow.plugin.project import Project
from regrow.record import metrics as recorded

BASELINE = "baseline"  # below it, in a file of metrics, those of a constant guess


def lines(project: Project) -> list[str]:
    """A line for the first metric that settings name, beside its baseline, and one for each report that is there."""

    def text(path: str) -> str:
        file = project.path(path)
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    dvc_yaml = text(layout.DVC_YAML)
    files = recorded.metric_files(dvc_yaml)
    metrics = recorded.measures([text(path) for path in files], list(files))
    better = recorded.better_of(text(layout.hashes(stage)) for stage in files.values() if stage)
    found = recorded.leading([*metrics], better)
    told = [_headline(found, metrics, better.get(found, ""))] if found else []
    return [*told, *(f"report: {path}" for path in _pages(dvc_yaml) if project.path(path).is_file())]


def _headline(name: str, metrics: dict[str, float], better: str) -> str:
    spread = metrics.get(f"folds.{name}.std")
    shown = json.dumps(round(metrics[name], 4)) + (f" ± {spread:.2g} over folds" if spread is not None else "")
    guess = metrics.get(f"{BASELINE}.{name}")
    if guess is None:
        return f"{name}: {shown}{f' ({better} is better)' if better else ''}"
    gain = (guess - metrics[name]) if better == LOWER else (metrics[name] - guess)
    beside = f"a constant guess has {round(guess, 4)}{f', {better} is better' if better else ''}"
    return f"{name}: {shown} ({beside}{'; this is no better than guessing' if better and gain <= 0 else ''})"


def _pages(dvc_yaml: str) -> Iterable[str]:
    """The pages that stages make."""
    stages = (read_yaml(dvc_yaml, layout.DVC_YAML) or {}).get("stages") or {}
    for stage in stages.values():
        for out in (stage or {}).get("outs") or ():
            path = str(next(iter(out)) if isinstance(out, dict) else out)
            if path.endswith(".html"):
                yield path

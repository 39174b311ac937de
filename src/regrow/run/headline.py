"""What a run ends with: the headline metric, what a guess would reach, the decision, and where the report is."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from regrow import layout
from regrow.base.yaml_files import read_yaml
from regrow.plugin.declare import LOWER
from regrow.plugin.project import Project
from regrow.record import metrics as recorded

BASELINE = "baseline"  # below it, in a file of metrics, those of a constant guess


def lines(project: Project) -> list[str]:
    """A line for the first metric that settings name, beside its baseline; one for each file at the project's top that
    has a sentence to say; and one for each report that is there."""

    def text(path: str) -> str:
        file = project.path(path)
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    dvc_yaml = text(layout.DVC_YAML)
    files = recorded.metric_files(dvc_yaml)
    metrics = recorded.measures([text(path) for path in files], list(files))
    better = recorded.better_of(text(layout.hashes(stage)) for stage in files.values() if stage)
    found = recorded.leading([*metrics], better)
    told = [_headline(found, metrics, better.get(found, ""))] if found else []
    outs = list(_outs(dvc_yaml))
    told += [f"{path.removesuffix('.json')}: {said}" for path in outs if (said := _sentence(path, text))]
    return [*told, *(f"report: {path}" for path in outs if path.endswith(".html") and project.path(path).is_file())]


def line_after(project: Project, stage: str) -> str:
    """All of it in one line, for plain `dvc repro`, which says nothing itself; "" unless the stage is the last one that
    makes a page."""
    file = project.path(layout.DVC_YAML)
    stages = (read_yaml(file.read_text(encoding="utf-8"), layout.DVC_YAML) or {}).get("stages") or {}
    pages = [name for name, one in stages.items() if any(path.endswith(".html") for path in _of_stage(one))]
    return "; ".join(lines(project)) if pages[-1:] == [stage] else ""


def _headline(name: str, metrics: dict[str, float], better: str) -> str:
    spread = metrics.get(f"folds.{name}.std")
    shown = json.dumps(round(metrics[name], 4)) + (f" ± {spread:.2g} over folds" if spread is not None else "")
    ends = [metrics.get(f"intervals.{name}.{end}") for end in ("low", "high")]
    shown += f", {ends[0]:.4g} to {ends[1]:.4g}" if None not in ends else ""
    noise = metrics.get(f"noise.{name}")
    shown += f", noise {noise:.2g}" if noise is not None else ""
    guess = metrics.get(f"{BASELINE}.{name}")
    if guess is None:
        return f"{name}: {shown}{f' ({better} is better)' if better else ''}"
    gain = (guess - metrics[name]) if better == LOWER else (metrics[name] - guess)
    beside = f"a constant guess has {round(guess, 4)}{f', {better} is better' if better else ''}"
    return f"{name}: {shown} ({beside}{'; this is no better than guessing' if better and gain <= 0 else ''})"


def _sentence(path: str, text: Callable[[str], str]) -> str:
    """What a file at the project's top has to say in a `sentence`, such as a decision."""
    if "/" in path or not path.endswith(".json"):
        return ""
    try:
        said = json.loads(text(path) or "null")
    except ValueError:
        return ""
    return str(said.get("sentence", "")) if isinstance(said, dict) else ""


def _outs(dvc_yaml: str) -> Iterable[str]:
    """What stages make, metrics and plots aside."""
    stages = (read_yaml(dvc_yaml, layout.DVC_YAML) or {}).get("stages") or {}
    for stage in stages.values():
        yield from _of_stage(stage)


def _of_stage(stage: Any) -> Iterable[str]:
    for out in (stage or {}).get("outs") or ():
        yield str(next(iter(out)) if isinstance(out, dict) else out)

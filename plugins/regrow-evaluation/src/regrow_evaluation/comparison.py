"""Two commits beside one another: metrics on the same rows, settings, data, code, packages."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from regrow import RegrowError
from regrow.plugin.manager import load_plugins
from regrow.plugin.project import Project
from regrow_evaluation import noise
from regrow_evaluation.asked import asked
from regrow_evaluation.bootstrap import bootstrap
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import FEW_OF_A_CLASS, FEW_ROWS
from regrow_evaluation.noise import AUTO, Floor
from regrow_evaluation.paired import compare as paired
from regrow_evaluation.paired import same_repeats, same_rows, told
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.repeats import tables
from regrow_evaluation.settings import EvaluateSettings
from regrow_history.experiments.opened import OpenCommit, OpenProject
from regrow_history.experiments.summary import record

SIDES = "old", "new"
MOST = 40  # lines of one part


def compare(project: Project, old: str, new: str, least: Floor = AUTO) -> dict[str, Any]:
    """JSON. least: the smallest difference of the first metric that counts; auto: the larger of what both commits'
    searches recorded. Raises RegrowError for a revision that is no commit, or recorded no run."""
    opened = OpenProject(project)
    commits = {"old": opened.at(old), "new": opened.at(new)}
    records = {side: record(project.root, at.recorded.commit) for side, at in commits.items()}
    made: dict[str, Any] = {
        side: {"revision": said, "commit": commits[side].recorded.commit}
        for side, said in zip(SIDES, (old, new), strict=True)
    }
    made |= _metrics(project, commits, least)
    made["settings"] = _differences(*(_flat(records[side]["settings"]["values"]) for side in SIDES))
    made["data"] = _differences(*({one["path"]: one["md5"] for one in records[side]["data"]} for side in SIDES))
    code = [_code(records[side]) for side in SIDES]
    made["code"] = _differences(*code)
    made["environment"] = _differences(*(_packages(records[side]) for side in SIDES))
    return made


def _metrics(project: Project, commits: Mapping[str, OpenCommit], least: Floor) -> dict[str, Any]:
    """Paired where both held out the same rows; else each as it was recorded."""
    recorded = {side: _recorded(at) for side, at in commits.items()}
    try:
        predictions = {side: at["predictions"] for side, at in commits.items()}
        settings = _settings(project, commits["new"])
        table = commits["new"]["table"]
    except RegrowError as error:
        return {"metrics": {}, "recorded": recorded, "against": str(error)}
    task, target = settings.data.task, settings.data.target
    new, old, against = same_rows(predictions["new"], predictions["old"], task, target.positive)
    if against:
        return {"metrics": {}, "recorded": recorded, "against": against}
    known = asked(settings.evaluation.metrics, task, target.final_name, table)
    usable = {
        key: one for key, one in known.items() if new.probability is not None or not one.of(new).needs_probability
    }
    drawn = bootstrap(settings.evaluation.intervals, table, new)
    every = {side: list(tables(predictions[side])) for side in SIDES}
    repeats = same_repeats(every["new"], every["old"], task, target.positive)
    floor = max(noise.floor(least, _measured(at), next(iter(usable))) for at in commits.values())
    found = paired(usable, new, old, drawn, floor, _lacking(new), repeats)
    rows = {"rows": len(new.target), "noise": floor, "recorded": recorded, "against": ""}
    return {"metrics": {key: told(one) for key, one in found.items()}, **rows}


def _lacking(p: Predicted) -> str:
    if len(p.target) < FEW_ROWS:
        return "few rows"
    if p.task == REGRESSION:
        return ""
    return "few rows of a class" if min((p.target == k).sum() for k in range(len(p.classes))) < FEW_OF_A_CLASS else ""


def _measured(at: OpenCommit) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = at["metrics"]
    except RegrowError:
        return {}
    return found


def _recorded(at: OpenCommit) -> dict[str, float]:
    try:
        return {name: value for name, value in at.metrics.items() if isinstance(value, int | float)}
    except RegrowError:
        return {}


def _settings(project: Project, at: OpenCommit) -> EvaluateSettings:
    """As the commit has them, by the components of today."""
    from regrow.base.yaml_files import read_yaml

    known = load_plugins(project).components
    values = read_yaml(at.recorded.text("params.yaml") or "{}", "params.yaml") or {}
    data = {name: values.get("data", {}).get(name) for name in ("task", "target")}
    said = values.get("evaluation", {})
    evaluation = {name: said[name] for name in ("metrics", "bins", "intervals") if name in said}
    try:
        return EvaluateSettings.model_validate({"evaluation": evaluation, "data": data}, context={"components": known})
    except ValueError as error:
        raise RegrowError(f"has settings that can't be read: {error}", where="params.yaml") from None


def _flat(value: Any, key: str = "") -> dict[str, Any]:
    if isinstance(value, Mapping) and value:
        return {name: one for k, inner in value.items() for name, one in _flat(inner, f"{key}.{k}".strip(".")).items()}
    return {key: value}


def _code(told: Mapping[str, Any]) -> dict[str, str]:
    """What each stage stands on by fingerprint, packages aside."""
    return {
        f"{stage['name']}: {kind} {name}": value
        for stage in told["implementation"]["stages"]
        for kind, lines in stage["stands_on"].items()
        for name, value in lines.items()
        if kind not in ("package", "python")
    }


def _packages(told: Mapping[str, Any]) -> dict[str, str]:
    environment = told["environment"]
    return {"python": environment["python"], **environment["packages"]}


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: {"old": old.get(name), "new": new.get(name)}
        for name in sorted({*old, *new})
        if json.dumps(old.get(name), default=str) != json.dumps(new.get(name), default=str)
    }


def lines(made: Mapping[str, Any]) -> Iterator[str]:
    """For a terminal."""
    yield " -> ".join(f"{made[side]['revision']} ({made[side]['commit'][:10]})" for side in SIDES)
    if made["against"]:
        yield f"not the same rows, so no interval: {made['against']}"
        for name in sorted({*made["recorded"]["old"], *made["recorded"]["new"]}):
            values = [made["recorded"][side].get(name) for side in SIDES]
            yield f"  {name}: {values[0]} -> {values[1]}"
    else:
        leading = next(iter(made["metrics"]), "")
        floor = f"; of {leading} differences up to {made['noise']:.4g} are noise" if made["noise"] else ""
        folds = next((one["folds"] for one in made["metrics"].values() if "folds" in one), 0)
        by = f", by {folds} folds (intervals corrected for shared training rows)" if folds else ""
        yield f"metrics on the same {made['rows']} held-out rows{by}{floor}"
        for name, one in made["metrics"].items():
            yield f"  {name}: {_written(one['old'])} -> {_written(one['new'])}, {_gain(one)}: {one['verdict']}"
    for part in ("settings", "data", "code", "environment"):
        found = made[part]
        yield f"{part}: {'the same' if not found else ''}".rstrip()
        for place, (name, one) in enumerate(found.items()):
            if place == MOST:
                yield f"  and {len(found) - MOST} more; --json has all"
                break
            yield f"  {name}: {_short(one['old'])} -> {_short(one['new'])}"


def _gain(one: Mapping[str, Any]) -> str:
    if one["gain"] is None:
        return "undefined"
    ends = f" ({one['interval'][0]:+.4g} to {one['interval'][1]:+.4g})" if one["interval"] else ""
    return f"better by {one['gain']:+.4g}{ends}"


def _written(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4g}"


def _short(value: Any) -> str:
    text = "-" if value is None else str(value)
    return text[:12] if len(text) in (32, 40, 64) and text.isalnum() else text


def page(made: Mapping[str, Any]) -> str:
    """An HTML page that asks for nothing outside itself."""
    rows = "".join(
        f"<tr><th scope=row>{escape(name)}</th><td>{_written(one['old'])}</td><td>{_written(one['new'])}</td>"
        f"<td>{escape(_gain(one))}</td><td>{one['verdict']}</td></tr>"
        for name, one in made["metrics"].items()
    )
    parts = "".join(
        f"<h2>{part.capitalize()}</h2>" + (_table(made[part]) if made[part] else "<p>The same.</p>")
        for part in ("settings", "data", "code", "environment")
    )
    names = [escape(f"{made[side]['revision']} ({made[side]['commit'][:10]})") for side in SIDES]
    against = f"<p>Not the same rows: {escape(made['against'])}</p>" if made["against"] else ""
    if floor := made.get("noise"):
        against += f"<p>Of {escape(next(iter(made['metrics'])))} differences up to {floor:.4g} are noise.</p>"
    head = "".join(f"<th scope=col>{name}</th>" for name in ("Metric", "Old", "New", "Better by", "Verdict"))
    style = (
        "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        ":root{color-scheme:light dark}"
        "table{border-collapse:collapse}div{overflow-x:auto}td,th{text-align:left;padding:.35rem 1rem .35rem 0;"
        "border-bottom:1px solid #8884;overflow-wrap:anywhere;vertical-align:top}"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Comparison</title><style>{style}</style></head><body><main><h1>{names[0]} and {names[1]}</h1>{against}"
        f"<h2>Metrics</h2><div tabindex=0><table><tr>{head}</tr>{rows}</table></div>{parts}</main></body></html>\n"
    )


def _table(found: Mapping[str, Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<tr><th scope=row>{escape(name)}</th>"
        + "".join(f"<td>{escape(_short(one[side]))}</td>" for side in SIDES)
        + "</tr>"
        for name, one in found.items()
    )
    return f"<div tabindex=0><table><tr><th></th><th scope=col>Old</th><th scope=col>New</th></tr>{rows}</table></div>"

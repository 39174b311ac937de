"""The hand-over page: sections as the report shows them, out of what HEAD holds and what lies here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from regrow import RegrowError, layout
from regrow.artifacts import blocks
from regrow.compile.pipeline import Pipeline
from regrow.plugin.project import Project
from regrow.tools import git
from regrow_govern import governance, model_tags
from regrow_govern.handover.people import known
from regrow_govern.readiness.case import Case, LackingError
from regrow_govern.risk_register import Register

RAW = "data/raw"
RUNBOOKS = ("docs/runbooks", "governance/runbooks", "runbooks")
#: what is to be done, the commands of it in their order, what it needs: a plugin's command, or "" for nothing
TASKS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Build the environment", ("make setup",), ""),
    ("Get the data", ("dvc pull",), "remote"),
    ("Run what changed", ("regrow run",), ""),
    ("See what would run, and why", ("regrow explain",), ""),
    ("Check that files are what was recorded", ("regrow verify",), ""),
    ("Check that the decision still holds", ("regrow decision check",), "decision"),
    ("Replay: grow this commit again", ("regrow replay HEAD",), "replay"),
    ("Retrain on new data", (f"dvc add {RAW}", "regrow run", "git add --all", 'git commit -m "New data"'), ""),
    ("Undo the last commit's model", ("git revert --no-edit HEAD", "dvc checkout"), ""),
    ("Score a file", ("regrow predict FILE -o out/answers.parquet",), "predict"),
    ("Serve", ("regrow serve --port 8000",), "serve"),
    ("Serve an earlier commit's model", ("regrow serve --rev HEAD~1 --port 8000",), "serve"),
    ("Switch the model off", ('regrow switch off --reason "..."',), "switch"),
    ("Switch it on again", ("regrow switch on",), "switch"),
    ("Roll back what is promoted", ("regrow rollback --in prod",), "rollback in prod"),
    ("See what is promoted", ("regrow registry",), "registry"),
    ("Drill: break a server on purpose", ("regrow drill -o governance/drill.json",), "drill"),
    ("Look at production", ("regrow monitor --until YYYY-MM-DD",), "monitor"),
    ("See what is missing", ("regrow readiness",), "readiness"),
)


@dataclass(frozen=True)
class Page:
    """html: one self-contained page. markdown: the same."""

    html: str
    markdown: str


def page(project: Project, today: Any) -> Page:
    """Of HEAD. Raises RegrowError where nothing is committed, or a governance file is wrong."""
    from regrow_evaluation.report import report

    commit = git.resolve(project.root, "HEAD")
    if commit is None:
        raise RegrowError("nothing is committed yet", where=str(project.root), fix="git commit")
    case = Case(Pipeline.load(project), commit, today)
    made = {name: {"title": title, "level": level, "order": order, "blocks": said}
            for order, (name, title, level, said) in enumerate(_sections(case))}  # fmt: skip
    metrics = _read(case, "metrics")
    written = report(made, {}, {"metrics": metrics} if metrics else {}, {}, settings=None)
    return Page(written["report"], written["card"])


def _sections(case: Case) -> Iterator[tuple[str, str, str, list[dict[str, Any]]]]:
    name = case.settings["data"]["target"].get("name") or case.settings["data"]["target"]["column"]
    yield "what", f"Taking over: predicting {name}", "decide", list(_what(case))
    yield "how", "How it is done", "decide", [_commands(case)]
    yield "risks", "Open risks", "decide", list(_risks(case))
    yield "runbooks", "Runbooks", "decide", list(_runbooks(case))
    yield "who", "Who knows what", "analyse", list(_who(case))
    yield "drill", "No head is needed: the drill", "engineer", list(_drill(case))


def _read(case: Case, name: str) -> Any:
    try:
        return case.artifact(name)[0]
    except LackingError:
        return None


def _what(case: Case) -> Iterator[dict[str, Any]]:
    """What it is for, whether it may be used, how good it is, and of which data."""
    objective = case.settings.get("objective") or {}
    if asked := objective.get("question"):
        yield blocks.text(str(asked))
    decision = _read(case, "decision")
    may = f"The model is {decision['sentence']}." if decision else "Nothing was decided yet: regrow run."
    yield blocks.text(f"{may} Commit {case.commit[:10]}, {case.commit_itself(case.commit).day}.")
    metrics = _read(case, "metrics")
    key = next(iter((case.settings.get("evaluation") or {}).get("metrics") or {}), "")
    if metrics and key in metrics:
        yield blocks.number(key, "metrics", key)
        yield blocks.number("rows held out", "metrics", "rows")
    told = [("Decision", objective.get("decision")), ("Owner", objective.get("owner"))]
    told += [("Model", case.settings["model"]["use"]), ("Raw data", case.pipeline.project.sources.get("raw", ""))]
    told += [("Plugins", ", ".join(case.pipeline.project.plugins))]
    yield blocks.table("What there is", ["", ""], [[what, str(value or "not said")] for what, value in told])


def available(case: Case) -> set[str]:
    """Commands that there are here; "remote" where DVC has one, "rollback in prod" where there is something before."""
    names = {*layout.COMMANDS, *case.pipeline.plugins.commands}
    names |= {name for name in layout.ELSEWHERE if _installed(layout.ELSEWHERE[name])}
    config = case.root / ".dvc/config"
    if config.is_file() and "[remote" in config.read_text(encoding="utf-8").replace("['remote", "[remote"):
        names.add("remote")
    if len(model_tags.moves(case.root, "prod")) > 1:
        names.add("rollback in prod")
    return names


def _installed(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package.replace("-", "_")) is not None


def tasks(case: Case) -> list[tuple[str, tuple[str, ...]]]:
    """What can be done in this project, and the commands."""
    here, raw = available(case), case.pipeline.project.sources.get("raw", RAW)
    return [
        (what, tuple(one.replace(RAW, raw) for one in commands))
        for what, commands, needs in TASKS
        if not needs or needs in here
    ]


def _commands(case: Case) -> dict[str, Any]:
    rows = [[what, " && ".join(commands)] for what, commands in tasks(case)]
    return blocks.table("Commands, in the project's folder", ["To", "Type"], rows,
                        "In a shell with .venv/bin on its path: source .venv/bin/activate")  # fmt: skip


def _risks(case: Case) -> Iterator[dict[str, Any]]:
    if not (case.root / governance.RISK).is_file():
        yield blocks.text(
            f"There is no {governance.RISK}: nobody wrote down what could happen. regrow govern init begins one."
        )
        return
    register = governance.here(case.root, governance.RISK, Register)
    rows = []
    for name, risk in register.all():
        lacking = f"not answered: {', '.join(risk.unanswered)}" if risk.unanswered else "answered"
        stands = ", ".join(map(str, risk.mitigation)) or "nothing"
        rows.append([f"{name}\n{risk.answer or risk.question}", risk.tier, risk.owner or "nobody", stands,
                     str(risk.review or ""), lacking])  # fmt: skip
    columns = ["Risk", "Tier", "Owner", "Against it", "Review", "State"]
    yield blocks.table(f"Of {governance.RISK}", columns, rows)


def _runbooks(case: Case) -> Iterator[dict[str, Any]]:
    inside = tuple(f"{one}/" for one in RUNBOOKS)
    found = [path for path in sorted(case.files) if path.endswith(".md") and path.startswith(inside)]
    rows = [[_title(case, path), path] for path in found]
    if rows:
        yield blocks.table("Written down", ["What", "Where"], rows)
    else:
        yield blocks.text(f"There is none. {RUNBOOKS[0]}/*.md are listed here: one for each alarm and each open risk.")


def _title(case: Case, path: str) -> str:
    """Its first line."""
    text = (case.root / path).read_text(encoding="utf-8") if (case.root / path).is_file() else ""
    return next((line.lstrip("# ").strip() for line in text.splitlines() if line.strip()), path)


def _who(case: Case) -> Iterator[dict[str, Any]]:
    found = known(case.pipeline, case.commit)
    rows: list[list[Any]] = []
    for one in found:
        people = "\n".join(f"{name}: {count}" for name, count in one.people) or "nobody yet"
        rows.append([one.stage, people, one.bus_factor, ", ".join(one.paths)])
    alone = [one.stage for one in found if one.bus_factor == 1]
    if alone:
        yield blocks.text(f"One person made more than half of the commits of {len(alone)} of {len(found)} stages: "
                          f"{', '.join(alone)}.")  # fmt: skip
    caption = (
        "Commits to settings, raw data and own code that a stage stands on. Bus factor: the fewest people who made "
    )
    caption += "more than half of them. Commits are a poor measure of knowing."
    yield blocks.table("By stage", ["Stage", "People, commits", "Bus factor", "Stands on"], rows, caption)


def bare_machine(case: Case) -> list[str]:
    """The commands that grow this commit again where there is nothing but Git, Python and make."""
    origin = git.lines(case.root, "remote", "get-url", "origin")
    address = origin[0] if origin else "ADDRESS"
    if "@" in address.partition("://")[2]:  # no password on a page
        address = "://".join((address.partition("://")[0], address.partition("://")[2].rpartition("@")[2]))
    pull = [".venv/bin/dvc pull"] if "remote" in available(case) else []
    return [
        f"git clone {address} again",
        "cd again",
        "make setup",
        *pull,
        f".venv/bin/regrow replay {case.commit[:10]}",
    ]


def _drill(case: Case) -> Iterator[dict[str, Any]]:
    words = "Replaying on a bare machine shows that what is in the repository is enough. It ends in 0 if every output "
    yield blocks.text(f"{words}comes out as it was recorded.")
    rows: list[list[Any]] = [[str(n), line] for n, line in enumerate(bare_machine(case), 1)]
    yield blocks.table("On a machine with git, Python 3.11 and make", ["", "Type"], rows)
    try:
        told = f"{case.workflow('regrow', 'replay', 'HEAD').path} does this for every push."
    except LackingError as error:
        told = f"Nothing does this by itself: {error}."
    if "remote" not in available(case):
        told += " There is no DVC remote, so the raw data are on this machine alone: "
        told += "dvc remote add --default storage URL."
    yield blocks.text(told)
    missing: Mapping[str, Any] = case.files
    if layout.REQUIREMENTS not in missing:
        yield blocks.text(f"{layout.REQUIREMENTS} is not in Git: nobody can build the environment.")

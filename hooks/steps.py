"""What makes a project of the rendered files: data, wheels and lock, the compiled pipeline, the first commit."""

import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import repository
import tables
import versioned
import wheels
from texts import quoted

# In every project beside regrow: commands for commits already made, and what tests of components stand on.
ALWAYS = ("history", "testing")
SAMPLE = ("flights.csv.gz", "weather.csv.gz", "planes.csv.gz")
TASKS = ("binary", "multiclass", "regression")
FLIGHTS_ONLY = (
    "conf/data/flights.yaml",
    "conf/data/flights_common.yaml",
    "conf/data/flights_full.yaml",
    "conf/experiment/best.yaml",
    "conf/features/flights.yaml",
)
REMOTES = {"s3": "dvc-s3", "gs": "dvc-gs", "azure": "dvc-azure", "ssh": "dvc-ssh", "hdfs": "dvc-hdfs", "oss": "dvc-oss",
           "webdav": "dvc-webdav", "webdavs": "dvc-webdav", "gdrive": "dvc-gdrive"}  # fmt: skip
OWN_ONLY = ("conf/data/own.yaml", "conf/features/default.yaml")


def finish(context: dict, template: Path) -> str | int:
    """What the hook hands to sys.exit. A message makes cookiecutter remove the project again."""
    answers, project = context["answers"], Path.cwd()
    try:
        keep_chosen(answers, project)
        copy_data(answers, template, project)
        versioned.add(project / "data/raw", project)
        built = add_wheels(template.parents[1], project)
        compiled = compile_pipeline(project, built)
        usual_modes(project)
        top = repository.create(project, answers["author"])
    except (OSError, RuntimeError, ValueError) as error:
        return f"\nThe project was not made: {error}\n"
    print(farewell(answers, compiled, top))
    return 0


def keep_chosen(answers: dict, project: Path) -> None:
    """Remove the settings for other tasks and other data than the answers'."""
    for name in OWN_ONLY if answers["data"] == "flights" else FLIGHTS_ONLY:
        (project / name).unlink()
    for task in TASKS:
        if task != answers["task"]:
            (project / f"conf/evaluation/{task}.yaml").unlink()


def copy_data(answers: dict, template: Path, project: Path) -> None:
    """Copy the sample or the user's file to data/raw; conf/data/own.yaml is told how to read the latter."""
    raw = project / "data/raw"
    raw.mkdir(parents=True, exist_ok=True)
    if answers["data"] == "flights":
        for name in SAMPLE:
            shutil.copyfile(template.parent / "sample" / name, raw / name)
        return
    file = tables.find(answers["data"], [os.environ.get("PWD", ""), answers["_output_dir"]])
    shutil.copyfile(file, raw / file.name)
    settings = project / "conf/data/own.yaml"
    settings.write_text(settings.read_text("utf-8").replace("@READER@", reader(file, answers["target"])), "utf-8")


def reader(file: Path, target: str) -> str:
    """The settings that read a file: a YAML mapping on one line. What is as usual is left out."""
    if tables.ending(file) == ".parquet":
        return f"{{use: parquet, file: {quoted(file.name)}}}"
    table = tables.read(file, target)
    said = {"separator": (table.separator, ","), "decimal": (table.decimal, "."), "encoding": (table.encoding, "utf-8")}
    more = "".join(f", {key}: {_scalar(value)}" for key, (value, usual) in said.items() if value != usual)
    more += "".join(f", {key}: {lines}" for key in ("skip_rows", "skip_footer") if (lines := getattr(table, key)))
    more += f", comment: {quoted(table.comment)}" if table.comment else ""
    return f"{{use: csv, file: {quoted(file.name)}{more}}}"


def _scalar(text: str) -> str:
    return '"\\t"' if text == "\t" else quoted(text)


def plugins_of(project: Path) -> list[str]:
    """Those that pyproject.toml says are in use, sorted."""
    return sorted(tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["regrow"]["plugins"])


def add_wheels(checkout: Path, project: Path) -> dict[str, str]:
    """Build regrow, its packages for every project and the plugins in use into vendor/, and pin them by hash.

    Returns name -> version.
    """
    versions = {}
    asked, pinned = "", ""
    names = sorted({*ALWAYS, *plugins_of(project)})
    for package in (checkout, *(checkout / "plugins" / f"regrow-{name}" for name in names)):
        wheel = wheels.build(package, project / "vendor")
        name, version = wheel.name.split("-")[:2]
        name = name.replace("_", "-")
        versions[name] = version
        asked += f"{name}=={version}\n"
        pinned += f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
    with (project / "requirements.in").open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(asked)
    lock = project / "requirements.lock"
    entries = re.split(r"^(?=[a-z0-9])", lock.read_text("utf-8") + pinned, flags=re.MULTILINE)
    in_order = sorted(entries, key=lambda entry: entry.split("==")[0])  # as `make lock` would have them
    lock.write_text("".join(in_order), "utf-8", newline="\n")
    return versions


def compile_pipeline(project: Path, built: dict[str, str]) -> bool:
    """Let regrow write dvc.yaml, params.yaml and fingerprints/, if the Python that runs this has the very versions.

    Otherwise `make setup` does it. Says why if regrow refuses; the project can be mended then.
    """
    try:
        if any(importlib.metadata.version(name) != version for name, version in built.items()):
            return False
    except importlib.metadata.PackageNotFoundError:
        return False
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "regrow", "compile"]
    done = subprocess.run(
        command,
        check=False,
        cwd=project,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        print(
            f"`regrow compile` did not succeed; mend it and run it again in the project:\n{done.stderr}",
            file=sys.stderr,
        )
    return done.returncode == 0


def usual_modes(project: Path) -> None:
    """0644 and 0755 whatever the umask: the same answers give the same files. The cache's objects stay read-only."""
    for path in project.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
        elif not path.is_relative_to(project / ".dvc/cache"):
            path.chmod(0o644)
    project.chmod(0o755)


def farewell(answers: dict, compiled: bool, top: Path | None = None) -> str:
    """What to do next. top: of the repository that the project is a part of, None where it has its own."""
    package = REMOTES.get(answers["dvc_remote"].split("://")[0])
    where = "a Git repository" if top is None else f"a part of the Git repository {top}, its files staged,"
    lines = ["", f"{answers['__folder']} is {where} with its data under DVC. Next:", f"    cd {answers['__folder']}"]
    if top is not None:
        lines += [f'    git commit -m "{repository.MESSAGE}" -- .']
    lines += [
        "    make setup             # its own .venv from requirements.lock" + ("" if compiled else "; writes dvc.yaml")
    ]
    lines += ["    make run               # regrow run: metrics.json, report.html"]
    if package:
        lines += [f"This remote needs {package}: add a line with it to requirements.in, then make lock && make setup"]
    return "\n".join(lines)

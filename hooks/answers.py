"""The answers, checked before anything is written. All that is wrong is told at once, with what is allowed."""

import json
import keyword
import os
import re
import shutil
import sys
from pathlib import Path

import tables
import texts

SLUG = re.compile(r"[a-z][a-z0-9-]{1,49}")
PACKAGE = re.compile(r"[a-z][a-z0-9_]{1,49}")
REMOTE = re.compile(r"([a-z][a-z0-9+.-]*://|/)[^\s\"'#\\%]([^\"'#\\%]|%[0-9A-Fa-f]{2})*")
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
TASKS = ("binary", "multiclass", "regression")
FOLDERS = {"conf", "data", "src", "test", "tests"}
IMPORTED = {
    "dateutil",
    "git",
    "hydra",
    "hydra_plugins",
    "pil",
    "pip",
    "regrow",
    "sklearn",
    "yaml",
}  # named unlike their package
NO_TEMPLATE = "may not hold " + ", ".join(texts.JINJA) + ": cookiecutter would take it for a template"
TEMPLATE_PROJECT = "{{cookiecutter.__folder}}"


def refuse(context: dict, template: Path) -> str | int:
    """What a hook hands to sys.exit: 0, or the message. `template` is the folder of cookiecutter.json."""
    problems = []
    if any(Path.cwd().iterdir()):
        problems.append(
            "the project's folder is there already and not empty: choose another project_slug or --output-dir"
        )
    problems += unrendered(context["raw"], context["answers"], template)
    return message([*problems, *unfit(context["answers"], template)]) or 0


def unfit(answers: dict, template: Path) -> list[str]:
    """What is wrong with rendered answers, and with this machine."""
    problems = [] if shutil.which("git") else ["git is not on the PATH, and a project is a Git repository: install git"]
    if answers["task"] not in TASKS:
        meant = ": two classes are binary, more are multiclass" if answers["task"] == "classification" else ""
        problems.append(wrong("task", answers["task"], f"must be {', '.join(TASKS[:-1])} or {TASKS[-1]}{meant}"))
    return problems + names(answers, template) + free_texts(answers) + remote(answers["dvc_remote"]) + data(answers)


def message(problems: list[str]) -> str:
    """All problems in one text; empty if there are none."""
    if not problems:
        return ""
    lines = "\n".join(f"  - {problem}" for problem in problems)
    return (
        f"\nNothing was written. {'This answer' if len(problems) == 1 else 'These answers'} can't be used:\n{lines}\n"
    )


def wrong(question: str, answer: str, allowed: str) -> str:
    """One problem, in the one form they all have."""
    return f"{question} = {texts.shown(answer)}: {allowed}"


def unrendered(raw: dict, answers: dict, template: Path) -> list[str]:
    """Answers that hold Jinja. cookiecutter evaluates those of the command line before any hook: look at both."""
    defaults = json.loads((template / "cookiecutter.json").read_text("utf-8"))
    found = []
    for question, default in defaults.items():
        if question.startswith("_"):
            continue
        given = raw.get(question, default)
        for text in (given if given != default else "", answers.get(question, "")):
            if isinstance(text, str) and texts.holds_template(text):
                found.append(wrong(question, text, NO_TEMPLATE))
                break
    return found


def names(answers: dict, template: Path) -> list[str]:
    """What is wrong with the folder's and the package's name."""
    slug, package = answers["project_slug"], answers["package_name"]
    found = []
    if not SLUG.fullmatch(slug) or slug.endswith("-") or "--" in slug:
        found.append(wrong("project_slug", slug, "2 to 50 of a-z, 0-9 and single -, a letter first and no - last"))
    elif slug in DEVICES:
        found.append(wrong("project_slug", slug, "is a device on Windows and can't be a folder there: add a word"))
    elif answers.get("__folder", slug) != slug:
        found.append(wrong("__folder", answers["__folder"], "is not a question: it follows from project_slug"))
    if not PACKAGE.fullmatch(package):
        found.append(wrong("package_name", package, "2 to 50 of a-z, 0-9 and _, a letter first"))
    elif keyword.iskeyword(package):
        found.append(wrong("package_name", package, "is a keyword of Python: no import could name it"))
    elif package in DEVICES:
        found.append(wrong("package_name", package, "is a device on Windows and can't be a folder there: add a word"))
    elif (
        package.startswith("regrow_")
        or package in sys.stdlib_module_names
        or package in FOLDERS | IMPORTED | locked(template)
    ):
        found.append(
            wrong("package_name", package, "would hide a module of that name that the project itself needs: add a word")
        )
    return found


def locked(template: Path) -> set[str]:
    """Importable names that the locked packages probably take: their own, with _ for -."""
    lock = template / TEMPLATE_PROJECT / "requirements.lock"
    return {name.replace("-", "_") for name in re.findall(r"^([a-z0-9-]+)==", lock.read_text("utf-8"), re.MULTILINE)}


def free_texts(answers: dict) -> list[str]:
    """Name, author, data and target are free text, within reason."""
    found = []
    for question in ("project_name", "author", "data", "target", "dvc_remote"):
        text = answers[question]
        if reason := texts.unfit(text):
            found.append(wrong(question, text, reason))
        elif not text.strip() and question in {"project_name", "author", "data"}:
            found.append(wrong(question, text, "may not be empty"))
        elif question in {"data", "target"} and "${" in text:
            found.append(wrong(question, text, "may not hold ${, which the settings would take for an interpolation"))
    return found


def remote(url: str) -> list[str]:
    """What is wrong with the DVC remote, which becomes part of .dvc/config and so of Git."""
    if not url or texts.unfit(url):
        return []
    if not REMOTE.fullmatch(url):
        allowed = "an address like s3://bucket/path or ssh://host/path, or an absolute folder, without quotes, # and \\"
        return [wrong("dvc_remote", url, f"{allowed}; or leave it empty and use `dvc remote add` later")]
    if re.match(r"[^/]*://[^/]*:[^/]*@", url):
        hidden = re.sub(r"//.*@", "//***@", url)
        return [
            wrong(
                "dvc_remote",
                hidden,
                "holds a password, which would be committed; keep it in `dvc remote modify --local`",
            )
        ]
    return []


def data(answers: dict) -> list[str]:
    """What is wrong with the data and its target column."""
    source, target, task = answers["data"], answers["target"], answers["task"]
    if source == "flights":
        found = (
            []
            if not target
            else [wrong("target", target, "leave it empty: for flights it is the delay on arrival, arr_delay")]
        )
        if task == "multiclass":
            found.append(
                wrong("task", task, "the flights sample has no target of several classes: choose binary or regression")
            )
        return found
    if texts.unfit(source) or texts.unfit(target) or not source.strip():
        return []
    file = tables.find(source, [os.environ.get("PWD", ""), answers.get("_output_dir", ".")])
    return [wrong(question, answers[question], reason) for question, reason in tables.unusable(file, target, task)]

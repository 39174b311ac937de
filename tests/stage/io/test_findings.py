"""The fix that goes with a finding names the right line to write: source, need, artifact, or what else to do."""

import tomllib
from dataclasses import replace

import pytest

from regrow.plugin.declare import NAME, Artifact, Stage
from regrow.stage.io.findings import Declarations, Undeclared, problems

STAGE = Stage("make", "data", "p.work:build", needs=["raw"], makes=[Artifact("table", "table")])
DECLARED = Declarations(
    {"raw": "data/raw", "prices": "data/prices"},
    {"table": STAGE.makes[0], "scores": Artifact("scores", "metrics", path="scores.json")},
)


def told(what: str, target: str, inside: bool = True, declared=DECLARED, stage=STAGE) -> str:
    (problem,) = problems([Undeclared(what, target, "src/p/work.py:3, in build", inside)], stage, declared)
    return str(problem)


def test_a_problem_says_what_and_where():
    text = told("reads", "data/extra.csv")
    assert text.startswith(
        "stage make, src/p/work.py:3, in build: reads data/extra.csv, which it did not declare\n    "
    )
    assert told("connects", "a.b:80", False).partition("\n")[0].endswith("connects to a.b:80, which it did not declare")


def test_a_file_of_the_project_becomes_a_source():
    assert told("reads", "data/extra.csv").splitlines()[1:] == [
        "    dvc add data/extra.csv    (if neither Git nor DVC has it)",
        '    in pyproject.toml, [tool.regrow.sources]: extra = "data/extra.csv"',
        '    in Stage("make", ...): needs=["raw", "extra"]',
        "    and let build(...) take it as the argument `extra`; then: regrow compile",
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("data/New Prices (2).csv.gz", "new_prices_2"),
        ("data/2024.csv", "data_2024"),
        ("data/raw.csv", "raw_2"),
        ("data/table.txt", "table_2"),
        ("data/class.csv", "class_2"),
        ("data/settings.json", "settings_2"),
        ("data/größe.csv", "gr_e"),
        ("data/.hidden", "data"),
        ("data/" + "x" * 90, "x" * 60),
    ],
)
def test_its_name_is_a_new_and_valid_one(path, name):
    assert f'{name} = "{path}"' in told("reads", path)
    assert NAME.fullmatch(name)
    line = next(line for line in told("reads", path).splitlines() if "sources]: " in line)
    assert tomllib.loads(line.partition("sources]: ")[2]) == {name: path}


@pytest.mark.parametrize(
    ("path", "name"), [("scores.json", "scores"), ("data/prices/2024.csv", "prices"), ("data/prices", "prices")]
)
def test_what_is_declared_already_needs_the_need_alone(path, name):
    text = told("reads", path)
    assert f'needs=["raw", "{name}"]' in text
    assert "sources" not in text
    assert "dvc add" not in text


# (what, target, inside) -> what the fix says, and what it does not
ELSE = {
    "its own output": (("reads", "data/table.parquet", True), "can't need what it makes", "needs="),
    "settings": (("reads", "conf/config.yaml", True), 'params=[..., "KEY"]', "sources"),
    "params.yaml": (("reads", "params.yaml", True), 'params=[..., "KEY"]', "sources"),
    "the lock": (("reads", "dvc.lock", True), "no stage can depend on it", "sources"),
    "the cache": (("reads", ".dvc/cache/files/md5/00/1", True), "no stage can depend on it", "sources"),
    "a loose module": (("reads", "tools/helper.py", True), "move the module below src/", "sources"),
    "data in src": (
        ("reads", "src/p/x.csv", True),
        "mv src/p/x.csv data/x.csv\n    dvc add data/x.csv",
        'src/p/x.csv"',
    ),
    "a folder": (("lists", "data/more", True), 'more = "data/more"', "stages write there"),
    "a folder that stages write to": (("lists", "data", True), "a folder of their own", '"data"'),
    "the project": (("lists", ".", True), "a folder of their own", '"."'),
    "a file elsewhere": (
        ("reads", "/mnt/a b/x.csv", False),
        "cp -r '/mnt/a b/x.csv' data/x.csv\n    dvc add data/x.csv",
        '"/mnt',
    ),
    "a table": (("writes", "out/x.parquet", True), 'Artifact("x", "table", path="out/x.parquet")', "TYPE"),
    "a JSON": (("writes", "x.json", True), 'Artifact("x", "record", path="x.json")', "TYPE"),
    "a CSV": (("writes", "x.csv", True), 'Artifact("x", "curve", path="x.csv")', "TYPE"),
    "a page": (("writes", "x.html", True), 'Artifact("x", "report", path="x.html")', "TYPE"),
    "another file": (("writes", "x.log", True), 'Artifact("x", "TYPE")', "path="),
    "a table elsewhere": (("writes", "/mnt/x.parquet", False), 'Artifact("x", "table")', "path="),
    "its own output, by itself": (("writes", "data/table.parquet", True), 'return {"table": ...}', "makes="),
    "an input": (("writes", "data/raw/x.txt", True), "work on a copy", "makes="),
    "another's output": (("writes", "scores.json", True), "'scores' is not this stage's to change", "makes="),
    "a server": (("connects", "example.org:443", False), "fetch it once into a file", "makes="),
    "a program": (("starts", "curl", False), "call a library in its place", "dvc add"),
}


@pytest.mark.parametrize("name", ELSE)
def test_what_to_do_with(name):
    finding, said, unsaid = ELSE[name]
    text = told(*finding)
    assert said in text
    assert unsaid not in text


@pytest.mark.parametrize("what", ["reads", "writes"])
def test_a_stage_of_an_installed_plugin_is_not_the_users_to_change(what):
    text = told(what, "data/extra.csv", declared=replace(DECLARED, package="shop"))
    assert "the stage is of the plugin p, which says what it" in text
    assert "in a stage of your own" in text
    assert "Stage(" not in text
    assert "sources" not in text
    own = told(what, "data/extra.csv", declared=replace(DECLARED, package="p"))
    assert own == told(what, "data/extra.csv")


def test_many_files_of_a_folder_are_one_problem():
    findings = [Undeclared("reads", f"data/more/{n}.csv", "w.py:3, in f", True) for n in range(5)]
    findings += [
        Undeclared("reads", "data/other.csv", "w.py:3, in f", True),
        Undeclared("lists", "data/more", "w.py:2, in f", True),
    ]
    findings += [Undeclared("lists", "data/more/b", "w.py:2, in f", True)]
    texts = [str(problem) for problem in problems(findings, STAGE, DECLARED)]
    assert len(texts) == 3
    assert "reads 5 files in data/more, which it did not declare: data/more/0.csv, ..." in texts[0]
    assert 'more = "data/more"' in texts[0]


def test_without_knowing_the_project_it_still_helps():
    (problem,) = problems([Undeclared("reads", "data/extra.csv", "w.py:3, in f", True)], STAGE)
    assert 'extra = "data/extra.csv"' in problem.fix

"""A stage that makes something wrong fails, says what, and nothing of it is recorded. Assumptions stop the pipeline."""

import shutil

import pytest
from tests.conftest import Tree

PLUGIN = '''"""A stage of the project's own."""

from regrow import Artifact, Stage


def regrow_stages():
    makes = [Artifact("sums", "metrics"), Artifact("picture", "plot"), Artifact("rows", "table")]
    return [Stage("extra", "evaluation", "late_flights.extra:extra", needs=["table"], makes=makes)]


'''
GOOD = '''"""The stage `extra`."""

SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'


def extra(table, settings):
    """Three outputs."""
    return {"sums": {"rows": len(table)}, "picture": SVG, "rows": table.head(3)}
'''
PATHS = ["metrics/sums.json", "plots/picture.svg", "data/rows.parquet"]


@pytest.fixture(scope="module")
def extra(pristine, tmp_path_factory) -> Tree:
    """The project with a stage of its own, run and committed; shared, so each test puts the code back."""
    root = tmp_path_factory.mktemp("outputs") / pristine.root.name
    shutil.copytree(pristine.root, root, symlinks=True)
    tree = Tree(root, pristine.environment)
    tree.write("src/late_flights/plugin.py", PLUGIN + tree.read("src/late_flights/plugin.py").split('"""', 2)[2])
    tree.write("src/late_flights/extra.py", GOOD)
    tree.run("regrow", "compile")
    assert tree.repro() == ["compile", "extra", "decide", "report"], "gates and report see all metrics"
    tree.commit()
    return tree


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"sums": {"rows": len(table)}, ', "", ["output 'sums' is missing"]),
        ('{"rows": len(table)}', "{}", ["output 'sums'", "is empty"]),
        ('{"rows": len(table)}', '{"rows": float("nan")}', ["output 'sums'", "rows is nan"]),
        ('{"rows": len(table)}', '{"rows": "many"}', ["output 'sums'", "not a number"]),
        ('"picture": SVG', '"picture": SVG[:-3]', ["output 'picture'", "not whole SVG"]),
        ('"picture": SVG', '"picture": ""', ["output 'picture'", "is empty"]),
        ('"picture": SVG', '"picture": None', ["output 'picture'", "NoneType"]),
        ("table.head(3)", "table.head(0)", ["output 'rows'", "has no rows"]),
        ("table.head(3)", "table.to_numpy()", ["output 'rows'", "DataFrame", "ndarray"]),
        ('"rows": table.head(3)}', '"rows": table.head(3), "more": 1}', ["output 'more' is not among"]),
        ("    return {", "    return [] and {", ["must return a dict"]),
        (
            "    return {",
            "    raise RuntimeError('no luck')\n    return {",
            ["RuntimeError: no luck", "extra.py:", "extra"],
        ),
        ("    return {", "    import no_such_module\n    return {", ["no_such_module"]),
    ],
)
def test_a_wrong_output_fails_the_stage_and_nothing_is_recorded(extra, old, new, told):
    extra.edit("src/late_flights/extra.py", old, new)
    before = extra.read("dvc.lock").split("  extra:")[1]
    output = extra.fails("dvc", "repro")
    assert [word for word in told if word not in output] == [], output
    assert extra.read("dvc.lock").split("  extra:")[1] == before
    there = [path for path in PATHS if (extra.root / path).exists()]
    assert there == ["metrics/sums.json"], "the old one that Git holds is back; DVC removed the others, and none is new"
    assert "metrics/sums.json" not in extra.changed()
    extra.run("git", "checkout", "--", ".")
    extra.run("dvc", "checkout")


def test_an_input_that_was_damaged_is_named(extra):
    table = extra.root / "data/table.parquet"
    whole = table.read_bytes()
    table.chmod(0o644)
    table.write_bytes(whole[: len(whole) // 2])
    output = extra.fails("regrow", "stage", "extra")
    table.write_bytes(whole)
    assert "data/table.parquet: can't be read as a table" in output
    assert "dvc checkout" in output


def test_a_failed_assumption_stops_the_pipeline_and_a_warning_does_not(project):
    project.edit(
        "conf/data/flights_common.yaml",
        "  enough_flights:\n",
        """\
  far_enough:
    use: range
    column: distance
    min: 200
    says: every flight covers two hundred miles
    owner: operations
    severity: warn
  enough_flights:
""",
    )
    ran = project.repro()
    assert ran[:2] == ["compile", "validate"]
    assert "train" not in ran
    assert "every flight covers two hundred miles" in project.read("report.html")
    project.commit()
    project.edit(
        "conf/data/flights_common.yaml",
        "owner: operations\n    severity: warn",
        "owner: operations\n    severity: error",
    )
    output = project.fails("dvc", "repro")
    assert "distance" in output
    assert "every flight covers two hundred miles" in output
    assert "operations" in output
    assert "Running stage 'report'" not in output
    project.edit("conf/data/flights_common.yaml", "column: distance\n    min: 200", "column: distnce\n    min: 200")
    assert "did you mean 'distance'" in project.fails("dvc", "repro")

"""The command line: quick to start, errors as text, exit codes as promised."""

import subprocess
import sys

import pytest

from regrow import cli
from regrow.base.errors import Exit, Problem, RegrowError
from regrow.layout import ELSEWHERE

HEAVY = [
    "dvc",
    "hydra",
    "omegaconf",
    "pandas",
    "sklearn",
    "pydantic",
    "numpy",
    "pyarrow",
    "yaml",
    "ruamel.yaml",
    "pluggy",
]
SCRIPT = (
    "import sys\nfrom regrow.cli import main\nsys.argv = ['regrow', *sys.argv[1:]]\ntry:\n    main()\n"
    "except SystemExit as end:\n    code = end.code\n"
    f"print('LOADED', code, *[name for name in {HEAVY!r} if name in sys.modules])\n"
)


def run(*arguments: str, cwd=None, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "regrow", *arguments]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env={"NO_COLOR": "1", **environment}
    )


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["-h"], *([name, "--help"] for name in (*cli.COMMANDS, *ELSEWHERE))],
    ids=" ".join,
)
def test_help_and_version_import_nothing_heavy(arguments, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.splitlines()[-1].split()
    allowed = {"pluggy"} if arguments != ["--version"] else set()  # for what packages bring
    assert loaded[:2] == ["LOADED", "0"]
    assert set(loaded[2:]) <= allowed
    assert len(done.stdout) > 20


def test_help_lists_the_commands_in_the_order_of_the_flow():
    text = run("--help").stdout
    places = [text.index(f"\n  {name} ") for name in cli.COMMANDS]
    assert places == sorted(places)


def test_an_unknown_command_is_told_with_the_nearest(tmp_path):
    done = run("compil", cwd=tmp_path)
    assert done.returncode == 1
    assert "no command 'compil'; did you mean 'compile'?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["compile"], ["compile", "--check"], ["stage", "x"], ["explain"], ["plugins"], ["doctor"], ["adopt"], ["run"]],
    ids=" ".join,
)
def test_outside_a_project(arguments, tmp_path):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert "this is not a regrow project" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["stage"], ["compile", "--no-such"], ["explain", "a", "b"]], ids=" ".join)
def test_wrong_usage(arguments, tmp_path):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert "Usage" in done.stderr


def ends(monkeypatch, capsys, error: BaseException) -> tuple[object, str]:
    def broken(**_):
        raise error

    monkeypatch.setattr(cli, "cli", broken)
    monkeypatch.delenv("REGROW_TRACEBACK", raising=False)
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code, capsys.readouterr().err


@pytest.mark.parametrize("code", Exit)
def test_every_error_is_text_and_its_exit_code(monkeypatch, capsys, code):
    assert ends(monkeypatch, capsys, RegrowError("is odd", where="a: b", fix="mend\nit", code=code)) == (
        int(code),
        "regrow: a: b: is odd\n    mend\n    it\n",
    )


def test_several_problems_are_told_at_once(monkeypatch, capsys):
    _, text = ends(monkeypatch, capsys, RegrowError.of([Problem("one"), Problem("two", "here")]))
    assert text == "regrow: one\nhere: two\n"


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), KeyError("k"), RecursionError()])
def test_an_error_of_our_own_shows_no_traceback(monkeypatch, capsys, error):
    code, text = ends(monkeypatch, capsys, error)
    assert code == 1
    assert "REGROW_TRACEBACK=1" in text
    assert "Traceback" not in text


def test_an_error_of_the_system_names_the_file(monkeypatch, capsys):
    assert ends(monkeypatch, capsys, PermissionError(13, "Permission denied", "dvc.yaml")) == (
        1,
        "regrow: Permission denied: dvc.yaml\n",
    )


def test_interrupting(monkeypatch, capsys):
    assert ends(monkeypatch, capsys, KeyboardInterrupt())[0] == 130


def test_a_session(small):
    def regrow(*arguments: str):
        return run(*arguments, cwd=small.root)

    first = regrow("compile")
    assert "wrote dvc.yaml" in first.stdout, first.stderr
    assert regrow("compile").stdout == "all is compiled already\n"
    assert regrow("compile", "--check").stdout == "all is compiled\n"
    small.edit("conf/config.yaml", "rows: 3", "rows: 4")
    stale = regrow("compile", "--check")
    assert stale.returncode == 1
    assert "params.yaml: is not what regrow compile would write" in stale.stderr
    listed = regrow("plugins")
    assert (listed.returncode, "make, score" in listed.stdout) == (0, True)
    assert regrow("stage", "nope").returncode == 1
    done = subprocess.run(
        [sys.executable, "-m", "regrow", "compile"],
        cwd=small.root / "conf/metric",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "wrote params.yaml" in done.stdout, "also from a folder inside"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_broken_plugin_that_is_in_use_is_no_success(small, options):
    small.write(small.code("plugin"), "1 / 0\n")
    done = run("plugins", *options, cwd=small.root)
    assert done.returncode == 1
    assert "division by zero" in done.stdout

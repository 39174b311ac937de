"""Settings that DVC parses once: what it reads is what stands in the file, whoever changed what was read before."""

from pathlib import Path

import pytest
from dvc.dependency import param
from dvc.fs import LocalFileSystem
from dvc.utils.serialize import YAMLFileCorruptedError

from regrow.tools.dvc_patches import params


@pytest.fixture
def parsed(monkeypatch) -> list[str]:
    """The files that DVC itself parses; its reader is as it was afterwards."""
    names: list[str] = []

    def load(path: str, fs: object, **options: object) -> object:
        names.append(Path(path).name)
        return real(path, fs, **options)

    real = param.load_path
    monkeypatch.setattr(param, "load_path", load)
    return names


def read(file: Path, *keys: str) -> dict[str, object]:
    return param.read_param_file(LocalFileSystem(), str(file), list(keys) or None)


def test_a_file_is_parsed_again_when_it_says_something_else(tmp_path, parsed):
    file = tmp_path / "params.yaml"
    file.write_text("a: {b: 1}\nc: x\n")
    with params.parsed_once():
        assert [read(file, "a.b"), read(file, "c"), read(file)] == [
            {"a": {"b": 1}},
            {"c": "x"},
            {"a": {"b": 1}, "c": "x"},
        ]
        assert parsed == ["params.yaml"]
        file.write_text("a: {b: 2}\nc: x\n")
        assert read(file)["a"] == {"b": 2}
    read(file)
    assert len(parsed) == 3


def test_what_a_caller_changes_is_its_own(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text("a: {b: [1]}\n")
    with params.parsed_once():
        read(file)["a"]["b"].append(2)
        assert read(file) == {"a": {"b": [1]}}


@pytest.mark.parametrize(
    ("name", "text"), [("p.toml", "[a]\nb = 1\n"), ("p.json", '{"a": {"b": 1}}'), ("p.py", "a = {'b': 1}\n")]
)
def test_other_formats_are_read_as_dvc_reads_them(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with params.parsed_once():
        assert [read(tmp_path / name) for _ in range(2)] == [{"a": {"b": 1}}] * 2


def test_a_file_that_is_no_yaml_is_refused_each_time(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text("a: [1\n")
    with params.parsed_once():
        for _ in range(2):
            with pytest.raises(YAMLFileCorruptedError):
                read(file)
    file.write_text("a: 1\n")

"""The settings of many experiments, read together: what each by itself would give."""

import pytest

from regrow.base.yaml_files import read_yaml
from regrow.record.metrics import flat
from regrow_history.experiments import columns
from regrow_history.experiments.columns import groups, read_all

TEXTS = {
    "nested": "model:\n  use: linear\n  C: 1.0\n  inner:\n    deep: {a: 1, b: [1, 2]}\n    more: null\nseed: 3\n",
    "lists below keys": "leaks:\n- a\n- b\nsteps:\n  first:\n  - 1\n  - x: 2\n  second: 2\n",
    "texts of several lines": "a:\n  folded: one\n    two\n\n    three\n  c: 'x\n\n    y'\nd: 1\n",
    "a block of text": "a:\n  block: |\n    # no comment\n    b: 1\n\n    c: 2\n  d: 3\n",
    "comments and empty lines": "# first\na:\n  # inside\n  b: 1\n\n  c: 2\n# between\nd:\n\n  e: 1\n",
    "keys that are no texts": "true:\n  a: 1\nnull:\n  a: 1\n12:\n  a: 1\nyes:\n  a: 1\n",
    "odd keys": "'quoted':\n  a: 1\na b:\n  c: 1\nd-e_f:\n  g: 1\n",
    "parts that need one another": "a: &x\n  b: 1\nc: *x\nd:\n  e: 1\n",
    "of one key": "a:\n  b:\n    c:\n      d: 1\n",
    "empty": "",
    "nothing below": "a:\nb:\n  c:\n  d: 1\n",
    "other widths": "a:\n    b:\n          c: 1\n          d: 2\n    e: 1e-3\n",
    "numbers": "a: 1\nb: -1.5\nc: 0.10\nd: 010\ne: 1.\nf: .5\ng: 1e3\nh: 1_000\ni: -0\nk: +1\n",
    "a long number": "j: 12345678901234567890\nk: 0.12345678901234567890\n",
    "numbers below": "model:\n  C: 0.01\n  n: 3\n  of: 1.0\n  at: 12:30\n  no: 1 # no\nseed: 7",
    "windows": "a:\r\n  b: 1\r\n  c: 2\r\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_each_is_read_as_by_itself(text):
    plain = flat(read_yaml(text, "params.yaml") or {})
    assert read_all([text]) == [plain]
    assert repr(read_all([*TEXTS.values(), text])[-1]) == repr(plain), "in the same order, and 1 is not 1.0"


def test_one_that_is_damaged_is_not_the_others():
    read = read_all(["a:\n  b: 1\n", "a: [\n", "a:\n  b: }\n", "a:\n  b: 2\n"])
    assert read == [{"a.b": 1}, {}, {}, {"a.b": 2}]


def test_what_many_share_is_read_once(monkeypatch):
    read = []
    monkeypatch.setattr(columns, "read_yaml", lambda text, _: read.append(text) or read_yaml(text, ""))
    texts = [f"data:\n  rows: 5\n  file: x.csv\nmodel:\n  use: linear\n  C: {number}\n" for number in range(50)]
    settings = read_all(texts)
    assert [one["model.C"] for one in settings] == list(range(50))
    (whole,) = read
    assert whole.count("x.csv") == whole.count("linear") == 1
    assert settings[0]["data.file"] is settings[49]["data.file"]


def test_groups_are_what_keys_begin_with_in_order():
    settings = {"a.b": 1, "a.c": 2, "d": 3, "a.e": 4}
    assert list(groups(settings)) == [{"a.b": 1, "a.c": 2}, {"d": 3}, {"a.e": 4}]

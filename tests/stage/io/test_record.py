"""What a stage's record tells of its undeclared touches: the same in each run, whatever changes by itself."""

import os

import pytest

from regrow.stage.io.findings import Undeclared
from regrow.stage.io.record import lasting

PLACE = "src/shop/work.py:5, in make"
TOLD = {
    "a file of the project": (("reads", "data/extra.csv", True), "data/extra.csv"),
    "a file elsewhere": (("reads", "/srv/data_2024/x_12345678.csv", False), "/srv/data_2024/x_12345678.csv"),
    "a file at home": (("reads", "/home/ada/x.csv", False), "~/x.csv"),
    "a file of a home whose name begins alike": (("reads", "/home/adam/x.csv", False), "/home/adam/x.csv"),
    "a temporary file": (("reads", "/tmp/tmpab3d_f9z/x.csv", False), "/tmp/tmp*/x.csv"),
    "a file named after the process": (("reads", f"/run/x-{os.getpid()}.txt", False), "/run/x-*.txt"),
    "a program of an environment": (("starts", "/home/ada/shop/.venv/bin/python", False), "python"),
    "a line for the shell": (("starts", "curl -s https://example.org > /srv/x", False), "curl"),
    "a server": (("connects", "example.org:443", False), "example.org:443"),
    "a port of no meaning": (("connects", "localhost:41234", False), "localhost:*"),
    "a socket by its path": (("connects", "/run/x.sock", False), "/run/x.sock"),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_changes_by_itself_is_left_out(name, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    (what, target, inside), told = TOLD[name]
    kept = {"what": what, "target": told, "by": "src/shop/work.py, in make"}
    assert lasting([Undeclared(what, target, PLACE, inside)]) == [kept]


def test_it_is_sorted_each_once_and_of_many_files_the_folder():
    many = [Undeclared("reads", f"/srv/all/{n}.csv", PLACE, False) for n in range(9)]
    again = Undeclared("reads", "a.csv", "src/shop/work.py:9, in make", True)
    found = [Undeclared("starts", "git", PLACE, False), *many, again, Undeclared("reads", "a.csv", PLACE, True)]
    assert [one["target"] for one in lasting(found)] == ["/srv/all", "a.csv", "git"]


def test_what_is_only_written_is_no_part_of_it():
    assert lasting([Undeclared("writes", "/srv/log.txt", PLACE, False)]) == []

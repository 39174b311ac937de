"""The sample that ships with the template: what its README says of it is true."""

import gzip
import hashlib
import re
import runpy
import shutil
import zipfile
from pathlib import Path

import pandas as pd

SAMPLE = Path(__file__).parents[3] / "template" / "sample"


def test_its_files_are_those_that_the_readme_describes():
    rows = re.findall(r"\| `([0-9a-f]{64})` \| (\w+\.csv(?:\.gz)?) \|", (SAMPLE / "README.md").read_text())
    told = {name: digest for digest, name in rows}
    for name in ("flights", "weather", "planes"):
        packed = (SAMPLE / f"{name}.csv.gz").read_bytes()
        assert told[f"{name}.csv.gz"] == hashlib.sha256(packed).hexdigest()
        assert told[f"{name}.csv"] == hashlib.sha256(gzip.decompress(packed)).hexdigest()
        assert packed[4:8] == bytes(4), "no date in it"
    assert sum(path.stat().st_size for path in SAMPLE.glob("*.gz")) < 1_000_000


def test_it_has_all_columns_the_leaking_ones_too_in_a_total_order():
    flights = pd.read_csv(SAMPLE / "flights.csv.gz")
    names = (
        "year month day dep_time sched_dep_time dep_delay arr_time sched_arr_time arr_delay carrier flight tailnum "
        "origin dest air_time distance hour minute time_hour"
    )
    assert list(flights) == names.split()
    assert len(flights) == 8000
    order = ["year", "month", "day", "sched_dep_time", "carrier", "flight"]
    assert flights.sort_values(order, kind="stable").index.tolist() == list(range(8000))


def test_the_script_gives_the_same_bytes_twice(tmp_path):
    """On a source of the same form, for the real one is not here: the sample's own rows, three times over."""
    data, bodies = tmp_path / "data", {}
    data.mkdir()
    for name in ("flights", "weather", "planes"):
        text = gzip.decompress((SAMPLE / f"{name}.csv.gz").read_bytes())
        (data / f"{name}.csv").write_bytes(text + text.partition(b"\n")[2] * 2 * (name == "flights"))
    with zipfile.ZipFile(data / "flights.csv.zip", "w") as archive:
        archive.write(data / "flights.csv", "flights.csv")
    shutil.copy(SAMPLE / "make_sample.py", tmp_path)
    for _ in range(2):
        runpy.run_path(str(tmp_path / "make_sample.py"))["main"]([str(data)])
        made = {path.name: path.read_bytes() for path in tmp_path.glob("*.gz")}
        assert len(made) == 3
        assert made == bodies or not bodies
        bodies = made
    assert bodies["planes.csv.gz"] == (SAMPLE / "planes.csv.gz").read_bytes()

"""Every way into pyarrow that takes a path is seen; a new version of pyarrow that opens another one fails here."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.feather
import pyarrow.fs
import pyarrow.json
import pyarrow.orc
import pyarrow.parquet as pq
import pytest

from regrow.plugin.declare import Artifact, Stage
from regrow.stage.io.contract import Watch
from regrow.stage.io.rules import RefusedError

TABLE = pa.table({"a": [1, 2]})
LOCAL = pyarrow.fs.LocalFileSystem()
READ = {
    "pandas, parquet": lambda: pd.read_parquet("given/x.parquet"),
    "pandas, a Path": lambda: pd.read_parquet(Path("given/x.parquet")),
    "pandas, feather": lambda: pd.read_feather("given/x.feather"),
    "pandas, orc": lambda: pd.read_orc("given/x.orc"),
    "pandas, csv by pyarrow": lambda: pd.read_csv("given/x.csv", engine="pyarrow"),
    "a table": lambda: pq.read_table("given/x.parquet"),
    "a file": lambda: pq.ParquetFile("given/x.parquet"),
    "a mapped file": lambda: pq.ParquetFile("given/x.parquet", memory_map=True),
    "a schema": lambda: pq.read_schema("given/x.parquet"),
    "metadata": lambda: pq.read_metadata("given/x.parquet"),
    "a data set": lambda: pyarrow.dataset.dataset("given/x.parquet").to_table(),
    "a data set of files": lambda: pyarrow.dataset.dataset(["given/x.parquet"]).to_table(),
    "csv": lambda: pyarrow.csv.read_csv("given/x.csv"),
    "csv, bit by bit": lambda: pyarrow.csv.open_csv("given/x.csv"),
    "json": lambda: pyarrow.json.read_json("given/x.json"),
    "feather": lambda: pyarrow.feather.read_table("given/x.feather"),
    "orc": lambda: pyarrow.orc.ORCFile("given/x.orc"),
    "arrow's file": lambda: pa.OSFile("given/x.csv"),
    "a memory map": lambda: pa.memory_map("given/x.csv"),
    "a stream": lambda: pa.input_stream("given/x.csv"),
    "a file system": lambda: LOCAL.open_input_stream("given/x.csv"),
    "a file system's file": lambda: LOCAL.open_input_file("given/x.csv"),
    "an address": lambda: pq.read_table(f"file://{Path.cwd()}/given/x.parquet".replace(" ", "%20")),
}
LISTED = {
    "a folder of tables": lambda: pq.read_table("given/tables"),
    "a data set of a folder": lambda: pyarrow.dataset.dataset("given/tables"),
    "pandas, a folder": lambda: pd.read_parquet("given/tables"),
    "a file system": lambda: LOCAL.get_file_info(pyarrow.fs.FileSelector("given/tables")),
}
WRITTEN = {
    "pandas, parquet": lambda: pd.DataFrame({"a": [1]}).to_parquet("given/new"),
    "pandas, feather": lambda: pd.DataFrame({"a": [1]}).to_feather("given/new"),
    "a table": lambda: pq.write_table(TABLE, "given/new"),
    "csv": lambda: pyarrow.csv.write_csv(TABLE, "given/new"),
    "feather": lambda: pyarrow.feather.write_feather(TABLE, "given/new"),
    "orc": lambda: pyarrow.orc.write_table(TABLE, "given/new"),
    "arrow's file": lambda: pa.OSFile("given/new", "w").close(),
    "a stream": lambda: pa.output_stream("given/new").close(),
    "a file system": lambda: LOCAL.open_output_stream("given/new").close(),
    "a data set": lambda: pyarrow.dataset.write_dataset(TABLE, "given/new", format="parquet"),
    "a folder": lambda: LOCAL.create_dir("given/new"),
    "a copy": lambda: LOCAL.copy_file("given/x.csv", "given/new"),
}


@pytest.fixture
def watch(small):
    small.write("given/x.csv", "a\n1\n")
    small.write("given/x.json", '{"a": 1}\n')
    small.write("given/tables/.keep", "")
    pq.write_table(TABLE, "given/x.parquet")
    pq.write_table(TABLE, "given/tables/x.parquet")
    pyarrow.feather.write_feather(TABLE, "given/x.feather")
    pyarrow.orc.write_table(TABLE, "given/x.orc")
    stage = Stage("s", "data", "m:f", makes=[Artifact("y", "record")])
    return lambda mode, *needs: Watch(small.project, stage, needs, mode)


def seen(watch) -> set[tuple[str, str]]:
    return {(one.what, one.target) for one in watch.findings}


@pytest.mark.parametrize("name", READ)
def test_reading_is_seen_and_refused(watch, name):
    warn = watch("warn")
    with warn.on():
        READ[name]()
    ((what, target),) = seen(warn)
    assert (what, target[:8]) == ("reads", "given/x.")
    with pytest.raises(RefusedError, match=r"reads .*x\.\w+, which it did not declare"), watch("strict").on():
        READ[name]()


@pytest.mark.parametrize("name", READ)
def test_reading_what_is_declared_is_fine(watch, name):
    strict = watch("strict", "given")
    with strict.on():
        READ[name]()
    assert seen(strict) == set()
    assert {name[:8] for name in strict.project_files if name.startswith("given")} == {"given/x."}


@pytest.mark.parametrize("name", LISTED)
def test_reading_a_folder_is_seen_and_refused(watch, name):
    warn = watch("warn")
    with warn.on():
        LISTED[name]()
    assert ("lists", "given/tables") in seen(warn)
    with pytest.raises(RefusedError), watch("strict").on():
        LISTED[name]()


@pytest.mark.parametrize("name", WRITTEN)
def test_writing_is_seen(watch, name):
    warn = watch("warn", "given")
    with warn.on():
        WRITTEN[name]()
    assert seen(warn) == {("writes", "given/new")}


def test_writing_over_an_input_is_seen(watch):
    strict = watch("strict", "given")
    with strict.on():
        pq.write_table(pa.table({"a": [1, 2, 3]}), "given/x.parquet")
    assert seen(strict) == {("writes", "given/x.parquet")}


def test_a_server_is_seen(watch):
    with pytest.raises(RefusedError, match="connects to s3://bucket/x.parquet"), watch("strict").on():
        pq.read_table("s3://bucket/x.parquet")


def test_functions_imported_before_the_watch_are_seen(watch):
    read_csv, strict = pyarrow.csv.read_csv, watch("strict")
    with pytest.raises(RefusedError), strict.on():
        read_csv("given/x.csv")

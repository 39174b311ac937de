"""The log on the disk: what a kill leaves, what sealing cuts, and what a flipped byte is."""

import asyncio
import json

import orjson
import pytest
import stream

from regrow import RegrowError
from regrow_monitor.log_files import SEAL, SEALED, Part, sealed
from regrow_monitor.replay_day import replay_day
from regrow_monitor.seal import open_days, seal
from regrow_serve.answers import by_model
from regrow_serve.bundle import records


@pytest.fixture
def asked(made):
    import numpy as np

    raw = stream.drawn(made, np.random.default_rng(1), 20)[[one.name for one in made["bundle"].schema.needed]]
    return records(raw)


def answered(made, asked):
    return dict(enumerate(by_model(made["bundle"], asked)))


def test_a_half_line_is_cut_and_counted(made, asked, tmp_path):
    one = stream.writer(made, tmp_path, 0)
    one.write("a", asked, answered(made, asked), 0.01)
    one.close()
    (part,) = (tmp_path / "open").glob("*/part-0001.jsonl")
    whole = part.read_bytes()
    part.write_bytes(whole[:-30])
    said = seal(tmp_path, stream.day(0))
    assert (said["rows"], said["half_lines"]) == (19, 1)
    assert not open_days(tmp_path)
    assert replay_day(tmp_path / SEALED, stream.day(0)).identical == 19


def test_a_server_that_writes_keeps_its_day_open_and_two_have_a_part_each(made, asked, tmp_path):
    first, second = (stream.writer(made, tmp_path, 0) for _ in range(2))
    for one in (first, second):
        one.write("a", asked, answered(made, asked), 0.01)
    with pytest.raises(RegrowError, match="a server still writes to it"):
        seal(tmp_path, stream.day(0))
    first.close()
    second.close()
    assert [one["rows"] for one in seal(tmp_path, stream.day(0))["parts"]] == [20, 20]


def test_lines_that_come_after_the_seal_are_added(made, asked, tmp_path):
    for name in ("a", "b"):
        one = stream.writer(made, tmp_path, 0)
        one.write(name, asked, answered(made, asked), 0.01)
        one.close()
        said = seal(tmp_path, stream.day(0))
    assert (said["rows"], len(said["parts"])) == (40, 2)
    assert len(sealed(tmp_path / SEALED, stream.day(0))[1]) == 2


def test_a_flipped_byte_a_lost_part_and_a_foreign_one_are_named(made, asked, tmp_path):
    one = stream.writer(made, tmp_path, 0)
    one.write("a", asked, answered(made, asked), 0.01)
    one.close()
    seal(tmp_path, stream.day(0))
    place = tmp_path / SEALED / stream.day(0)
    part = place / "part-0001.jsonl"
    whole = bytearray(part.read_bytes())
    whole[len(whole) // 2] ^= 1
    part.write_bytes(whole)
    with pytest.raises(RegrowError, match=r"part-0001.jsonl: is not as it was sealed: .* lines 1 to 1000"):
        sealed(tmp_path / SEALED, stream.day(0))
    (place / "part-0002.jsonl").write_bytes(b"{}\n")
    with pytest.raises(RegrowError, match="is there and was not sealed"):
        sealed(tmp_path / SEALED, stream.day(0))
    (place / "part-0002.jsonl").unlink()
    part.unlink()
    with pytest.raises(RegrowError, match="was sealed and is not there"):
        sealed(tmp_path / SEALED, stream.day(0))


def test_an_answer_that_was_changed_before_the_seal_is_not_reproduced(made, asked, tmp_path):
    one = stream.writer(made, tmp_path, 0)
    one.write("a", asked, answered(made, asked), 0.01)
    one.close()
    (part,) = (tmp_path / "open").glob("*/part-0001.jsonl")
    lines = part.read_bytes().splitlines()
    said = orjson.loads(lines[5])
    share = said["answer"]["probabilities"]["1"]
    said["answer"]["probabilities"]["1"] = share + 2**-53
    lines[5] = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    part.write_bytes(b"\n".join(lines) + b"\n")
    seal(tmp_path, stream.day(0))
    found = replay_day(tmp_path / SEALED, stream.day(0))
    assert (found.rows, found.identical, found.differ) == (20, 19, 1)
    assert found.other[0][0] == "a:4"


def test_personal_columns_and_what_the_data_did_not_have_are_never_written(made, asked, tmp_path):
    one = stream.writer(made, tmp_path, 0)
    rows = [{**row, "note": "call Bob", "phone": "call-me"} for row in asked]
    one.write("a", rows, answered(made, rows), 0.01)
    one.close()
    text = next((tmp_path / "open").glob("*/part-0001.jsonl")).read_text()
    assert "Bob" not in text
    assert "call-me" not in text
    assert json.loads(text.splitlines()[1])["extra"] == ["phone"]
    seal(tmp_path, stream.day(0))
    assert replay_day(tmp_path / SEALED, stream.day(0)).identical == 20


@pytest.mark.parametrize(("inputs", "kept"), [("none", 0), ("sample", None)])
def test_without_inputs_there_is_a_hash_and_no_replay(made, asked, tmp_path, inputs, kept):
    one = stream.writer(made, tmp_path, 0, inputs=inputs, share=0.5)
    for name in map(str, range(20)):
        one.write(name, asked, answered(made, asked), 0.01)
    one.close()
    (part,) = (tmp_path / "open").glob("*/part-0001.jsonl")
    rows = list(Part.read(part).rows())
    whole = sum("row" in row for row in rows)
    assert whole == kept if kept is not None else 40 < whole < 360
    assert all(("row" in row) != ("sha256" in row) for row in rows)
    seal(tmp_path, stream.day(0))
    found = replay_day(tmp_path / SEALED, stream.day(0))
    assert (found.identical, found.lacking) == (whole, 400 - whole)


def test_a_full_disk_keeps_nobody_from_answering(made, asked, tmp_path):
    one = stream.writer(made, tmp_path / "log", 0)
    folder = tmp_path / "log/open"
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    folder.write_text("a file is where the folder was")
    one.write("a", asked, answered(made, asked), 0.01)
    assert one.lost == 20
    asyncio.run(one.stop())


def test_the_day_of_a_seal_is_said_in_its_file(made, asked, tmp_path):
    one = stream.writer(made, tmp_path, 3)
    one.write("a", asked, answered(made, asked), 0.01)
    one.close()
    seal(tmp_path, stream.day(3))
    assert json.loads((tmp_path / SEALED / stream.day(3) / SEAL).read_text())["day"] == stream.day(3)

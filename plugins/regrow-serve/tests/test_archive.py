"""A bundle that is not as it was written is refused by what is wrong, and nothing of it runs."""

import io
import json
import sys
import zipfile

import flights
import pytest

from regrow import RegrowError
from regrow.base.errors import Exit
from regrow_serve import archive
from regrow_serve.bundle import Bundle


def refused(tmp_path, data: bytes, digest: str = "") -> str:
    file = tmp_path / "odd.bundle"
    file.write_bytes(data)
    before = set(sys.modules)
    with pytest.raises(RegrowError) as told:
        Bundle.load(file, digest)
    assert told.value.code == Exit.UNSAFE
    assert not {name for name in sys.modules if name not in before and name.startswith(("regrow", "evil"))}
    assert str(file) not in map(str, sys.path)
    return str(told.value)


def packed(members: dict[str, bytes], form=zipfile.ZIP_STORED, twice: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", form) as written:
        for name in [*members, *([twice] if twice else [])]:
            written.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), members[name], form)
    return out.getvalue()


def parts(made) -> tuple[dict[str, bytes], dict]:
    members, about = archive.unpack(made["bundle"])
    return members, {name: value for name, value in about.items() if name not in ("members", "format")}


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.99, 0.9999])
def test_a_flipped_byte(made, tmp_path, share):
    data = bytearray(made["bundle"])
    data[int(share * (len(data) - 1))] ^= 0x20
    assert refused(tmp_path, bytes(data))


def test_another_digest_than_the_one_that_is_known(made, tmp_path):
    assert "and not 000" in refused(tmp_path, made["bundle"], digest="0" * 64)


def test_bytes_that_no_member_has(made, tmp_path):
    members, about = archive.unpack(made["bundle"])
    other = packed(dict(sorted({**members, archive.INDEX: archive.dumps(about)}.items())))  # with other modes
    assert "is not as it was written" in refused(tmp_path, other)


def test_half_of_it_and_none(made, tmp_path):
    assert "zip" in refused(tmp_path, made["bundle"][: len(made["bundle"]) // 2])
    assert "zip" in refused(tmp_path, b"")


@pytest.mark.parametrize("name", ["../evil.py", "/etc/evil", "code/../../evil.py", "a\\b", "a//b", "C:evil", "./x"])
def test_a_path_that_leads_out(made, tmp_path, name):
    members, about = parts(made)
    assert "no path inside a bundle" in refused(tmp_path, archive.pack({**members, name: b""}, about))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_twice(made, tmp_path):
    members, about = archive.unpack(made["bundle"])
    index = archive.dumps(about)
    assert "schema.json twice" in refused(tmp_path, packed({**members, archive.INDEX: index}, twice="schema.json"))


def test_what_is_huge_when_unpacked(made, tmp_path):
    bomb = packed({"model.skops": bytes(100_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1_000_000
    assert "packed" in refused(tmp_path, bomb)
    data = bytearray(made["bundle"])
    place = data.rfind(b"PK\x01\x02")
    data[place + 24 : place + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    assert refused(tmp_path, bytes(data))


def test_a_member_that_is_not_listed_or_gone(made, tmp_path):
    members, about = archive.unpack(made["bundle"])
    index = {archive.INDEX: archive.dumps(about)}
    assert "evil.py is not listed" in refused(tmp_path, packed({**members, "evil.py": b"", **index}))
    short = {name: data for name, data in members.items() if name != "model.skops"}
    assert "model.skops is missing" in refused(tmp_path, packed({**short, **index}))


def test_a_type_that_is_not_declared(made, tmp_path):
    import skops.io

    members, about = parts(made)
    told = refused(tmp_path, archive.pack({**members, "model.skops": _skops(skops.io.dumps([1]))}, about))
    assert "can't be used" in told


def _skops(data: bytes) -> bytes:
    """A model file that names a type of its own choice."""
    from regrow.artifacts.model_bytes import canonical

    data = canonical(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive_:
        content = {name: archive_.read(name) for name in archive_.namelist()}
    schema = json.loads(content["schema.json"])
    schema |= {"__module__": "os", "__class__": "system", "__loader__": "TypeNode"}
    content["schema.json"] = json.dumps(schema).encode()
    return packed(content)


@pytest.mark.parametrize("path", ["os:system", "subprocess:run", "evil.steps:make"])
def test_a_step_whose_code_is_elsewhere(made, tmp_path, path):
    members, about = parts(made)
    steps = json.loads(members["derive.json"])
    steps[0]["make"] = path
    told = refused(tmp_path, archive.pack({**members, "derive.json": archive.dumps(steps)}, about))
    assert f"names {path!r}, whose code is not in the bundle" in told


@pytest.mark.parametrize("module", ["os.py", "json/__init__.py", "pandas/__init__.py", "numpy.py"])
def test_code_in_place_of_anothers(made, tmp_path, module):
    members, about = parts(made)
    told = refused(tmp_path, archive.pack({**members, f"code/{module}": b"raise SystemExit"}, about))
    assert "in place of another's" in told


def test_the_same_content_is_the_same_bytes(made, tmp_path):
    again = flights.stages(
        flights.raw(tmp_path / "elsewhere"),
        flights.settings_of("linear", serving=made_serving(made)),
        requirements_lock=flights.LOCK,
    )
    assert again["bundle"] == made["bundle"]


def made_serving(made) -> dict:
    members, _ = archive.unpack(made["bundle"])
    said, fallback = json.loads(members["serving.json"]), json.loads(members["fallback.json"])
    return {"guard": said["guard"], "fallback": {"rules": fallback["rules"]}}

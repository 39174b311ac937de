"""A file that is no plain skops archive is refused before anything of it is read."""

import io
import tracemalloc
import zipfile

import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from regrow.artifacts import model

FITTED = LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], ["a", "a", "b", "b"])
DATA = model.canonical(skops.io.dumps(FITTED))


def archive(members, compression=zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, content in members:
            made.writestr(name, content)
    return out.getvalue()


def with_member(name: str, content: bytes = b"") -> bytes:
    with zipfile.ZipFile(io.BytesIO(DATA)) as old:
        return archive([*((one, old.read(one)) for one in old.namelist()), (name, content)])


def refused(data: bytes, tmp_path, said: str) -> None:
    folder = tmp_path / "models"
    folder.mkdir(exist_ok=True)
    (folder / "m.skops").write_bytes(data)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match=said):
        model.read(folder / "m.skops")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["schema.json", "000000.npy"])
def test_a_member_that_is_there_twice(name, tmp_path):
    refused(with_member(name), tmp_path, f"has the member {name} twice")


@pytest.mark.parametrize(
    "name",
    [
        "../outside.npy",
        "/etc/outside.npy",
        "a/b.npy",
        "..\\outside.npy",
        "C:x.npy",
        "model.pkl",
        "x.npz",
        ".npy",
        "a\nb.npy",
    ],
)
def test_a_member_of_another_name(name, tmp_path):
    refused(with_member(name), tmp_path, "which is no name of a skops file")


def test_a_packed_member(tmp_path):
    bomb = archive([("schema.json", b" " * 2**28)], zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    refused(bomb, tmp_path, "compressed member, schema.json: models are stored uncompressed")
    assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    tracemalloc.stop()


def test_members_that_lie_over_each_other(tmp_path):
    """Each of many names leads to the same bytes: small on disk, large in memory."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("schema.json", b" " * 10**5)
        first = made.infolist()[0]
        for number in range(100):
            copy = zipfile.ZipInfo(f"{number}.npy")
            copy.header_offset, copy.file_size, copy.compress_size = 0, first.file_size, first.file_size
            copy.CRC = first.CRC
            made.filelist.append(copy)
    refused(out.getvalue(), tmp_path, "claims to hold 10100000 bytes, and is")


def test_an_archive_of_something_else(tmp_path):
    refused(archive([("a.npy", b"")]), tmp_path, "it has no schema.json")


def test_every_cut_is_refused(tmp_path):
    for length in range(0, len(DATA), len(DATA) // 50):
        refused(DATA[:length], tmp_path, "is not a whole zip archive")


def test_a_flipped_bit_of_the_content_is_refused(tmp_path):
    with zipfile.ZipFile(io.BytesIO(DATA)) as whole:
        places = [
            member.header_offset + 30 + len(member.filename) + member.file_size // 2 for member in whole.infolist()
        ]
    for place in places:
        refused(DATA[:place] + bytes([DATA[place] ^ 1]) + DATA[place + 1 :], tmp_path, "BadZipFile: Bad CRC-32")

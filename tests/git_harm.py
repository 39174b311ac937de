"""Git's objects changed under their own names, as a disk or a person with an editor could."""

import hashlib
import subprocess
import zlib
from pathlib import Path

from tests.tiny import replace_bytes


def git(root: Path, *arguments: str, given: bytes = b"") -> str:
    """What Git says."""
    done = subprocess.run(["git", *arguments], cwd=root, input=given, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def objects(root: Path) -> Path:
    """Git's folder of objects, wherever the top of the repository is."""
    return root / git(root, "rev-parse", "--git-path", "objects")


def loose(root: Path, name: str) -> Path:
    """The file of an object that is in no pack."""
    return objects(root) / name[:2] / name[2:]


def unpacked(root: Path, name: str) -> tuple[bytes, bytes]:
    """(kind, bytes) of a loose object."""
    head, _, data = zlib.decompress(loose(root, name).read_bytes()).partition(b"\0")
    return head.split()[0], data


def rewrite(root: Path, name: str, data: bytes) -> None:
    """Let a loose object hold other bytes, sound in themselves."""
    kind, _ = unpacked(root, name)
    replace_bytes(loose(root, name), zlib.compress(b"%s %d\0%s" % (kind, len(data), data)))


def repack(root: Path) -> Path:
    """Put all objects into one pack; its file."""
    git(root, "repack", "-adq")
    git(root, "prune-packed")
    (pack,) = (objects(root) / "pack").glob("*.pack")
    return pack


def swap_packed(root: Path, one: str, two: str) -> None:
    """Let each of two names in the pack's index lead to the other's object."""
    index = next((objects(root) / "pack").glob("*.idx"))
    data = bytearray(index.read_bytes())
    width = len(one) // 2
    count = int.from_bytes(data[8 + 255 * 4 : 8 + 256 * 4], "big")
    names = 8 + 256 * 4
    offsets = names + count * (width + 4)
    order = [bytes(data[names + n * width : names + (n + 1) * width]).hex() for n in range(count)]
    first, second = (offsets + 4 * order.index(name) for name in (one, two))
    data[first : first + 4], data[second : second + 4] = data[second : second + 4], data[first : first + 4]
    data[-width:] = (hashlib.sha256 if width == 32 else hashlib.sha1)(data[:-width]).digest()
    replace_bytes(index, bytes(data))


def offset_in_pack(root: Path, name: str) -> int:
    """Where an object begins."""
    index = next((objects(root) / "pack").glob("*.idx"))
    lines = (line.split() for line in git(root, "verify-pack", "-v", str(index)).splitlines())
    return next(int(line[4]) for line in lines if line[0] == name)

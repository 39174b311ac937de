"""The bundle's archive: a zip file of stored members, which is the same bytes for the same content.

Whatever is not exactly what `pack` writes is refused before anything in it is used: another order, a date, a packed
member, one twice, a path that leads out. Stored members can't unpack to more than the file holds.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from typing import Any

from regrow import RegrowError
from regrow.base.errors import Exit

INDEX = "bundle.json"
FORMAT = 1
MOST = 4 << 30  # bytes: a file beyond is not read
_DATE = (1980, 1, 1, 0, 0, 0)
_MEMBER = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}/){0,8}[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}", re.ASCII)


def dumps(value: Any) -> bytes:
    """JSON in one form: sorted keys, no NaN, a line end at the end."""
    return (json.dumps(value, sort_keys=True, allow_nan=False, ensure_ascii=False, indent=1) + "\n").encode()


def pack(members: Mapping[str, bytes], about: Mapping[str, Any]) -> bytes:
    """The archive of members (path -> content) and of what bundle.json says beside their hashes."""
    hashes = {name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in members.items()}
    return _written({**members, INDEX: dumps({"format": FORMAT, **about, "members": hashes})})


def _written(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            member = zipfile.ZipInfo(name, _DATE)
            member.create_system = 3  # as on Unix, wherever it is written
            member.external_attr = 0o644 << 16
            archive.writestr(member, members[name], zipfile.ZIP_STORED)
    return out.getvalue()


def unpack(data: bytes, where: str = "bundle") -> tuple[dict[str, bytes], dict[str, Any]]:
    """The members without bundle.json, and what that says. Raises RegrowError (exit code UNSAFE), naming it."""
    try:
        members = _members(data)
        about = json.loads(members.pop(INDEX))
        _check(members, about)
    except (zipfile.BadZipFile, ValueError, KeyError, NotImplementedError, EOFError, RecursionError) as error:
        said = f"has no {error}" if isinstance(error, KeyError) else str(error)
        fix = "get it again, from where it was made: the stage `bundle` writes it"
        raise RegrowError(said, where=where, fix=fix, code=Exit.UNSAFE) from None
    if _written({**members, INDEX: dumps(about)}) != data:
        wrong = "is not as it was written: its bytes say more than its members"
        raise RegrowError(wrong, where=where, fix="get it again", code=Exit.UNSAFE)
    return members, about


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        names = [entry.orig_filename for entry in entries]
        for entry in entries:
            if not _MEMBER.fullmatch(entry.orig_filename) or ".." in entry.orig_filename.split("/"):
                raise ValueError(f"holds {entry.orig_filename[:80]!r}, which is no path inside a bundle")
            if names.count(entry.orig_filename) > 1:
                raise ValueError(f"holds {entry.orig_filename} twice")
            if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
                raise ValueError(f"holds {entry.orig_filename} packed or encrypted; a bundle's members are stored")
        if sum(entry.file_size for entry in entries) > len(data):
            raise ValueError("claims to hold more bytes than it has")
        return {name: archive.read(name) for name in names}


def _check(members: Mapping[str, bytes], about: Any) -> None:
    if not isinstance(about, dict) or not isinstance(about.get("members"), dict):
        raise ValueError(f"{INDEX} does not list the members")
    if about.get("format") != FORMAT:
        raise ValueError(f"is of format {str(about.get('format'))[:20]}, and {FORMAT} is what is read here")
    if odd := sorted(members.keys() ^ about["members"].keys()):
        raise ValueError(f"{odd[0]} is {'not listed' if odd[0] in members else 'missing'}")
    for name, data in members.items():
        said = about["members"][name]
        if not isinstance(said, dict) or said.get("sha256") != hashlib.sha256(data).hexdigest():
            raise ValueError(f"{name} is not what {INDEX} says: it was damaged or changed")

"""What a skops archive may be, looked at before anything in it is read: plain members, none packed, none twice."""

import io
import re
import zipfile

SCHEMA = "schema.json"
_MEMBER = re.compile(r"[A-Za-z0-9_-]{1,64}\.(bin|json|npy)", re.ASCII)
_ENCRYPTED = 0x1


def check_archive(data: bytes) -> None:
    """ValueError, saying what is wrong, unless it is a zip archive that takes no more memory than it has bytes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise ValueError(f"is not a whole zip archive: {error}") from None
    names: set[str] = set()
    for member in members:
        if not _MEMBER.fullmatch(member.orig_filename):
            raise ValueError(f"has a member called {member.orig_filename[:80]!r}, which is no name of a skops file")
        if member.filename in names:
            raise ValueError(f"has the member {member.filename} twice")
        if member.flag_bits & _ENCRYPTED:
            raise ValueError(f"has an encrypted member, {member.filename}")
        if member.compress_type != zipfile.ZIP_STORED:  # so that no small file can become a large one
            raise ValueError(f"has a compressed member, {member.filename}: models are stored uncompressed")
        names.add(member.filename)
    claimed = sum(member.file_size for member in members)
    if claimed > len(data):
        raise ValueError(f"claims to hold {claimed} bytes, and is {len(data)} bytes long")
    if SCHEMA not in names:
        raise ValueError(f"is not a skops file: it has no {SCHEMA}")

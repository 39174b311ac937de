"""From a file name in the settings to a file inside a folder, and nowhere else."""

from pathlib import Path

from regrow import RegrowError
from regrow.base.errors import Exit
from regrow_data.reader_settings import relative_file

SHOWN = 20


def inside(folder: Path, name: str) -> Path:
    """The file `name` inside `folder`, links followed.

    Raises RegrowError when the name or a link in it leads out of the folder, or when there is no such file; then it
    names the files that are there.
    """
    try:
        path = (folder / relative_file(name)).resolve()
    except (ValueError, OSError, RuntimeError) as error:
        raise RegrowError(f"{name!r} cannot be read: {error}", where="file", code=Exit.UNSAFE) from None
    if not path.is_relative_to(folder.resolve()):
        raise RegrowError(
            f"{name!r} is a link that leads out of the raw data folder",
            where="file",
            fix="put a copy of the file into the folder",
            code=Exit.UNSAFE,
        )
    if not path.is_file():
        raise RegrowError(
            f"there is no file {name!r} in the raw data folder ({folder.name}/)",
            where="file",
            fix=f"there are: {_listing(folder)}\nif DVC keeps it, `dvc pull` or `dvc checkout` brings it back",
            code=Exit.DATA_MISSING,
        )
    return path


def _listing(folder: Path) -> str:
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(names[:SHOWN]) or "no files at all") + more

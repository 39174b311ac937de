"""Objects to a remote of DVC's, as `dvc push` puts them there; and what another machine has to know of the remote."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from regrow.base.errors import RegrowError
from regrow.base.hashing import FOLDER
from regrow.tools import stores

Settings = Mapping[str, Mapping[str, str]]


def shared(root: Path) -> tuple[str, Settings]:
    """The default remote's name; and of each remote, what the project's own settings say, with the address in force.

    What only this machine's or this user's settings hold, such as a password, is not among it: others have their own.
    Raises RegrowError where there is no default remote, or it can't be used here.
    """
    try:
        name = stores.remote(root).name.removeprefix("remote ")
    except RegrowError as error:
        if error.problems[0].where != stores.NOWHERE:
            raise
        fix = "dvc remote add -d NAME ADDRESS; where there are some already: dvc remote default NAME"
        wrong = f"{error.problems[0].wrong}, and workers get data from there"
        raise RegrowError(wrong, where=".dvc/config", fix=fix) from None
    merged, own = stores.settings(root), stores.settings(root, "repo")
    found = {}
    for one, said in merged.get("remote", {}).items():
        kept = {**own.get("remote", {}).get(one, {}), **({"url": said["url"]} if "url" in said else {})}
        found[str(one)] = {str(key): str(value) for key, value in kept.items()}
    return name, found


def settle(root: Path, name: str, settings: Settings) -> None:
    """Give the folder `root` settings of DVC's with these remotes, `name` the default one; as `shared` told them.

    Raises RegrowError if DVC does not know them.
    """
    from dvc.config import Config, ConfigError

    folder = root / ".dvc"
    folder.mkdir(parents=True)
    try:
        with Config.init(str(folder)).edit() as config:
            config["core"]["remote"] = name
            config["remote"].update({one: dict(said) for one, said in settings.items()})
    except ConfigError as error:
        raise RegrowError(str(error), where=f"remote {name}") from None


def has(remote: stores.Remote, md5: str) -> bool:
    """Whether a remote has an object. Raises RegrowError if it does not answer."""
    try:
        return bool(remote.fs.exists(remote.fs.join(remote.folder, md5[:2], md5[2:])))
    except Exception as error:  # each kind of remote raises its own
        raise stores.unreachable(remote.name, error, fix="dvc status --cloud, there, says more") from None


def upload(remote: stores.Remote, cache: stores.Cache, md5s: Iterable[str]) -> list[str]:
    """Put those objects of the cache into the remote that it has not; a folder's list after the files it names.

    Returns what neither has. Raises RegrowError if the remote does not take them.
    """
    wanted = sorted(set(md5s))
    folders = [md5 for md5 in wanted if md5.endswith(FOLDER)]
    files = [md5 for md5 in wanted if not md5.endswith(FOLDER)]
    return [md5 for part in (files, folders) for md5 in _upload(remote, cache, part)]


def _upload(remote: stores.Remote, cache: stores.Cache, md5s: Collection[str]) -> list[str]:
    from dvc.fs import localfs
    from dvc_data.hashfile.db import get_odb

    try:
        objects: Any = get_odb(remote.fs, remote.folder, hash_name="md5")
        there = set(objects.oids_exist(list(md5s))) if md5s else set()
        new = {md5: path for md5 in md5s if md5 not in there and (path := cache.path(md5)) and path.exists()}
        if new:
            objects.add([str(path) for path in new.values()], localfs, list(new), check_exists=False)
    except Exception as error:  # each kind of remote raises its own
        raise stores.unreachable(remote.name, error, "written to", "dvc push, there, says more") from None
    return [md5 for md5 in md5s if md5 not in there and md5 not in new]

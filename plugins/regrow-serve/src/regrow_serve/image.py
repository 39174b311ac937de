"""An OCI image layout, written without a container daemon: sorted tar files, packed without a date, and JSON files.

Layers: those of a base, the packages of requirements.lock, the code that scoring reaches, the bundle. A new model
changes the last one alone.
"""

import gzip
import hashlib
import io
import json
import shutil
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from regrow import RegrowError
from regrow_serve.archive import unpack
from regrow_serve.pins import LOCK, pins

MEDIA = "application/vnd.oci.image"
PACKAGES, CODE, BUNDLE = "opt/packages", "opt/code", "srv/model.bundle"
EPOCH = "1970-01-01T00:00:00Z"
LEFT_OUT = ("tests", "__pycache__", "test")
OF_INSTALLING = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")  # how it came here
MOST = 64 << 20  # bytes of a JSON file of a base


def write(
    bundle: Path, out: Path, *, base: Path | None = None, digest: str = "", packages: Path | None = None,
    cache: Path | None = None,
) -> str:  # fmt: skip
    """Write the layout to the folder `out`; returns the digest of its manifest.

    base: the layout of an image with Python 3; digest: of its manifest, where it holds several. packages: a folder of
    what requirements.lock names; by default, what is installed here, whose layer is kept in `cache` by the lock. Raises
    RegrowError where a package is not there, or is of another version.
    """
    members, about = unpack(bundle.read_bytes(), str(bundle))
    blobs = out / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    config, layers = _base(base, blobs, digest)
    code = [(f"{CODE}/{name.partition('/')[2]}", data) for name, data in members.items() if name.startswith("code/")]
    made = [
        _layer(_folder(packages), blobs) if packages else _packages(members, blobs, cache),
        _layer(sorted(code), blobs),
        _layer([(BUNDLE, bundle)], blobs),
    ]
    layers += [layer for layer, _ in made]
    config["rootfs"]["diff_ids"] += [diff for _, diff in made]
    config["config"] = _run(config.get("config") or {}, about["recipe"])
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{MEDIA}.manifest.v1+json",
        "config": _blob(config, blobs, f"{MEDIA}.config.v1+json"),
        "layers": layers,
        "annotations": {"org.opencontainers.image.title": about["target"]},
    }
    described = _blob(manifest, blobs, f"{MEDIA}.manifest.v1+json")
    index = {"schemaVersion": 2, "mediaType": f"{MEDIA}.index.v1+json", "manifests": [described]}
    (out / "index.json").write_bytes(_json(index))
    (out / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))
    return str(described["digest"])


def write_dockerfile(bundle: Path, out: Path) -> None:
    """A Dockerfile and what it copies, for those who build with a daemon."""
    members, about = unpack(bundle.read_bytes(), str(bundle))
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.bundle").write_bytes(bundle.read_bytes())
    (out / LOCK).write_bytes(members[LOCK])
    hashed = " --require-hashes" if b"--hash=" in members[LOCK] else ""
    lines = [
        f"FROM python:{about['python']}-slim",
        f"COPY {LOCK} /",
        f"RUN pip install --no-cache-dir --no-deps{hashed} -r /{LOCK}",
        "COPY model.bundle /srv/model.bundle",
        "USER 65534",
        'ENTRYPOINT ["python", "/srv/model.bundle", "--host", "0.0.0.0"]',
    ]
    (out / "Dockerfile").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _run(config: Mapping[str, Any], recipe: Mapping[str, str]) -> dict[str, Any]:
    own = {**recipe, "PYTHONPATH": f"/{CODE}:/{PACKAGES}", "PYTHONHASHSEED": "0", "REGROW_SERVE_RECIPE": "1"}
    kept = [
        one for one in config.get("Env") or ["PATH=/usr/local/bin:/usr/bin:/bin"] if one.partition("=")[0] not in own
    ]
    return {
        **config,
        "Env": [*kept, *(f"{name}={value}" for name, value in sorted(own.items()))],
        "Entrypoint": ["python3", "-m", "regrow_serve.server", f"/{BUNDLE}", "--host", "0.0.0.0"],  # noqa: S104 - inside a container
        "Cmd": [],
        "User": "65534",
        "ExposedPorts": {"8000/tcp": {}},
    }


def _base(base: Path | None, blobs: Path, digest: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The config to go on from, and the base's layers, copied and hashed on the way."""
    if base is None:
        plain = {"created": EPOCH, "architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}
        return plain, []
    listed = _parsed(base / "index.json")["manifests"]
    found = [one for one in listed if digest in ("", one["digest"])]
    if len(found) != 1:
        wrong = f"holds no image {digest}" if digest else f"holds {len(listed)} images"
        fix = f"--base {base}@DIGEST, of: {', '.join(one['digest'] for one in listed)[:400]}"
        raise RegrowError(wrong, where=str(base), fix=fix)
    manifest = _read(base, found[0])
    config = _read(base, manifest["config"])
    for layer in manifest["layers"]:
        data = _object(base, layer["digest"])
        (blobs / layer["digest"].removeprefix("sha256:")).write_bytes(data)
    config.pop("history", None)
    return {**config, "created": EPOCH}, list(manifest["layers"])


def _read(base: Path, described: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_object(base, described["digest"])[:MOST])
    return found


def _parsed(file: Path) -> Any:
    if not file.is_file():
        raise RegrowError("is no OCI image layout", where=str(file.parent), fix="make one: skopeo copy ... oci:FOLDER")
    return json.loads(file.read_bytes()[:MOST])


def _object(base: Path, digest: str) -> bytes:
    """A blob of the base. Raises RegrowError where it is not what its name says."""
    name = digest.removeprefix("sha256:")
    if len(name) != 64 or not name.isalnum():
        raise RegrowError(f"{digest[:80]!r} is no digest", where=str(base))
    data = (base / "blobs" / "sha256" / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != name:
        raise RegrowError(f"{digest} is not what its name says", where=str(base))
    return data


def _folder(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in sorted(folder.rglob("*")):
        relative = file.relative_to(folder)
        if file.is_file() and not set(LEFT_OUT) & set(relative.parts):
            yield f"{PACKAGES}/{relative.as_posix()}", file


def _installed(required: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """The files of packages as they are installed here, without their tests."""
    found: dict[str, Path] = {}
    for name, version in required.items():
        try:
            one = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            raise RegrowError(f"{name} is not installed here", where=LOCK, fix="or say --packages") from None
        if one.version != version:
            wrong = f"{name} is {one.version} here, and {version} is what the bundle was made with"
            raise RegrowError(wrong, where=LOCK, fix="make setup; or say --packages FOLDER")
        for file in one.files or ():
            parts = file.parts
            if ".." not in parts and not file.is_absolute() and not {*LEFT_OUT, *OF_INSTALLING} & set(parts):
                found[f"{PACKAGES}/{file.as_posix()}"] = Path(str(file.locate()))
    yield from ((place, path) for place, path in sorted(found.items()) if path.is_file())


def _packages(members: Mapping[str, bytes], blobs: Path, cache: Path | None) -> tuple[dict[str, Any], str]:
    """The layer of installed packages; from the cache, by the lock, if it is there and whole."""
    key = hashlib.sha256(members[LOCK] + sysconfig.get_platform().encode() + sys.version.encode()).hexdigest()[:40]
    kept = cache / key if cache else None
    with suppress(OSError, ValueError, KeyError):
        if kept:
            told = json.loads((kept / "layer.json").read_bytes())
            data = (kept / "layer").read_bytes()
            if f"sha256:{hashlib.sha256(data).hexdigest()}" == told["layer"]["digest"]:
                (blobs / told["layer"]["digest"].removeprefix("sha256:")).write_bytes(data)
                return told["layer"], str(told["diff"])
    layer, diff = _layer(_installed(pins(members)), blobs)
    if kept:
        with suppress(OSError):  # a cache that can't be written is none
            kept.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(blobs / layer["digest"].removeprefix("sha256:"), kept / "layer")
            (kept / "layer.json").write_bytes(_json({"layer": layer, "diff": diff}))
    return layer, diff


def _layer(files: Iterable[tuple[str, Path | bytes]], blobs: Path) -> tuple[dict[str, Any], str]:
    """A packed tar of (path in the image, file or content); what describes it, and the hash of what is packed."""
    plain, part = hashlib.sha256(), blobs / "part"
    with part.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
        both: Any = _Both(packed, plain)
        with tarfile.open(fileobj=both, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for place, file in files:
                data = file if isinstance(file, bytes) else file.read_bytes()
                entry = tarfile.TarInfo(place)
                runs = isinstance(file, Path) and file.stat().st_mode & 0o100
                entry.size, entry.mode = len(data), 0o755 if runs and place != BUNDLE else 0o644
                tar.addfile(entry, io.BytesIO(data))
    data = part.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    part.replace(blobs / digest)
    described = {"mediaType": f"{MEDIA}.layer.v1.tar+gzip", "digest": f"sha256:{digest}", "size": len(data)}
    return described, f"sha256:{plain.hexdigest()}"


class _Both:
    """Writes to a file and into a hash."""

    def __init__(self, file: Any, digest: Any) -> None:
        self._file, self._digest = file, digest

    def write(self, data: bytes) -> int:
        """Take a piece."""
        self._digest.update(data)
        return int(self._file.write(data))


def _blob(value: Any, blobs: Path, media: str) -> dict[str, Any]:
    data = _json(value)
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return {"mediaType": media, "digest": f"sha256:{digest}", "size": len(data)}


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

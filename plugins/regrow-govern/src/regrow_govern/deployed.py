"""What is deployed: the bundle in a file, in an image, or behind a URL, and what could and could not be compared."""

import hashlib
import http.client
import io
import json
import os
import tarfile
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regrow import RegrowError
from regrow.base.errors import Exit

MOST = 1 << 20  # bytes of an answer of a server
SECONDS = 10.0
TOKEN = "REGROW_SERVE_TOKEN"  # noqa: S105 - the variable that holds it
BUNDLE, CODE = "srv/model.bundle", "opt/code/"
ENTRY = ["python3", "-m", "regrow_serve.server", f"/{BUNDLE}"]
OF_URL = "a server that copied a registered bundle's answers could say the same: an image or a file can be hashed whole"


@dataclass(frozen=True)
class Found:
    """digest: of the bundle. same: what was compared and is equal; differs: what is not; limit: what it can't show."""

    digest: str
    same: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    limit: str = ""


def of_file(file: Path) -> Found:
    """A bundle as a file."""
    return Found(hashlib.sha256(file.read_bytes()).hexdigest(), ("every byte of the file",))


def of_image(folder: Path) -> Found:
    """An OCI image layout of one image: its last bundle, and that what would run is the bundle's own code.

    Raises RegrowError where it is no layout, or a blob is not what its name says.
    """
    from regrow_serve.archive import unpack

    index = _json(folder, (folder / "index.json").read_bytes())
    manifests: list[Any] = index.get("manifests") or []
    if len(manifests) != 1:
        raise RegrowError(f"holds {len(manifests)} images", where=str(folder), fix="name the folder of one image")
    manifest = _json(folder, _blob(folder, manifests[0]["digest"]))
    config = _json(folder, _blob(folder, manifest["config"]["digest"])).get("config") or {}
    files = _files(folder, manifest)
    if BUNDLE not in files:
        raise RegrowError(f"holds no {BUNDLE}", where=str(folder), fix="regrow image makes one", code=Exit.MISMATCH)
    data = files[BUNDLE]
    members, _ = unpack(data, str(folder))
    own = {f"{CODE}{name.partition('/')[2]}": one for name, one in members.items() if name.startswith("code/")}
    there = {name: one for name, one in files.items() if name.startswith(CODE)}
    differs = [
        f"{name} is not the bundle's own"
        for name in sorted(own.keys() | there.keys())
        if own.get(name) != there.get(name)
    ]
    if list(config.get("Entrypoint") or ())[:4] != ENTRY:
        differs.append("what it starts is not the server of the bundle")
    same = ("every blob against its name", "the bundle, whole", "its code and what it starts")
    return Found(hashlib.sha256(data).hexdigest(), same, tuple(differs),
                 "the base and the layer of packages are not compared: scan the image for those")  # fmt: skip


def _blob(folder: Path, digest: str) -> bytes:
    name = str(digest).removeprefix("sha256:")
    if len(name) != 64 or not name.isalnum():
        raise RegrowError(f"{str(digest)[:80]!r} is no digest", where=str(folder), code=Exit.UNSAFE)
    file = folder / "blobs/sha256" / name
    data = file.read_bytes() if file.is_file() else b""
    if hashlib.sha256(data).hexdigest() != name:
        raise RegrowError(f"blob {name[:12]} is not what its name says", where=str(folder), code=Exit.MISMATCH)
    return data


def _json(folder: Path, data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        raise RegrowError("is no OCI image layout", where=str(folder), code=Exit.UNSAFE) from None
    return found if isinstance(found, dict) else {}


def _files(folder: Path, manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """Bundle and code as a container would see them: a later layer replaces, or removes, what an earlier one has."""
    files: dict[str, bytes] = {}
    for layer in manifest["layers"]:
        with tarfile.open(fileobj=io.BytesIO(_blob(folder, layer["digest"]))) as tar:
            for entry in tar:
                name = entry.name.removeprefix("./").lstrip("/")
                parent, _, last = name.rpartition("/")
                if last.startswith(".wh."):
                    gone = f"{parent}/" if last == ".wh..wh..opq" else f"{parent}/{last.removeprefix('.wh.')}"
                    files = {
                        one: data for one, data in files.items() if not f"{one}/".startswith(f"{gone.rstrip('/')}/")
                    }
                elif name == BUNDLE or name.startswith(CODE):
                    files.pop(name, None)
                    file = tar.extractfile(entry) if entry.isfile() else None
                    if file is not None:
                        files[name] = file.read()
                    elif not entry.isdir():
                        files[name] = b""  # a link: nothing that was made so
    return files


def claimed(url: str) -> Mapping[str, Any]:
    """What a server says of its bundle at /bundle.json. Raises RegrowError where it says nothing."""
    said = _ask(url, "GET", "/bundle.json")
    if not isinstance(said.get("digest"), str):
        raise RegrowError("says no digest at /bundle.json", where=url, code=Exit.MISMATCH)
    return said


def of_url(url: str, said: Mapping[str, Any], registered: bytes | None) -> Found:
    """What a server says of itself and answers, against the registered bundle of that digest, where that is there."""
    digest = str(said["digest"])
    if registered is None:
        return Found(digest, ("the digest that the server claims",), (), f"nothing else could be compared; {OF_URL}")
    from regrow_serve.archive import unpack

    members, about = unpack(registered, "bundle")
    own = {key: value for key, value in said.items() if key != "digest"}
    differs = [] if own == json.loads(json.dumps(about)) else ["/bundle.json is not what the bundle says"]
    examples = [json.loads(line) for line in members["examples.jsonl"].splitlines()]
    wrong = _answers(url, digest, examples)
    differs += [wrong] if wrong else []
    same = ("/bundle.json", f"{len(examples)} answers, bit for bit")
    return Found(digest, () if differs else same, tuple(differs), OF_URL)


def _answers(url: str, digest: str, examples: list[dict[str, Any]]) -> str:
    """What is wrong with the answers to the bundle's examples, or ""."""

    def asked() -> dict[str, Any]:
        return _ask(url, "POST", "/v1/predict", json.dumps({"rows": [one["row"] for one in examples]}).encode())

    said = asked()
    if refused := {one["row"] for one in said.get("errors") or () if isinstance(one, dict)}:  # by the guard
        examples = [one for n, one in enumerate(examples) if n not in refused]
        said = asked()
    answers = said.get("answers")
    if said.get("bundle") != digest or not isinstance(answers, list) or len(answers) != len(examples):
        return (
            f"the answers to its examples are none of this bundle: {str(said.get('error') or said.get('bundle'))[:120]}"
        )
    off = [n for n, one in enumerate(answers) if one.get("source") != "model"]
    if off:
        return f"{len(off)} of {len(examples)} answers are the fallback's, so the model could not be compared"
    other = [n for n, one in enumerate(answers) if not _same(one, examples[n]["answer"])]
    return f"{len(other)} of {len(examples)} answers are not the bundle's" if other else ""


def _same(answer: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    def exact(value: Any) -> Any:
        return float(value).hex() if isinstance(value, float) else value

    shares = answer.get("probabilities")
    shares = (
        None
        if shares is None
        else [float(one).hex() for one in (shares.values() if isinstance(shares, dict) else shares)]
    )
    prediction = answer.get("prediction")
    wanted = expected["prediction"]
    alike = exact(prediction) == wanted or (isinstance(prediction, int) and float(prediction).hex() == wanted)
    return bool(alike and (expected["probabilities"] is None or shares == list(expected["probabilities"])))


def _ask(url: str, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
    """A server's JSON. Raises RegrowError where there is none."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RegrowError("is no URL", where=url, fix="such as http://127.0.0.1:8000")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=SECONDS)
    token = os.environ.get(TOKEN, "")  # regrow: harmless machine
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    try:
        connection.request(method, parts.path.rstrip("/") + path, body or None, headers)
        data = connection.getresponse().read(MOST)
        found = json.loads(data)
    except (OSError, http.client.HTTPException, ValueError) as error:
        wrong = f"gives no answer at {path}: {type(error).__name__}: {error}"
        raise RegrowError(wrong, where=url, code=Exit.MISMATCH) from None
    finally:
        connection.close()
    return found if isinstance(found, dict) else {}

"""The bundle as a wheel: `pip install` it, and `load()` gives the scorer."""

import base64
import hashlib
import re
import zipfile
from pathlib import Path

from packaging.version import InvalidVersion, Version

from regrow import RegrowError
from regrow_serve.archive import unpack
from regrow_serve.pins import pins

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,60}")
LOAD = '''"""A model, as regrow bundled it."""

import sys
from pathlib import Path

FILE = Path(__file__).parent / "model.bundle"


def load():
    """The scorer: `.predict(rows)` takes raw rows."""
    sys.path.append(str(FILE / "code"))
    from regrow_serve.bundle import Bundle

    return Bundle.load(FILE)
'''


def write(bundle: Path, name: str, version: str, out: Path) -> Path:
    """Write NAME-VERSION-py3-none-any.whl; the same bytes for the same bundle. Raises RegrowError for odd names."""
    check_name(name)
    try:
        Version(version)
    except InvalidVersion:
        raise RegrowError(f"{version!r} is no version", where="--version", fix="such as 1.0") from None
    data = bundle.read_bytes()
    members, about = unpack(data, str(bundle))
    module = name.replace("-", "_").lower()
    info = f"{module}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {package}=={known}\n" for package, known in pins(members).items())
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >={about['python']}\n"
    files = {
        f"{module}/__init__.py": LOAD.encode(),
        f"{module}/model.bundle": data,
        f"{info}/METADATA": (head + needs).encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: regrow-serve\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[regrow.bundles]\n{module} = {module}:load\n".encode(),
    }
    lines = [f"{path},sha256={_hash(content)},{len(content)}\n" for path, content in files.items()]
    files[f"{info}/RECORD"] = "".join([*lines, f"{info}/RECORD,,\n"]).encode()
    out.mkdir(parents=True, exist_ok=True)
    wheel = out / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content)
    return wheel


def check_name(name: str) -> None:
    """RegrowError for what is no name of a package."""
    if not NAME.fullmatch(name):
        raise RegrowError(f"{name!r} is no name of a package", where="--name", fix="letters, digits, - and _")


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()

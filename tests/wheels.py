"""Tiny wheels, and a lock of them."""

import base64
import hashlib
import sys
import zipfile
from collections.abc import Mapping
from io import BytesIO

PYTHON = "{}.{}".format(*sys.version_info[:2])


def wheel(name: str, code: str, script: str = "", more: Mapping[str, str] | None = None) -> tuple[str, bytes]:
    """(file name, bytes) of a wheel of one module, and of more files."""
    info = f"{name}-1.0.dist-info"
    files = {
        **(more or {}),
        f"{name}/__init__.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if script:
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{script} = {name}:main\n"
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(text)}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), text)
    return f"{name}-1.0-py3-none-any.whl", stream.getvalue()


MAIN = "import helper\n\n\ndef main():\n    print('regrow with', helper.SAYS)\n"


def locked_wheels(says: str = "one") -> tuple[bytes, dict[str, bytes]]:
    """A lock and its wheels: a `regrow` that uses a `helper`."""
    vendor = dict([wheel("regrow", MAIN, "regrow"), wheel("helper", f"SAYS = {says!r}\n")])
    lines = [
        f"{name.partition('-')[0]}==1.0 \\\n    --hash=sha256:{hashlib.sha256(data).hexdigest()}\n"
        for name, data in vendor.items()
    ]
    return "".join(lines).encode(), vendor

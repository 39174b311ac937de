"""Signatures by SSH keys, as `ssh-keygen -Y` makes and checks them. Nothing here knows a private key's content."""

import subprocess
import tempfile
from pathlib import Path

from regrow import RegrowError
from regrow.base.errors import Exit


def _keygen(*arguments: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(["ssh-keygen", *arguments], input=given, capture_output=True, check=False)
    except FileNotFoundError:
        raise RegrowError("there is no ssh-keygen", where="PATH", fix="install OpenSSH, version 8.2 or later") from None


def public_key(file: Path) -> str:
    """The public key of a key file, either half of it: type and key. Raises RegrowError where it is none."""
    public = file if file.suffix == ".pub" else file.with_name(f"{file.name}.pub")
    if public.is_file():
        return " ".join(public.read_text(encoding="utf-8").split()[:2])
    done = _keygen("-y", "-P", "", "-f", str(file))
    if done.returncode:
        raise RegrowError("is no SSH key that can be read", where=str(file), fix="ssh-keygen -t ed25519")
    return " ".join(done.stdout.decode().split()[:2])


def sign(payload: bytes, key: Path, namespace: str) -> str:
    """The signature, as text. key: a private key, or a public one whose other half an agent holds."""
    with tempfile.TemporaryDirectory(prefix="regrow-sign-") as folder:
        file = Path(folder) / "statement"
        file.write_bytes(payload)
        done = _keygen("-Y", "sign", "-q", "-f", str(key), "-n", namespace, str(file))
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise RegrowError(f"can't sign: {said[-1] if said else 'ssh-keygen failed'}", where=str(key))
        return file.with_name("statement.sig").read_text(encoding="ascii")


def signer(payload: bytes, signature: str, namespace: str, allowed: str) -> str | None:
    """The principal of `allowed` (allowed signers, as text) whose key signed, or None: unknown key, or other bytes."""
    with tempfile.TemporaryDirectory(prefix="regrow-verify-") as folder:
        signers, file = Path(folder) / "allowed_signers", Path(folder) / "signature"
        signers.write_text(allowed, encoding="utf-8")
        file.write_text(signature, encoding="utf-8")
        found = _keygen("-Y", "find-principals", "-f", str(signers), "-s", str(file))
        names = found.stdout.decode("utf-8", "replace").split()
        if found.returncode or not names:
            return None
        who = names[0]
        done = _keygen("-Y", "verify", "-f", str(signers), "-I", who, "-n", namespace, "-s", str(file), given=payload)
        if done.returncode:
            raise RegrowError("the signature is not of these bytes", where=who, code=Exit.MISMATCH)
        return who

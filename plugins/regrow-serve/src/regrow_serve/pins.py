"""Which versions a bundle was made with, as its requirements.lock says; apart, as a server reads it, too."""

from collections.abc import Mapping

LOCK = "requirements.lock"


def pins(members: Mapping[str, bytes]) -> dict[str, str]:
    """Package -> version."""
    lines = members.get(LOCK, b"").decode("utf-8", "replace").splitlines()
    found = (line.split(" ")[0].partition("==") for line in lines if line[:1].isalnum())
    return {name: version for name, _, version in found}

"""The release that this checkout is of, or comes after: what every package's version is read from.

It is the newest Git tag `v1.2.3` in the commit's history, and where no tag is known, as in a zip or in a shallow clone,
the newest heading of CHANGELOG.md. Commits between two releases have the version of the first: neither count, hash nor
date of a commit is in it, so that the same commit gives the same wheels everywhere, and a project's lock and vendor/
keep their names. Which commit's code a wheel holds is said by its hash, which is in that lock.
"""

import os
import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RELEASE = r"[0-9]+(?:\.[0-9]+)*(?:(?:a|b|rc)[0-9]+)?"


@cache
def version(root: Path = ROOT) -> str:
    """Of the checkout in `root`, such as "0.1.0". Raises ValueError if CHANGELOG.md names none, OSError without it."""
    return tagged(root) or announced(root)


def tagged(root: Path) -> str:
    """What the newest tag in HEAD's history says; "" without one, without Git, and in somebody else's repository."""
    if not (root / ".git").exists():
        return ""  # else a repository above an unpacked zip would be asked
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # a hook's are another's
    command = ["git", "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]
    try:
        done = subprocess.run(command, cwd=root, env=own, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    found = re.fullmatch(f"v({RELEASE})", done.stdout.strip())
    return found[1] if found else ""


def announced(root: Path) -> str:
    """The newest release in CHANGELOG.md."""
    found = re.search(f"(?m)^## ({RELEASE})\\b", (root / "CHANGELOG.md").read_text("utf-8"))
    if not found:
        raise ValueError(f"{root / 'CHANGELOG.md'}: no heading is a release, such as '## 0.1.0'")
    return found[1]


if __name__ == "__main__":
    print(version())

"""What is written to Git: notes and tags, never a commit or a file."""

import subprocess
from pathlib import Path

from regrow import RegrowError
from regrow.tools import git

NOTES = "refs/notes/regrow-approvals"


def _call(root: Path, *arguments: str, given: str = "") -> str:
    done = subprocess.run(
        [*git.PREFIX, *arguments],
        cwd=root,
        env=git.environment(),
        input=given,
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise RegrowError(said[-1] if said else "git failed", where=f"git {arguments[0]}")
    return done.stdout


def add_note(root: Path, commit: str, line: str) -> None:
    """Put a line below those that a commit has in the notes of approvals."""
    _call(root, "notes", f"--ref={NOTES}", "append", "-F", "-", commit, given=f"{line}\n")


def notes(root: Path, commit: str) -> list[str]:
    """The lines that a commit has there, oldest first."""
    printed = git.output(root, "notes", f"--ref={NOTES}", "show", commit)
    return [line for line in (printed or b"").decode("utf-8", "replace").splitlines() if line.strip()]


def tag(root: Path, name: str, commit: str, message: str, key: Path | None) -> None:
    """Make an annotated tag, signed where a key is given. Raises RegrowError where there is one of that name."""
    settings = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={key}") if key else ()
    kind = "--sign" if key else "--annotate"
    plain = () if key else ("--no-sign",)
    _call(root, *settings, "tag", kind, *plain, "--cleanup=verbatim", "-F", "-", "--end-of-options", name, commit,
          given=message)  # fmt: skip


def verified(root: Path, name: str, allowed: str) -> bool:
    """Whether a tag is signed by one of the allowed signers (their file's text)."""
    import tempfile

    with tempfile.NamedTemporaryFile("w", prefix="regrow-signers-", encoding="utf-8") as file:
        file.write(allowed)
        file.flush()
        settings = ("-c", "gpg.format=ssh", "-c", f"gpg.ssh.allowedSignersFile={file.name}")
        return git.output(root, *settings, "verify-tag", "--", name) is not None


def configured(root: Path, key: str) -> str:
    """What Git's settings say, or ""."""
    return (git.output(root, "config", "--get", key) or b"").decode("utf-8", "replace").strip()


def authors(root: Path, commit: str, path: str) -> set[str]:
    """The e-mails, in small letters, of who wrote or committed a commit, and the one before it that changed `path`."""
    found: set[str] = set()
    for last in (("-1", commit), ("-1", commit, "--", path)):
        found |= {line.lower() for line in git.lines(root, "log", "--format=%ae%n%ce", *last) if line}
    return found

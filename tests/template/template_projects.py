"""What the tests of the template share: answers, a command's outcome, a project's files."""

import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "T"), ("EMAIL", "t@example.invalid"))
}
WHEN = {"GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
Generate = Callable[..., subprocess.CompletedProcess]

ODD_NAME = 'O\'Brien & "Söhne" \\ 😀 $(touch canary) `touch canary` #1: {a} %s </script>'
ODD_AUTHOR = 'Ada "A" O\'Neil <ada@example.org> 👩\u200d💻 \\'
ODD_TARGET = 'ta"rg\\et: #1 😀'


def run(*command: object, cwd: Path, **more) -> subprocess.CompletedProcess:
    """A command's outcome, its output as text."""
    return subprocess.run([str(part) for part in command], check=False, cwd=cwd, capture_output=True, text=True, **more)


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a project but Git's own and DVC's scratch: its mode and bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = {path.relative_to(folder).as_posix(): (path.stat().st_mode & 0o777, path.read_bytes()) for path in files}
    return {name: content for name, content in found.items() if not name.startswith((".git/", ".dvc/tmp/"))}


def run_bytes(command, folder, environment, umask=-1) -> subprocess.CompletedProcess:
    return subprocess.run(
        command,
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        umask=umask,
    )


def good(done: subprocess.CompletedProcess, project: Path) -> Path:
    """The project, after making sure that it was made."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.is_dir()
    return project

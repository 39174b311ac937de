"""The documentation as a site: README, docs/ and the plugins' pages, built by zensical; a warning is an error.

    python -m tools.site [--output FOLDER]

Pages keep the places that they have in the repository, so that a link means there what it means here.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/**/*.md", "plugins/*/README.md")
PICTURES = ("docs/**/*.svg", "docs/**/*.png")


def gather(root: Path, pages: Path) -> list[str]:
    """Copy what the site is made of; returns the pages' paths, sorted."""
    for pattern in (*PAGES, *PICTURES):
        for file in root.glob(pattern):
            target = pages / file.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return sorted(path.relative_to(pages).as_posix() for path in pages.rglob("*.md"))


def configuration(root: Path, pages: Path, output: Path) -> dict:
    """mkdocs.yml with the places of this build, and with a page for each plugin."""
    settings = yaml.safe_load((root / "mkdocs.yml").read_text("utf-8"))
    plugins = [{path.parent.name: path.relative_to(pages).as_posix()} for path in sorted(pages.glob("plugins/*/*.md"))]
    # relative: zensical takes both from the folder of the configuration
    places = {"docs_dir": pages.name, "site_dir": os.path.relpath(output, pages.parent)}
    return settings | places | {"nav": [*settings["nav"], {"Plugins": plugins}]}


def listed(nav: list | dict | str) -> list[str]:
    """The paths in a nav."""
    if isinstance(nav, str):
        return [nav]
    return [path for part in (nav.values() if isinstance(nav, dict) else nav) for path in listed(part)]


def build(output: Path, root: Path = ROOT) -> str:
    """Build into `output`; returns what is wrong, or ""."""
    with tempfile.TemporaryDirectory() as folder:
        pages, built = Path(folder, "pages"), Path(folder, "site")
        found = gather(root, pages)
        settings = configuration(root, pages, built)
        if lost := sorted(set(found) ^ set(listed(settings["nav"]))):
            return f"mkdocs.yml: in nav or in the repository, but not in both: {', '.join(lost)}\n"
        (Path(folder) / "mkdocs.yml").write_text(yaml.safe_dump(settings, sort_keys=False), "utf-8")
        command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        if done.returncode or "Warning" in said:
            return said.partition("Traceback")[0] or said
        shutil.rmtree(output, ignore_errors=True)
        shutil.copytree(built, output)
    return ""


def main() -> None:
    """`make site`."""
    parser = argparse.ArgumentParser(description="Build the documentation's site; a warning is an error.")
    parser.add_argument("--output", type=Path, default=ROOT / "site", help="where to (default: site)")
    output = parser.parse_args().output
    if wrong := build(output):
        sys.exit(wrong)
    print(f"{output}: {sum(1 for _ in output.rglob('*.html'))} pages")


if __name__ == "__main__":
    main()

"""What `regrow serve --promoted STAGE` serves: the bundle that the stage's tag names, and nothing else."""

import hashlib
from pathlib import Path

from regrow import RegrowError
from regrow.base.errors import Exit
from regrow.plugin.project import Project, open_project
from regrow.tools import git
from regrow_govern import model_tags, trusted_tags

FOLDER = ".dvc/tmp/regrow/promoted"  # ignored by Git through DVC's own .gitignore


class Promoted:
    """What a stage of this project's model stands at. where: the project's folder and the stage, as "FOLDER#STAGE"."""

    def __init__(self, where: str) -> None:
        folder, _, self.stage = where.rpartition("#")
        self.project: Project = open_project(Path(folder))
        self.model = model_tags.name_of(self.project)
        common = git.lines(self.project.root, "rev-parse", "--path-format=absolute", "--git-common-dir")
        self._git = Path(common[0]) if common else self.project.path(".git")
        self._seen: tuple[object, str] = (None, "")

    def digest(self) -> str:
        """The sha256 that the tag names now; Git is asked only where a tag was written since. Raises RegrowError."""
        mark = self._mark()
        if self._seen[0] != mark or not self._seen[1]:
            move = model_tags.the_current(self.project.root, self.stage, self.model)
            if wrong := trusted_tags.distrust(self.project.root, move):
                raise RegrowError(wrong, where=self.stage, fix="regrow promote --key FILE", code=Exit.UNSAFE)
            if not move.bundle:
                raise RegrowError("names no bundle", where=move.tag, fix="regrow promote", code=Exit.UNSAFE)
            self._seen = (mark, move.bundle)
        return self._seen[1]

    def before(self) -> str:
        """The sha256 of what the stage stood at before, "" where it has had one bundle only."""
        past = [one.bundle for one in model_tags.moves(self.project.root, self.stage, self.model) if one.bundle]
        return next((one for one in reversed(past) if one != past[-1]), "")

    def file(self, digest: str) -> Path:
        """The bundle of that digest, which a tag of this stage names; from DVC's cache or remote, kept by its digest.

        Raises RegrowError where no place has these bytes.
        """
        kept = self.project.path(f"{FOLDER}/{digest}.bundle")
        if not kept.is_file() or hashlib.sha256(kept.read_bytes()).hexdigest() != digest:
            self._get(digest, kept)
        return kept

    def _get(self, digest: str, kept: Path) -> None:
        from regrow_history.experiments.opened import OpenProject

        moves = model_tags.moves(self.project.root, self.stage, self.model)
        move = next((one for one in reversed(moves) if one.bundle == digest), None)
        if move is None:
            raise RegrowError(f"no tag names {digest[:12]}", where=self.stage, code=Exit.UNSAFE)
        data = OpenProject(self.project).at(move.commit).save("bundle", kept.parent / move.commit).read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            wrong = f"the bundle of {move.commit[:10]} is not the one that {move.tag} names"
            raise RegrowError(wrong, where=self.stage, code=Exit.UNSAFE)
        part = kept.with_suffix(".part")
        part.write_bytes(data)
        part.replace(kept)

    def _mark(self) -> object:
        """What changes whenever a tag is written or fetched."""
        tags, marks = self._git / "refs/tags", []
        for place in (self._git / "packed-refs", tags, *tags.glob("**/")):
            if place.exists():
                told = place.stat()
                marks.append((str(place), told.st_mtime_ns, told.st_size, told.st_ino))
        return tuple(sorted(set(marks)))

"""The floor: the same stages in one plain Python process, with what regrow's own environment has."""

from benchmarks.peers.project import Project, set_rate
from benchmarks.place import WORKERS, Place, rate, rates
from benchmarks.rounds import Row
from benchmarks.shell import Shell

ONE = "one Python process"
FORKS = f"one Python process, {WORKERS} forks"
SCRIPT = ("python", "script.py")
LAST = (*SCRIPT, "train", "evaluate")


class Floor(Project):
    """No tool at all."""

    name = "floor"

    @classmethod
    def environment(cls, place: Place) -> Shell | None:
        """Always there."""
        return place.own()

    def first(self, shell: Shell) -> None:
        """All six stages."""
        shell.run(*SCRIPT)

    def a(self) -> list[Row]:
        """All six stages."""
        return [Row(ONE, lambda _: self.fresh().seconds(SCRIPT))]

    def c(self) -> list[Row]:
        """The two stages that the setting reaches, picked by hand."""

        def take(number: int) -> float:
            set_rate(self.here.folder / "params.yaml", rate(number))
            return self.here.seconds(LAST)

        return [Row(ONE, take, note="the stages to run are picked by hand")]

    def d(self) -> list[Row]:
        """A pool of forks."""
        note = "files in a folder for each"
        command = ("python", "sweep.py", str(WORKERS))
        return [Row(FORKS, lambda number: self.here.seconds((*command, *rates(number))), note=note)]

    def e(self) -> list[Row]:
        """The old settings, and training again."""
        back = ("git", "checkout", "--quiet", "--force", "first")
        return [Row(f"git checkout, {ONE}", lambda _: self.here.seconds(back, LAST), note="trained again")]

"""W1 as runs of MLflow, tracked in a database of the project."""

from benchmarks.peers.project import IGNORED, Project
from benchmarks.place import rate, rates
from benchmarks.rounds import Row
from benchmarks.shell import Shell

MAIN = ("python", "main.py")
NAME = "MLflow runs"
OLD = "0.1"


class Mlflow(Project):
    """MLflow with SQLite; settings, metrics, commit and model are logged."""

    name = "mlflow"
    packages = ("mlflow>=3",)
    sources = ("plain", "mlflow")
    ignored = IGNORED + "/data/\n/mlruns/\n/mlartifacts/\n/mlflow.db\n"

    def first(self, shell: Shell) -> None:
        """One run of all stages."""
        shell.run(*MAIN, "full")

    def cold(self) -> float:
        """The database is there already, as it is made but once."""
        shell = self.fresh()
        (shell.folder / "mlflow.db").write_bytes((self.here.folder / "mlflow.db").read_bytes())
        return shell.seconds((*MAIN, "full"))

    def a(self) -> list[Row]:
        """One run of all stages."""
        return [Row(NAME, lambda _: self.cold(), note="its database is there already")]

    def c(self) -> list[Row]:
        """One run of the last two."""
        note = "the stages to run are picked by hand; recorded"
        return [Row(NAME, lambda number: self.here.seconds((*MAIN, "train", rate(number))), note=note)]

    def d(self) -> list[Row]:
        """All in one process, one after the other."""
        note = "one process; settings, metrics and model, not data and code"
        return [Row(NAME, lambda number: self.here.seconds((*MAIN, "train", *rates(number))), note=note)]

    def e(self) -> list[Row]:
        """The old run found, its model fetched, and training again."""
        return [Row(NAME, lambda _: self.here.seconds((*MAIN, "again", OLD)), note="trained again")]

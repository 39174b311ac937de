"""W1 as an app of Hydra, and its multirun with the joblib launcher."""

from pathlib import Path

from benchmarks.peers.project import IGNORED, Project
from benchmarks.place import W1, WORKERS, rate, rates
from benchmarks.rounds import Row
from benchmarks.shell import Shell

APP = ("python", "main.py")
LAST = (*APP, "stages=[train,evaluate]")
NAME, SWEEP = "Hydra app", f"Hydra multirun, joblib n_jobs={WORKERS}"
STAGES = "stages: [ingest, validate, split, features, train, evaluate]\n"
BY_HAND = "the stages to run are picked by hand"


class Hydra(Project):
    """Hydra with its joblib launcher."""

    name = "hydra"
    packages = ("hydra-core>=1.3.8", "hydra-joblib-launcher>=1.2")
    sources = ("plain", "hydra")
    ignored = IGNORED + "/data/\n/outputs/\n/multirun/\n"

    def add(self, folder: Path) -> None:
        """The stages; the settings as Hydra's."""
        super().add(folder)
        (folder / "conf").mkdir()
        settings = STAGES + (W1 / "params.yaml").read_text(encoding="utf-8")
        (folder / "conf/config.yaml").write_text(settings, encoding="utf-8")

    def first(self, shell: Shell) -> None:
        """What training needs, where every run finds it."""
        shell.run("python", "script.py")

    def a(self) -> list[Row]:
        """The app."""
        return [Row(NAME, lambda _: self.fresh().seconds(APP))]

    def one(self, said: str) -> float:
        """Train and evaluate with another learning rate."""
        return self.here.seconds((*LAST, f"model.learning_rate={said}"))

    def c(self) -> list[Row]:
        """The app."""
        return [Row(NAME, lambda number: self.one(rate(number)), note=BY_HAND)]

    def d(self) -> list[Row]:
        """Multirun."""
        launcher = ("hydra/launcher=joblib", f"hydra.launcher.n_jobs={WORKERS}", "stages=[train,evaluate]")

        def take(number: int) -> float:
            return self.here.seconds((*APP, "--multirun", *launcher, f"model.learning_rate={','.join(rates(number))}"))

        return [Row(SWEEP, take, note="overrides and files, no commit")]

    def e(self) -> list[Row]:
        """The old overrides, and training again."""
        return [Row(NAME, lambda _: self.one("0.1"), note="trained again")]

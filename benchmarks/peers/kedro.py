"""W1 as a project of Kedro: the stages are nodes, the data a catalog."""

from pathlib import Path

from benchmarks.peers.project import IGNORED, Project
from benchmarks.place import EXPERIMENTS, W1, rate, rates
from benchmarks.rounds import Row
from benchmarks.shell import Shell

RUN = ("kedro", "run")
NAME, PICKED = "kedro run", "kedro run --from-nodes"
FEW = 2  # experiments in a round
BY_HAND = "the stages to run are picked by hand"


class Kedro(Project):
    """Kedro, with model and metrics versioned."""

    name = "kedro"
    packages = ("kedro>=1.0", "kedro-datasets>=9", "pyarrow")
    sources = ("kedro",)
    ignored = IGNORED + "/data/\n/conf/local/\n"
    metrics = "work/metrics.json/*/metrics.json"

    def add(self, folder: Path) -> None:
        """What `kedro new` makes, as far as it counts; the stages and the settings."""
        version = self.place.versions[self.name]["kedro"]
        said = ['package_name = "w1_kedro"', 'project_name = "w1"', f'kedro_init_version = "{version}"']
        (folder / "pyproject.toml").write_text("\n".join(["[tool.kedro]", *said, ""]), encoding="utf-8")
        (folder / "src/stages.py").write_bytes((W1 / "stages.py").read_bytes())
        settings = "raw: data/raw/raw.csv\n" + (W1 / "params.yaml").read_text(encoding="utf-8")
        (folder / "conf/base/parameters.yml").write_text(settings, encoding="utf-8")
        (folder / "conf/local").mkdir()

    def first(self, shell: Shell) -> None:
        """The whole pipeline."""
        shell.run(*RUN)

    def a(self) -> list[Row]:
        """`kedro run`."""
        return [Row(NAME, lambda _: self.fresh().seconds(RUN))]

    def b(self) -> list[Row]:
        """What Kedro has for it."""
        note = "sees what is missing, not what has changed"
        name = "kedro run --only-missing-outputs"
        return [Row(name, lambda _: self.here.seconds(tuple(name.split())), note=note)]

    def one(self, said: str) -> float:
        """Train and evaluate with another learning rate."""
        return self.here.seconds((*RUN, "--from-nodes=train", f"--params=model.learning_rate={said}"))

    def c(self) -> list[Row]:
        """From the first node that the setting reaches."""
        return [Row(PICKED, lambda number: self.one(rate(number)), note=BY_HAND)]

    def d(self) -> list[Row]:
        """One after the other."""

        def some(number: int) -> float:
            return sum(self.one(one) for one in rates(number, FEW))

        told = f"{FEW} were run in each round, and the time multiplied; model and metrics are versioned, no commit"
        return [Row(PICKED, some, multiplied=EXPERIMENTS // FEW, note=told)]

    def e(self) -> list[Row]:
        """The old settings, and training again."""
        return [Row(PICKED, lambda _: self.one("0.1"), note="trained again")]

"""W1 as a workflow of Snakemake: a process for each rule."""

from benchmarks.peers.project import IGNORED, Project, set_rate
from benchmarks.place import WORKERS, rate, rates
from benchmarks.rounds import Row
from benchmarks.shell import Shell

RUN = ("snakemake", "--quiet", "--cores", "1")
NAME, SWEEP = "snakemake", f"snakemake --cores {WORKERS}"


class Snakemake(Project):
    """Snakemake as it comes."""

    name = "snakemake"
    packages = ("snakemake>=9",)
    sources = ("plain", "snakemake")
    ignored = IGNORED + "/data/\n/runs/\n/.snakemake/\n"

    def first(self, shell: Shell) -> None:
        """The whole workflow."""
        shell.run(*RUN)

    def a(self) -> list[Row]:
        """`snakemake`."""
        return [Row(NAME, lambda _: self.fresh().seconds(RUN))]

    def b(self) -> list[Row]:
        """`snakemake`."""

        def take(_: int) -> float:
            self.here.run(*RUN)
            return self.here.seconds(RUN)

        return [Row(NAME, take)]

    def changed(self, said: str) -> float:
        """Another learning rate, committed."""
        set_rate(self.here.folder / "params.yaml", said)
        self.here.commit("a setting")
        return self.here.seconds(RUN)

    def c(self) -> list[Row]:
        """`snakemake`."""
        return [Row(NAME, lambda number: self.changed(rate(number)))]

    def d(self) -> list[Row]:
        """One workflow of all experiments."""

        def take(number: int) -> float:
            said = f"rates={' '.join(rates(number))}"
            command = ("snakemake", "--quiet", "--cores", str(WORKERS), "--snakefile", "sweep.smk", "--config", said)
            return self.here.seconds(command)

        return [Row(SWEEP, take, note="one workflow of all; files in a folder for each")]

    def e(self) -> list[Row]:
        """The old settings, and what they reach again."""

        def take(number: int) -> float:
            self.here.git("checkout", "--quiet", "main")
            self.changed(rate(200 + number))
            return self.here.seconds(("git", "checkout", "--quiet", "first"), RUN)

        return [Row(f"git checkout, {NAME}", take, note="trained again")]

"""W1 as a project of each tool, with the commands of its own documentation."""

from benchmarks.peers.dvc import Dvc
from benchmarks.peers.floor import Floor
from benchmarks.peers.hydra import Hydra
from benchmarks.peers.kedro import Kedro
from benchmarks.peers.mlflow import Mlflow
from benchmarks.peers.project import Project
from benchmarks.peers.regrow import Regrow
from benchmarks.peers.snakemake import Snakemake
from benchmarks.place import Place

KINDS: tuple[type[Project], ...] = (Floor, Regrow, Dvc, Kedro, Snakemake, Hydra, Mlflow)


def projects(place: Place) -> list[Project]:
    """Those that can take part here."""
    shells = [(kind, kind.environment(place)) for kind in KINDS]
    return [kind(place, shell) for kind, shell in shells if shell is not None]

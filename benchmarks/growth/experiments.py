"""10, 100 and 1,000 experiments listed: made by Git alone, as commits of W1's project with other settings."""

from collections.abc import Iterator
from dataclasses import replace

from benchmarks.peers.dvc import Dvc
from benchmarks.peers.regrow import Regrow
from benchmarks.place import Place
from benchmarks.rounds import Row, command
from benchmarks.shell import Shell

SIZES = (10, 100, 1_000)
LIST, SHOW = ("regrow", "experiments"), ("dvc", "exp", "show", "--no-pager")
OURS, OUR_FIRST = "regrow experiments", "regrow experiments, the first time"
THEIRS, FIRST = "dvc exp show, cached", "dvc exp show, the first time"


def grow(place: Place) -> Iterator[list[Row]]:
    """One project, with more and more of them."""
    place = replace(place, work=place.work / "listed")  # the other parts have a project of this name, too
    place.work.mkdir()
    shell = Regrow(place, place.own()).ran("listed")
    dvc = place.shell(Dvc.name, Dvc.packages)
    made = 0
    for size in place.sizes(SIZES):
        add(shell, range(made, size))
        made = size
        ours = command(shell, *LIST)
        yield [Row(OUR_FIRST, ours, size=size, once=True)]
        rows = [Row(OURS, ours, size=size)]
        if dvc:
            show = command(dvc.at(shell.folder), *SHOW)
            yield [Row(FIRST, show, size=size, once=True)]
            rows.append(Row(THEIRS, show, size=size))
        yield rows


def add(shell: Shell, numbers: range) -> None:
    """Experiments of the commit that is checked out, with seeds and accuracies of their own."""
    head = shell.git("rev-parse", "HEAD").strip()
    params, metrics = ((shell.folder / name).read_text(encoding="utf-8") for name in ("params.yaml", "metrics.json"))
    text = ""
    for number in numbers:
        text += f"commit refs/exps/{head[:2]}/{head[2:]}/made-{number}\n"
        text += f"committer B <bench@example.invalid> 1700000000 +0000\ndata 1\nx\nfrom {head}\n"
        files = {"params.yaml": params.replace("seed: 42", f"seed: {number}"), "metrics.json": metrics}
        for path, content in files.items():
            text += f"M 100644 inline {path}\ndata {len(content.encode())}\n{content}\n"
    shell.run("git", "fast-import", "--quiet", text=text)

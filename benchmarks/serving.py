"""`regrow serve` beside plain FastAPI, MLflow serving and BentoML, with the same pipelines: `--only serving`.

A logistic regression and a boosting, on the flights of a generated project. Each server in a process and an environment
of its own, one worker; 1, 8, 32 and 128 clients that ask for one row at a time over kept connections. The others get
what reaches the model, with types said by hand where they can be, so that they need neither the row-wise steps nor a
guard.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks import environments
from benchmarks.place import Place
from benchmarks.rounds import Row, say
from benchmarks.servers import asked, servers
from benchmarks.servers.process import Process, imports
from benchmarks.servers.servers import OURS, Server
from benchmarks.shell import FailedError

CLIENTS = (1, 8, 32, 128)
MODELS = ("linear", "boosting")
SECONDS = float(os.environ.get("BENCH_SECONDS", "10"))  # for each number of clients
MB, IMPORTS, IMAGE, PUSH = (
    "one MB",
    "scikit-learn and pandas imported",
    "the image above its base, MB",
    "a new model, MB",
)
P99, START, MEMORY = "p99", "from start to ready", "peak memory, MB"


def serving(place: Place) -> Iterator[list[Row]]:
    """All servers under all numbers of clients, with each model; then what they take."""
    found = servers.bundles(place.own().at(place.work / "serving"), MODELS)
    yield [_row(MB, 1.0), _row(IMPORTS, imports(environments.OWN / "python"))]
    for model, bundle in found.items():
        for name in (OURS, *servers.PEERS):
            try:
                server = _server(place, name, bundle)
                yield from _rows(server, model, place) if server else ()
            except FailedError as error:
                say(f"serving: {name}, {model} is left out: {error}")
    yield [_row(who, size) for who, size in _image(next(iter(found.values())), place.work / "image")]


def name_of(server: str, model: str, what: str = "") -> str:
    """How a row is called; without `what`, it has the seconds that a request takes on the whole."""
    return ", ".join(filter(None, (server, model, what)))


def _server(place: Place, name: str, bundle: Path) -> Server | None:
    if name == OURS:
        return servers.ours(bundle, environments.OWN / "python")
    shell = place.shell(name, servers.PEERS[name])
    if shell is None:
        return None
    work = place.work / "serving" / f"{bundle.stem}-{name}"
    work.mkdir(parents=True, exist_ok=True)
    return servers.peer(name, bundle, work, environments.programs(place.cache, name, servers.PEERS[name]))


def _rows(server: Server, model: str, place: Place) -> Iterator[list[Row]]:
    """A server's figures, each a group of its own, so that what was measured is told at once."""
    say(f"serving: {server.name}, {model}")
    with Process(server, place.work) as process:
        yield [_row(name_of(server.name, model, START), process.seconds_to_ready)]
        for clients in place.sizes(CLIENTS):
            told = asked.load(process.port, server, clients, SECONDS)
            note = f"{told.requests:,} asked, {told.lost} lost"
            yield [
                _row(name_of(server.name, model), told.seconds / max(told.requests - told.lost, 1), clients, note),
                _row(name_of(server.name, model, P99), told.p99, clients),
            ]
        yield [_row(name_of(server.name, model, MEMORY), process.peak_megabytes())]


def _row(who: str, value: float, size: int = 0, note: str = "") -> Row:
    return Row(who, lambda _: value, size=size, once=True, note=note)


def _image(bundle: Path, out: Path) -> list[tuple[str, float]]:
    """Packed sizes: of all layers, and of the last one."""
    import json

    from regrow_serve import image

    digest = image.write(bundle, out)
    manifest = json.loads((out / "blobs/sha256" / digest.removeprefix("sha256:")).read_bytes())
    sizes = [layer["size"] / 1e6 for layer in manifest["layers"]]
    return [(IMAGE, sum(sizes)), (PUSH, sizes[-1])]

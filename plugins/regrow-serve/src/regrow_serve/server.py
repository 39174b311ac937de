"""`regrow serve`, and `python some.bundle`: uvicorn in the environment that scoring was tried in.

Nothing heavy is imported before that environment is set: kernels and threads are chosen once, when a process starts.
"""

import argparse
import json
import os
import shutil
import sys
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regrow_serve.bundle import Bundle

SET = "REGROW_SERVE_RECIPE"  # set once the environment is
TOKEN = "REGROW_SERVE_TOKEN"  # noqa: S105 - the variable that holds it: a command line is seen by others


def main(argv: Sequence[str]) -> int:
    """Serve the bundle argv[0] until a signal. Ends in 5 for a bundle that is refused and has no stand-in."""
    from regrow.base.errors import RegrowError

    options = parser().parse_args(argv)
    if SET not in os.environ:  # regrow: harmless machine
        start_again(options.bundle, list(argv), "regrow_serve.server")
    try:
        app = application(options)
    except RegrowError as error:
        sys.stderr.write(f"regrow: {error}\n")
        return int(error.code)
    draining(app, options).run()
    return 0


def draining(app: Any, options: argparse.Namespace) -> Any:
    """The server of an application: uvicorn's, which ends once it has answered."""
    import uvicorn

    from regrow_serve.drain import Draining

    config = uvicorn.Config(
        app, host=options.host, port=options.port, log_level="warning", access_log=False, lifespan="on", ws="none",
        timeout_graceful_shutdown=int(options.deadline) + 5, limit_max_requests=None, server_header=False,
    )  # fmt: skip
    return Draining(config, app)


def parser() -> argparse.ArgumentParser:
    """Of the command line."""
    parser = argparse.ArgumentParser(prog="serve", description="Answer over HTTP with a bundle.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--deadline", type=float, default=5.0, help="seconds until the fallback answers")
    parser.add_argument("--body", type=int, default=1 << 20, help="bytes of a body at most")
    parser.add_argument("--rows", type=int, default=1000, help="rows of a request at most")
    parser.add_argument("--queue", type=int, default=10_000, help="rows that may wait")
    parser.add_argument("--switch", type=Path, help="while this file is there, the fallback answers")
    parser.add_argument("--last", type=Path, help="where the last bundle that came out right is kept, to stand in")
    parser.add_argument("--log", type=Path, help="the folder of the prediction log; without one nothing is kept")
    parser.add_argument("--log-inputs", choices=["all", "sample", "none"], help="in place of serving.log.inputs")
    parser.add_argument("--digest", default="", help="the sha256 that the bundle has to have")
    return parser


def application(options: argparse.Namespace) -> Any:
    """The application for parsed options; with the last bundle that came out right where the one asked for is refused.

    Raises RegrowError where there is neither.
    """
    from regrow.base.errors import RegrowError
    from regrow_serve.app import App, Limits
    from regrow_serve.bundle import Bundle

    why = ""
    try:
        bundle = Bundle.load(options.bundle, options.digest)
    except RegrowError as error:
        if options.last is None or not options.last.is_file():
            raise
        bundle, why = Bundle.load(options.last), f"{options.bundle.name} is refused: {error.problems[0].wrong}"
    if not why and options.last is not None:
        _keep(bundle, options)
    limits = Limits(options.body, options.rows, options.queue, 2048, options.deadline)
    log = _log(bundle, options, why) if options.log is not None else None
    return App(bundle, limits, options.switch, os.environ.get(TOKEN, ""), why, log)  # regrow: harmless machine


def _log(bundle: "Bundle", options: argparse.Namespace, why: str) -> Any:
    """The prediction log. RegrowError where it can't be written: a server that is to keep answers begins so."""
    from regrow.base.errors import RegrowError
    from regrow_serve.prediction_log import PredictionLog

    file = options.last if why else options.bundle
    try:
        return PredictionLog.of(options.log, bundle, file, why, inputs=options.log_inputs)
    except OSError as error:
        raise RegrowError(
            f"can't be written: {error.strerror}", where=str(options.log), fix="say another --log"
        ) from None


def _keep(bundle: "Bundle", options: argparse.Namespace) -> None:
    """Keep the bundle as the last one that came out right; a full disk keeps nobody from serving."""
    if not bundle.self_test():
        part = options.last.with_name(f"{options.last.name}.part")
        with suppress(OSError):
            options.last.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(options.bundle, part)
            part.replace(options.last)


def start_again(bundle: Path, argv: list[str], module: str) -> None:
    """Replace this process by one in the bundle's environment, which runs a module with the same arguments."""
    recipe: dict[str, str] = {}
    with suppress(OSError, KeyError, ValueError, zipfile.BadZipFile), zipfile.ZipFile(bundle) as archive:
        recipe = {str(name): str(value) for name, value in json.loads(archive.read("bundle.json"))["recipe"].items()}
    known = {
        name: value for name, value in recipe.items() if name.endswith(("_THREADS", "_CORETYPE", "_FEATURES", "_CBWR"))
    }
    by_itself = sys.argv[0] == argv[0]  # python some.bundle
    command = [sys.executable, *argv] if by_itself else [sys.executable, "-m", module, *argv]
    os.execve(sys.executable, command, {**os.environ, **known, SET: "1", "PYTHONHASHSEED": "0"})  # noqa: S606  # regrow: harmless machine


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The commands of this plugin."""

import datetime
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from regrow import RegrowError

if TYPE_CHECKING:
    from regrow_serve.bundle import Bundle

STATE = ".dvc/tmp/regrow/serving"  # ignored by Git through DVC's own .gitignore
SWITCH, LAST = f"{STATE}/off.json", f"{STATE}/last.bundle"
PROMOTED = "regrow_govern.promoted:Promoted"  # what names a bundle by the tag of a stage
FILE = click.Path(path_type=Path, dir_okay=False)


def bundle_file(file: Path | None, revision: str | None, folder: Path) -> Path:
    """The bundle that is meant: a file, that of a commit (written below `folder`), or the project's own as it lies."""
    if file is not None:
        return file
    from regrow.plugin.project import open_project
    from regrow_history.experiments.opened import open_here

    if revision is not None:
        return open_here().at(revision).save("bundle", folder)
    own = open_project().path("models/bundle.bundle")
    if not own.is_file():
        raise RegrowError("there is no bundle", where=str(own), fix="make it: regrow run; or say --bundle FILE")
    return own


def _loaded(file: Path | None, revision: str | None) -> "Bundle":
    from regrow_serve.bundle import Bundle

    with tempfile.TemporaryDirectory(prefix="regrow-") as folder:
        return Bundle.load(bundle_file(file, revision, Path(folder)))


def in_recipe() -> None:
    """Run the command again in the environment in which stages run, unless this is it."""
    from regrow.environment.variables import variables

    wanted = variables(os.environ, portable=True)  # regrow: harmless machine
    fixed = {name: value for name, value in wanted.items() if name.endswith(("_THREADS", "_CORETYPE", "_FEATURES"))}
    if any(os.environ.get(name) != value for name, value in fixed.items()):  # regrow: harmless machine
        os.execve(sys.executable, [sys.executable, "-m", "regrow", *sys.argv[1:]], {**os.environ, **fixed})  # noqa: S606  # regrow: harmless machine


@click.command("predict")
@click.argument("file", type=FILE)
@click.option("--rev", help="The commit whose bundle is taken; by default, the one that lies in the project.")
@click.option("--bundle", type=FILE, help="The bundle, as a file: no project is needed.")
@click.option("-o", "--out", type=FILE, required=True, help="Where the answers go: a .parquet or .csv file.")
@click.option("--inputs", is_flag=True, help="Keep the columns of FILE beside the answers.")
@click.option("--recorded", is_flag=True, help="FILE is what the project was made from: hold the answers against those "
              "that the stage train recorded.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def predict(
    file: Path, rev: str | None, bundle: Path | None, out: Path, inputs: bool, recorded: bool, as_json: bool
) -> None:
    """Score the rows of FILE (CSV or Parquet). Rows that the guard refuses are told in OUT.refused.jsonl."""
    in_recipe()
    from regrow_serve.batch import predict as score
    from regrow_serve.batch import refused_file

    loaded = _loaded(bundle, rev)
    if failing := loaded.self_test():
        wrong = f"fails {len(failing)} of its own examples here: its answers would be other ones"
        raise RegrowError(wrong, where="bundle", fix="use the packages of its requirements.lock")
    counts = score(loaded, file, out, inputs=inputs, tell=_progress if sys.stderr.isatty() else None)
    same = _as_recorded(loaded, file, out, rev) if recorded else None
    if as_json:
        click.echo(json.dumps({"bundle": loaded.digest, "out": str(out), **vars(counts), "as_recorded": same}))
        return
    click.echo(
        f"{counts.answered} of {counts.rows} rows answered ({counts.odd} odd) by bundle {loaded.digest[:12]}: {out}"
    )
    if counts.refused:
        click.echo(f"{counts.refused} refused: {refused_file(out)} says why")
    if same is not None:
        click.echo(f"all {same} recorded predictions come out bit for bit")


def _as_recorded(bundle: "Bundle", file: Path, out: Path, revision: str | None) -> int:
    from regrow_history.experiments.opened import open_here
    from regrow_serve.recorded import compare

    commit = open_here().at(revision or "HEAD")
    return compare(bundle, file, out, commit["predictions"], commit["ingest_record"])


def _progress(rows: int) -> None:
    click.echo(f"\r{rows:,} rows", nl=False, err=True)


@click.command("serve", context_settings={"ignore_unknown_options": True})
@click.option("--rev", help="The commit whose bundle is taken; by default, the one that lies in the project.")
@click.option("--bundle", type=FILE, help="The bundle, as a file: no project is needed.")
@click.option("--promoted", metavar="STAGE", help="What is promoted to a stage, and what will be; nothing else.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def serve(rev: str | None, bundle: Path | None, promoted: str | None, options: tuple[str, ...]) -> None:
    """Answer over HTTP, at 127.0.0.1:8000. OPTIONS: --host, --port, --deadline (s), --body (bytes), --rows, --queue,
    --digest, --log FOLDER, --log-inputs all|sample|none. A token that clients have to show: the variable
    REGROW_SERVE_TOKEN."""
    from regrow_serve.server import main

    if sum(one is not None for one in (rev, bundle, promoted)) > 1:
        raise RegrowError("--rev, --bundle and --promoted each say which bundle: name one of them", where="serve")
    if bundle is not None:
        sys.exit(main([str(bundle), *options]))
    from regrow.plugin.project import open_project

    project = open_project()
    if promoted is not None:
        sys.exit(_serve_promoted(f"{project.root}#{promoted}", project.path(SWITCH), options))
    file = bundle_file(None, rev, project.path(STATE))
    kept = ["--switch", str(project.path(SWITCH)), "--last", str(project.path(LAST))]
    click.echo(f"bundle {file}; Ctrl-C ends it", err=True)
    sys.exit(main([str(file), *kept, *options]))


def _serve_promoted(where: str, switch: Path, options: tuple[str, ...]) -> int:
    """No bundle stands in for another: what a tag names is served, and nothing else."""
    from regrow_serve.following_server import main, source

    follow = f"{PROMOTED}:{where}"
    try:
        names = source(follow)
    except ModuleNotFoundError:
        fix = "put its wheel into vendor/ and regrow-govern into requirements.in: make lock && make setup"
        raise RegrowError("comes with the package regrow-govern", where="serve --promoted", fix=fix) from None
    digest = names.digest()
    file = names.file(digest)
    click.echo(f"bundle {digest[:12]}, and what is promoted after it; Ctrl-C ends it", err=True)
    return main([str(file), "--digest", digest, "--follow", follow, "--switch", str(switch), *options])


@click.command("switch")
@click.argument("to", type=click.Choice(["off", "on"]))
@click.option("--reason", default="", help="Why; clients read it.")
def switch(to: str, reason: str) -> None:
    """Let the fallback answer in place of the model (off), in all servers of this project, or the model again (on)."""
    from regrow.base.atomic import write_text
    from regrow.plugin.project import open_project

    file = open_project().path(SWITCH)
    if to == "on":
        file.unlink(missing_ok=True)
        click.echo("the model answers")
        return
    if not reason.strip():
        raise RegrowError("needs a reason", where="switch off", fix="regrow switch off --reason 'what is wrong'")
    since = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")  # regrow: harmless clock
    write_text(file, json.dumps({"reason": reason, "since": since}) + "\n")
    click.echo(f"the fallback answers: {reason}")


@click.command("drill")
@click.option("--bundle", type=FILE, help="The bundle, as a file: no project is needed.")
@click.option("--rev", help="The commit whose bundle is taken.")
@click.option("-o", "--out", type=FILE, help="Keep the table, as JSON.")
def drill(bundle: Path | None, rev: str | None, out: Path | None) -> None:
    """Start a server, break it in eight ways, and show what a client saw. Ends in 1 if a request got no answer."""
    from regrow_serve.drill import drills

    day = datetime.datetime.now(datetime.UTC).date().isoformat()  # regrow: harmless clock
    with tempfile.TemporaryDirectory(prefix="regrow-drill-") as folder:
        file = bundle_file(bundle, rev, Path(folder) / "of-commit")
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        click.echo(f"{day}, bundle {digest[:12]}")
        told: list[dict[str, Any]] = drills(file, Path(folder), click.echo)
    if out:
        kept = {"date": day, "bundle": digest, "drills": told}
        out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    if failed := [one["drill"] for one in told if not one["passed"]]:
        raise RegrowError(f"left requests without an answer: {', '.join(failed)}", where="drill")


@click.command("image")
@click.option("--bundle", type=FILE, help="The bundle, as a file.")
@click.option("--rev", help="The commit whose bundle is taken.")
@click.option("--base", metavar="FOLDER[@sha256:...]", help="An OCI layout to build on, and which of its images.")
@click.option("--packages", type=click.Path(path_type=Path, exists=True, file_okay=False), help="A folder with the "
              "packages of requirements.lock, as `pip install --target` makes it.")  # fmt: skip
@click.option("--dockerfile", is_flag=True, help="Write a Dockerfile and its context instead.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The layout's folder."
)
def image(
    bundle: Path | None, rev: str | None, base: str | None, packages: Path | None, dockerfile: bool, out: Path
) -> None:
    """Write an OCI image layout: base, packages, code, bundle, each a layer that is the same for the same content."""
    from regrow.base.user_cache import cache_home
    from regrow_serve import image as images

    on, _, digest = (base or "").partition("@sha256:")
    with tempfile.TemporaryDirectory(prefix="regrow-") as folder:
        file = bundle_file(bundle, rev, Path(folder))
        if dockerfile:
            images.write_dockerfile(file, out)
            click.echo(f"wrote {out}/Dockerfile")
            return
        which = f"sha256:{digest}" if digest else ""
        under, cache = Path(on) if on else None, cache_home() / "layers"
        click.echo(images.write(file, out, base=under, digest=which, packages=packages, cache=cache))


@click.command("export")
@click.option("--bundle", type=FILE, help="The bundle, as a file.")
@click.option("--rev", help="The commit whose bundle is taken.")
@click.option("--wheel", is_flag=True, help="A wheel whose load() gives the scorer: the default.")
@click.option("--onnx", is_flag=True, help="The pipeline without the row-wise steps, if it answers as the bundle does.")
@click.option("--name", required=True, help="What the package, or the file, is called.")
@click.option("--version", default="1.0", show_default=True)
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("dist"), show_default=True)
def export(bundle: Path | None, rev: str | None, wheel: bool, onnx: bool, name: str, version: str, out: Path) -> None:
    """Write a wheel whose `load()` gives the scorer, for other programs, or an ONNX file."""
    from regrow_serve.wheel import check_name
    from regrow_serve.wheel import write as write_wheel

    check_name(name)
    if onnx:
        in_recipe()
    with tempfile.TemporaryDirectory(prefix="regrow-") as folder:
        file = bundle_file(bundle, rev, Path(folder))
        if wheel or not onnx:
            click.echo(str(write_wheel(file, name, version, out)))
        if onnx:
            from regrow_serve.onnx_export import write as write_onnx

            made = out / f"{name}.onnx"
            parity = write_onnx(file, made)
            click.echo(f"{made}: {parity.rows} reference rows as the bundle answers, {parity.furthest:.2g} off at most")

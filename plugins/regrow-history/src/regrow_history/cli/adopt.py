"""`regrow adopt [EXP]`."""

import click

from regrow.plugin.project import open_project


@click.command("adopt")
@click.argument("experiment", required=False, metavar="[EXP]")
@click.option("--name", help="The file's name; by default the experiment's.")
@click.option(
    "--default", "make_default", is_flag=True, help="Also let conf/config.yaml choose it, so that dvc repro runs it."
)
def command(experiment: str | None, name: str | None, make_default: bool) -> None:
    """Keep the settings of EXP (a DVC experiment or commit) as conf/experiment/NAME.yaml.

    Without EXP: the settings in params.yaml, as `dvc exp apply` or `dvc exp run` left them.
    """
    from regrow_history.experiments import adopt

    project = open_project()
    file, said = adopt.adopt(project, experiment, name)
    click.echo(f"wrote {file}: {' '.join(said)}")
    chosen = file.rpartition("/")[2].removesuffix(".yaml")
    if make_default:
        adopt.make_default(project, chosen)
        click.echo("conf/config.yaml now chooses it: dvc repro runs it")
    else:
        click.echo(f"run it: dvc exp run -S experiment={chosen}")

"""`regrow risks`."""

import json

import click

from regrow.base.errors import RegrowError
from regrow_govern.cli import echo_table, today


@click.command("risks")
@click.option("--mitigations", is_flag=True, help="List what a mitigation can name here.")
@click.option("--check", is_flag=True, help="Fail, too, where something is not answered or does not hold.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def risks(mitigations: bool, check: bool, as_json: bool) -> None:
    """Show the risks of governance/risk.yaml as it lies, the worst first, and what is wrong with them."""
    from regrow.plugin.project import open_project
    from regrow_govern import governance
    from regrow_govern import mitigations as holds
    from regrow_govern.record_files import Evidence
    from regrow_govern.risk_register import Register

    project = open_project()
    evidence, day = Evidence.of(project), today()
    if mitigations:
        echo_table(sorted(evidence.names()), "kind", "name", wide="name")
        return
    register = governance.here(project.root, governance.RISK, Register)
    wrong, unanswered = [*holds.problems(register, evidence, day)], [*holds.unanswered(register)]
    if as_json:
        told = {name: {**one.model_dump(mode="json"), "tier": one.tier} for name, one in register.all()}
        problems = [vars(one) for one in (*wrong, *unanswered)]
        click.echo(json.dumps({"tier": register.tier, "risks": told, "problems": problems}, ensure_ascii=False))
    else:
        _show(register, {one.where for one in wrong}, {one.where for one in unanswered})
        for problem in wrong:
            click.echo(f"regrow: {problem}", err=True)
    if check and (wrong or unanswered):
        raise RegrowError.of([*wrong, *unanswered])


def _show(register: object, wrong: set[str], unanswered: set[str]) -> None:
    from regrow_govern.risk_register import Register

    assert isinstance(register, Register)
    rows = []
    for name, one in sorted(register.all(), key=lambda pair: pair[1].tier or 0):
        where = f"risk {name}"
        state = "WRONG" if where in wrong else "open" if where in unanswered else "holds"
        against = ", ".join(map(str, one.mitigation)) or "-"
        rows.append([name, str(one.tier or "?"), one.owner or "-", against, str(one.review or "-"), state])
    echo_table(rows, "risk", "tier", "owner", "mitigation", "review", "state", wide="mitigation")
    click.echo(f"the model is of tier {register.tier}; whether a law sees that otherwise: ask counsel")

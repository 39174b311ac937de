"""What `regrow doctor`, and by it the generated CI, finds of governance/."""

import datetime
from collections.abc import Iterator

from regrow.base.errors import RegrowError
from regrow.plugin.project import Project
from regrow.run.doctor import Diagnosis
from regrow_govern import governance, mitigations
from regrow_govern.promotion_settings import Promotion
from regrow_govern.record_files import Evidence
from regrow_govern.risk_register import Register
from regrow_govern.roles import Roles


def diagnoses(project: Project) -> Iterator[Diagnosis]:
    """A file that is wrong, a mitigation that names nothing real, fails or is stale; what is not answered is a warning,
    as a promotion alone needs it."""
    if not project.path(governance.FOLDER).is_dir():
        fix = "regrow govern init"
        yield Diagnosis(governance.FOLDER, "is not there: nobody has said what could happen", fix, warning=True)
        return
    for path, model in ((governance.ROLES, Roles), (governance.PROMOTION, Promotion)):
        try:
            governance.here(project.root, path, model)
        except RegrowError as error:
            yield from (Diagnosis(one.where, one.wrong, one.fix or "see docs/govern.md") for one in error.problems)
    yield from _risks(project)


def _risks(project: Project) -> Iterator[Diagnosis]:
    try:
        register = governance.here(project.root, governance.RISK, Register)
    except RegrowError as error:
        yield from (Diagnosis(one.where, one.wrong, one.fix or "see docs/govern.md") for one in error.problems)
        return
    today = datetime.datetime.now(datetime.UTC).date()  # regrow: harmless clock
    wrong = [*mitigations.problems(register, Evidence.of(project), today)]
    yield from (Diagnosis(one.where, one.wrong, one.fix) for one in wrong)
    yield from (Diagnosis(one.where, one.wrong, one.fix, warning=True) for one in mitigations.unanswered(register))
    if not wrong:
        risks = [one for _, one in register.all()]
        against = sum(len(one.mitigation) for one in risks)
        yield Diagnosis("risks", f"{len(risks)}, with {against} mitigations that exist and pass; tier {register.tier}")

"""What regrow-govern brings: commands, stages, analyses, and checks of `regrow doctor`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from regrow import Command, Component, Stage
from regrow_govern import stages

if TYPE_CHECKING:
    from regrow.plugin.project import Project

#: name -> where it is, what it does; one line a command
COMMANDS = {
    "readiness": ("regrow_govern.cli.readiness:readiness", "Score the project by the 28 tests of the ML Test Score."),
    "security": ("regrow_govern.cli.security:security", "What is in a commit that should not be; how two differ."),
    "handover": ("regrow_govern.cli.handover:handover", "Write one page for whoever takes over."),
    "govern": ("regrow_govern.cli.govern:govern", "Write the files of governance/ that are not there yet."),
    "risks": ("regrow_govern.cli.risks:risks", "Show the risk register: tier, owner, and whether mitigations hold."),
    "sign": ("regrow_govern.cli.sign:sign", "Approve or reject a commit's bundle and decision, with an SSH key."),
    "approvals": ("regrow_govern.cli.sign:approvals", "Show who has signed a commit, and who still has to."),
    "promote": ("regrow_govern.cli.promote:promote", "Move a stage to a commit, if all that it needs is in order."),
    "rollback": ("regrow_govern.cli.promote:rollback", "Move a stage back to what it stood at before."),
    "registry": (
        "regrow_govern.cli.registry:registry",
        "Show what is where; say whether something is what was promoted.",
    ),
    "audit": ("regrow_govern.cli.audit:audit", "Show one time line of a commit's bundle, from Git alone."),
}


def regrow_commands() -> list[Command]:
    """What is done by those who answer for a model."""
    return [Command(name, where, about) for name, (where, about) in COMMANDS.items()]


def regrow_doctor(project: "Project") -> Iterable[Any]:
    """Whether the files of governance/ are in order, and every mitigation is one."""
    from regrow_govern.doctor import diagnoses

    return list(diagnoses(project))


def regrow_stages() -> list[Stage]:
    """`security` and `readiness`: what findings of theirs say is before the gates and on the report."""
    return stages.stages()


def regrow_components() -> list[Component]:
    """The analyses of both stages."""
    return stages.analyses()


def regrow_config() -> str:
    """The package of the Hydra groups `security` and `readiness`."""
    return "regrow_govern.conf"

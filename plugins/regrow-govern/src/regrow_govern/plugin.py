"""What regrow-govern brings: commands, and checks of `regrow doctor`."""

from regrow import Command

#: name -> where it is, what it does; one line a command
COMMANDS = {
    "govern": ("regrow_govern.cli.govern:govern", "Write the files of governance/ that are not there yet."),
}


def regrow_commands() -> list[Command]:
    """What is done by those who answer for a model."""
    return [Command(name, where, about) for name, (where, about) in COMMANDS.items()]

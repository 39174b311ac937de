"""What this package brings: commands, in every project."""

from regrow import Command

COMMANDS = {
    "replay": "Run a commit again in a clean place; compare every output with what it recorded.",
    "inspect": "Show the record of a commit: what it would run, on what, with what. Runs nothing.",
    "sweep": "Run many experiments at once, each kept as a DVC experiment.",
    "experiments": "List experiments with metrics and the settings that vary, read from Git; also: ls.",
    "why": "Say what data, settings, code and environment contribute to a metric's change between two commits.",
    "adopt": "Keep an experiment's settings as a file in conf/experiment/.",
}


def regrow_commands() -> list[Command]:
    """One for each module of `cli/`."""
    return [Command(name, f"regrow_history.cli.{name}:command", about) for name, about in COMMANDS.items()]

"""What the plugin brings."""

import importlib

from regrow_govern.plugin import regrow_commands


def test_each_command_can_be_imported():
    for command in regrow_commands():
        module, name = command.run.split(":")
        assert getattr(importlib.import_module(module), name).name == command.name

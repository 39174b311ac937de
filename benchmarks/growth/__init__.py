"""How costs grow: with stages, with tracked files, with experiments. Each module's `grow` measures one."""

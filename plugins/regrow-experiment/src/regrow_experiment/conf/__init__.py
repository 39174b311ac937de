"""Hydra groups that a project can choose from once it names this plugin: `dvc exp run -S model=extra_trees`."""

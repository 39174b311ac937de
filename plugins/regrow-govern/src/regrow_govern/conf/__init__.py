"""Hydra groups that a project can choose from."""

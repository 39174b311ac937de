"""Hydra groups that this plugin brings."""

"""Hydra options of this package."""

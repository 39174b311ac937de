"""Hydra groups of this plugin: serving."""

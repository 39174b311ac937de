"""Hydra groups of this plugin: profile."""

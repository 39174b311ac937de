"""Experiments of the past: listed, ranked, summed up, kept."""

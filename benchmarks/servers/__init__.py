"""Servers of one model, started and asked in the same way."""

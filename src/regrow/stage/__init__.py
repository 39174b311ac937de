"""Run one stage."""

"""Run a commit again in a clean place, and compare what it makes with what it recorded."""

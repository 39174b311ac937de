"""The lock, the environments built from it, and the variables a stage runs with."""

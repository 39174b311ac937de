"""The only modules that touch Git, DVC or Hydra."""

"""The only modules of the package that touch DVC and Hydra."""

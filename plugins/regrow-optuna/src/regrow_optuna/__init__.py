"""regrow-optuna: the search `tpe`.

settings  what may stand in conf/search/tpe.yaml
tpe       Optuna asks, the trials are those of regrow-experiment
"""

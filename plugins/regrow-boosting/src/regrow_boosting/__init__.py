"""LightGBM as a component of kind `estimator`.

plugin      what regrow is told: the component `lightgbm` and the Hydra option model=lightgbm
settings    what may stand in conf/
estimators  the scikit-learn estimators: how they fit, stop early and are stored
model_text  what is looked at in LightGBM's text before LightGBM reads it
"""

"""The stage `train`: steps and estimator as one scikit-learn Pipeline, only ever fitted on training rows.

plugin      what regrow is told: the stage `train`, components of kind `estimator` and `search`, Hydra groups in conf/
settings    what may stand in conf/ for the stage and for our own estimators
catalog     which scikit-learn estimators may be named, and for which task
named       their parameters, checked by scikit-learn's own constraints
estimators  our own estimators: linear, forest, boosting, mlp, extra_trees, gradient_boosting, knn
search      what tries settings and fits the pipeline: none, grid, random; trials runs them, scoring scores them
space, spaces, search_settings   what is tried, the space of each model, and what settings may say
noise, ledger, judged            the noise floor; what was tried, as table and section; what it shows, as findings
stage       the stage: which rows each fit sees, and the predictions for the rows it did not see
target, checks, fitting      the target as scikit-learn takes it; what is checked before a fit; one fit
scoring     from features to predictions, the same to the last bit for one row and for many
"""

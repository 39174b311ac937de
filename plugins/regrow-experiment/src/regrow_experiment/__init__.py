"""The stage `train`: steps and estimator as one scikit-learn Pipeline, only ever fitted on training rows.

plugin      what regrow is told: the stage `train`, components of kind `estimator` and `search`, Hydra groups in conf/
settings    what may stand in conf/ for the stage and for our own estimators
catalog     which scikit-learn estimators may be named, and for which task
named       their parameters, checked by scikit-learn's own constraints
estimators  our own estimators: linear, forest, boosting, mlp, extra_trees, gradient_boosting, knn
wrappers, baselines              estimators around others, sparse ones; what any model has to beat; wrapper_settings
grouped     model.per: one model for each group
search, auto                     what tries settings: none, fixed, grid, random, halving; a portfolio and a stack
searching, proposals, told       a search at work: what it asks for in rounds, and what it was told
trials, engine, interrupt        trials in processes here, or in a cluster; Ctrl-C
space, spaces, search_settings   what is tried, the space of each model, and what settings may say
noise, compared, variance        the noise floor; two models on the same rows; learning curves and their verdict
ledger, judged                   what was tried, as table and section; what it shows, as findings
trial_command                    regrow trial
stage       the stage: which rows each fit sees, and the predictions for the rows it did not see
target, checks, fitting      the target as scikit-learn takes it; what is checked before a fit; one fit
scoring     from features to predictions, the same to the last bit for one row and for many
"""

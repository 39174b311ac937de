"""One module an analysis. Each factory is `make(settings, context)`; what it makes takes an `Evidence`.

guess        the model against a guess that looks at no feature
calibration  predicted and observed shares
slices       where the model is worse than chance explains
harm         what its decisions are worth, and the threshold that makes most of them
champion     the model against the one that is in use
uncertainty  sets and intervals that hold a stated share, and what to send to a person
explanation  which columns matter, how, and why the worst errors came about
robustness   missing, odd and foreign values, and cases that must pass
staleness    what it loses when it is not trained anew
cross_testing  each group, or later period, predicted from the others alone
drift        held-out rows against those that were learnt from
"""

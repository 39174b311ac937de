"""Whether a model treats groups alike.

settings  which columns say the group, which rates are compared, and how far apart they may be
groups    the analysis `fairness`: fairlearn's rates by group and intersection, gaps with intervals
reweighing  the estimator `reweighed`: training rows weighed against such gaps
"""

"""Metrics, curves and the report of a regrow project.

catalogue  what each metric is: for which tasks, which way is better   (imports nothing heavy)
settings   the settings of both stages, checked before anything runs
predicted  the table of predictions as arrays that metrics and curves take
metrics    one factory a metric; Metric is what a plugin returns that brings its own
curves     points of the performance and the calibration curve
evaluate   the stage: predictions -> metrics.json and both curves
report     the stage: everything recorded so far -> one HTML page
"""

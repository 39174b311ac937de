"""The feature ledger: what each feature brings, and its prices.

plugin      what regrow is told: the stage `feature_ledger` and the Hydra group `ledger`
settings    what may stand in conf/ledger
stage       the stage: a row for each feature, as a table and as a section of the report
importance  what a model loses on held-out rows when a column is shuffled
prices      columns, memory, drift, privacy
"""

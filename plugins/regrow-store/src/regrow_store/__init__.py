"""Features of business entities: one definition, computed for training (offline) and for a service (online).

plugin       what regrow is told: the derive step `feature_view`, the stage `store`, the command `regrow store`
settings     what may stand in conf/ for a view
views        the definition: a row's values, as of the last snapshot before it
online       a SQLite file with the values of every entity at one snapshot
stage        the stage: both agree to the bit
commands     regrow store materialise, get, check
"""

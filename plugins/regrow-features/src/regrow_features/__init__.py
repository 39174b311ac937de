"""The feature stage: what works row by row is computed once; what learns from rows waits for the model's pipeline.

plugin        what regrow is told: the stage `features`, components of kind `derive` and `transformer`
settings      what may stand in conf/ for them
stage         the stage: derive, then leave out what may not or shall not reach the model
derived       from raw columns to derived ones; what scores new rows calls it, too
join, dates, interaction, rowwise, history      the derive components
transformers  the transformer components, and `on_columns` for those of other plugins
learning, levels, groups, imputing, selection   more of them
columns       what they share: the types of columns, and errors about names
"""

"""What somebody could do to a model, or get out of it, and what is in a commit that should not be.

settings    what conf/security may say, and the settings of the checks
tried       what checks share: fits and answers on other rows, how a bound is judged, findings with the limit of a claim
flips, sources, evasion, membership, extraction   a check each, of the kind `analysis`
stage       the stage `security`
training_data, pickles, packages   what is asked of commits, by `regrow security`
"""

"""How ready a project is: the 28 tests of the ML Test Score, each with its evidence.

settings    what conf/readiness may say
refit, tuning, inclusion   a look at the model each, of the kind `analysis`, for the stage `readiness`
stage       the stage
rubric      the tests, and for each what counts as evidence
case        what there is of a project: artifacts as a run recorded and a commit holds them, findings, the bundle
data, model, infrastructure, monitoring   the evidence of each section
notes       what was done by hand: governance/readiness/*.yaml
score       all tests, and the score
"""

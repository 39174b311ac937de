"""Many experiments at once, each an ordinary DVC experiment in the end.

grid       what is asked for becomes one list of overrides for each experiment
prepared   the commit laid out apart, and each experiment composed and compiled there, before anything runs
workdirs   private folders in which single stages run, with what they need and nothing of another experiment's
schedule   which stage runs when: what experiments share runs once
run_cache  what a stage made before, whoever ran it
commit     a finished experiment becomes a commit under refs/exps, its outputs objects in the cache
local      stages run on this machine, and what they made goes into the cache
elsewhere  or a package runs whole experiments: `--on SCHEME://...`
sweep      all of it, from the refusals to the end
"""

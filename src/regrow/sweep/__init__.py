"""Many experiments at once, each an ordinary DVC experiment in the end.

grid      what is asked for becomes one list of overrides for each experiment
frozen    the commit laid out apart, and each experiment composed and compiled there, before anything runs
places    private folders in which single stages run, with what they need and nothing of another experiment's
schedule  which stage runs when: what experiments share runs once
transit   what stages need and make, on its way into a cache
keep      a finished experiment becomes a commit under refs/exps, its outputs objects in the cache
here      stages run on this machine
cluster   or on a Dask cluster: far asks for each stage there, crew knows who is there and fit
worker    on the cluster's side: it runs a stage in its station, where the commit lies; alike says what must be the same
watching  crew and worker look again and again who is there, and what is still wanted
sweep     all of it, from the refusals to the end
"""

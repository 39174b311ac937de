"""The workers of a Dask cluster run whole experiments of a sweep, each in a clone of its own.

cluster   on the side of who asks: commit and data go to the remotes, experiments to workers, and what they made comes
worker    on the cluster's side: a clone of the commit, and `regrow sweep` for one experiment in it
remotes   Git and DVC, asked by both
"""

"""Hash what is on disk, in DVC's cache and in remotes against what a commit recorded; no code of the commit is run.

In order: what the commit `claims`; the `workspace`, the `objects` of cache and remotes, the `git_files`, all hashed;
the `agreement` of dvc.lock with the files it speaks of; what is `kept` or missing; the corrupt set `aside`; `findings`.
"""

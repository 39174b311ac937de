"""The environment of a commit: whether this one is it, or one that is built."""

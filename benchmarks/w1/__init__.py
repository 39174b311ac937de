"""W1: a small pipeline of six stages, the same work for everybody."""

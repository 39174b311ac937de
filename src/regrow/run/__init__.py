"""`regrow run`: checks before compute, DVC with a warm server, and the way back."""

"""How far the held-out rows lie from the training rows."""

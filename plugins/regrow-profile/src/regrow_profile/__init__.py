"""A page for looking at the data."""

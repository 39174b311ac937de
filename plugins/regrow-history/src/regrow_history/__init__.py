"""Commits already made: run again and compared, listed, kept, and swept from."""

"""A plugin of regrow; plugin.py says what it brings."""

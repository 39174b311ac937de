"""From conf/ to checked settings, and back to overrides."""

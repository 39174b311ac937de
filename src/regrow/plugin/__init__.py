"""Plugins: the hooks they may have (spec), finding and checking them (manager), the contract for authors (checks)."""

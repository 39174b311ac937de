"""The Hydra group `monitor`."""

"""The Hydra group `ledger`."""

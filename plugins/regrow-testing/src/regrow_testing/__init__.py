"""The contract kit: what a plugin's author tests a plugin with."""

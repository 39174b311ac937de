"""W1 as a project of regrow."""

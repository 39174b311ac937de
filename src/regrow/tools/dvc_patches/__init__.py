"""What regrow replaces of DVC inside its own processes."""

"""What code and which packages a stage stands on."""

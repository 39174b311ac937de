"""What a commit recorded."""

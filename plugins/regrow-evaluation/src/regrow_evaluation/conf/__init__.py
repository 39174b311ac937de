"""What a project without gates and an objective of its own gets."""

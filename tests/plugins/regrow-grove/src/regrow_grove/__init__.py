"""One thing of everything that a plugin can bring."""

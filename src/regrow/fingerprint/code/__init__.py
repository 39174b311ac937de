"""Reading code without importing it: one module's names (source), and what a function can reach (reach)."""

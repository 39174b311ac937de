"""Code of this project's own. The pipeline finds it through plugin.py; nothing needs to be packaged or installed."""

"""From settings and stages to dvc.yaml."""

"""Template tags of targets (模板标签)."""

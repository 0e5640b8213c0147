"""Template tags of the page frame (模板标签)."""

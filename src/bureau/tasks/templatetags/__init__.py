"""Template tags of tasks (任务模板标签)."""

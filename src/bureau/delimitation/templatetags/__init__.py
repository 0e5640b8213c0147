"""Tags of templates of zones under review (划定模板标签)."""

"""Tags of the pages of published results (成果模板标签)."""

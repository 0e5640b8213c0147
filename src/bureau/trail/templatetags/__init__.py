"""Tags of the audit trail (留痕标签)."""

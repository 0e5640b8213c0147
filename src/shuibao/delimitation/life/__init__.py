"""What people do to zones: stages, edits, comments, versions, each a record that stays (划定流程)."""

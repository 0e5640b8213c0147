"""Running an installation (运维): its database, its health, its backups."""

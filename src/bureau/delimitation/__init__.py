"""Zones under review (划定): the life of a zone in the browser, on top of the records that lie on disk."""

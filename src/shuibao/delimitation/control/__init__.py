"""In which zones a place or a project lies, and what follows from that (差别化管控)."""

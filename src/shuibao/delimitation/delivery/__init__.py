"""Zones as they are delivered: listed areas and totals that add up (成果交付)."""

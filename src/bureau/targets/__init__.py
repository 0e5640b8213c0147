"""Targets (目标): the conservation rate to reach, how it is divided among counties, and how far it is reached."""

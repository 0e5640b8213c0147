"""
Delimiting the key zones, from the facts of a region to a boundary that can be announced (重点区域划定).

A region folder keeps its zones under ``zones/THEME``: the layers drawn from the facts, and all that people did to them.
"""

"""
Rules: what the standards and the provinces say (规范).

A number from a standard is never in code. It stands in a TOML pack with its unit, its source and its status, and is
asked for by its dotted key.
"""

from __future__ import annotations

from shuibao.rules.citation import Citation, Parameter
from shuibao.rules.rulebook import Rules, load_rules

__all__ = ["Citation", "Parameter", "Rules", "load_rules"]

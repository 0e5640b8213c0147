"""
Rules: what the standards and the provinces say (规范).

A number from a standard is never in code. It stands in a TOML pack with its unit, its source and its status, and is
asked for by its dotted key.
"""

from __future__ import annotations

from shuibao.rules.catalogue import PackSummary, check_all_packs, check_pack, describe, list_packs
from shuibao.rules.citation import Citation, Parameter
from shuibao.rules.pack import Pack, pack_ids, read_pack
from shuibao.rules.rulebook import Rules, load_rules
from shuibao.rules.targets import Target, TargetCheck, Targets, YearCheck, check_targets, load_targets, target_ids

__all__ = [
    "Citation",
    "Pack",
    "PackSummary",
    "Parameter",
    "Rules",
    "Target",
    "TargetCheck",
    "Targets",
    "YearCheck",
    "check_all_packs",
    "check_pack",
    "check_targets",
    "describe",
    "list_packs",
    "load_rules",
    "load_targets",
    "pack_ids",
    "read_pack",
    "target_ids",
]

"""Fields by whatever name, and values by whatever code, brought to the standard ones (字段与代码对照)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shuibao.delimitation.contract import fields_of
from shuibao.rules import Rules
from shuibao.zoning.layer import COLUMNS, THEMES

AREA_UNITS = {"area_m2": 1.0, "area_hm2": 1e4, "area_km2": 1e6}
"""Columns that hold an area, with their unit, m²."""

SHAPEFILE_NAME = 10
"""Bytes of a field's name that a shapefile keeps."""


def standard_names(rules: Rules, theme: str) -> dict[str, str]:
    """
    Return the standard name for every way a field is written, in small letters (别名对照).

    Parameters
    ----------
    rules : Rules
        Rule packs in force; ``zone_acceptance.aliases``, and the fields of the package.
    theme : str
        Kind of zone; empty where it is not known.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> standard_names(load_rules(["zone-acceptance"]), "steep_slope")["tbbh"]
    'code'
    """
    names: dict[str, str] = {}
    for row in rules.value("zone_acceptance.aliases"):
        for written in row["names"]:
            names[written.lower()] = row["field"]
    for theme_name in [theme] if theme in THEMES else THEMES:
        for rule in fields_of(rules, theme_name):
            for written in (rule.name, rule.short, rule.title, rule.name[:SHAPEFILE_NAME]):
                if written:
                    names[written.lower()] = rule.name
    return names | {name: name for name in (*COLUMNS, "area_km2", "area")}


def rename_fields(given: Iterable[str], names: Mapping[str, str]) -> dict[str, str]:
    """
    Return which field of a file is which standard one (识别字段).

    A field under its own standard name goes before one that is known by another; a field that is not known keeps its
    name.

    Parameters
    ----------
    given : iterable of str
        Names in the file.
    names : mapping of str to str
        From :func:`standard_names`.

    Returns
    -------
    dict
        Standard name to the file's.

    Examples
    --------
    >>> rename_fields(["TBBH", "x"], {"tbbh": "code"})
    {'code': 'TBBH', 'x': 'x'}
    """
    found: dict[str, str] = {}
    for name in sorted(given, key=lambda n: (names.get(n.lower()) != n.lower(), n)):
        standard = names.get(name.lower(), name)
        found[name if standard in found else standard] = name
    return dict(sorted(found.items()))


def code_table(rules: Rules, key: str, theme: str = "") -> dict[str, str]:
    """
    Return every way a value of a code table may be written, with its id (代码表).

    Parameters
    ----------
    rules : Rules
        Rule packs in force.
    key : str
        A list of entries with ``code``, ``id``, ``name`` and ``name_en``; with ``:name`` behind it, only names count.
    theme : str
        Only entries of this theme, where they name one.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> table = code_table(load_rules(["zone-acceptance"]), "zone_kind.classes", "steep_slope")
    >>> table["禁止开垦陡坡地"], table["5"], "重点预防区" in table
    ('steep_slope', 'steep_slope', False)
    """
    key, _, only = key.partition(":")
    words = (only,) if only else ("code", "id", "name", "name_en")
    written: dict[str, str] = {}
    for row in rules.value(key):
        if not theme or row.get("theme", theme) == theme:
            written |= {str(row[word]): str(row["id"]) for word in words if row.get(word) is not None}
    return written

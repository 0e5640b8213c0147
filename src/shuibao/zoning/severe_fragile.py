"""
Severely eroded and ecologically fragile land, cell by cell (水土流失严重、生态脆弱).

Severe is what erodes at the class of the rule packs or above. Fragile is what meets any one of their rules on land use,
slope, cover, elevation and mapped layers, of which each says what must hold together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.rules import Rules
from shuibao.zoning.prevention_treatment_indices import intensity_code, land_codes

SEVERE, FRAGILE = 1, 2
"""Classes of cells: 水土流失严重, 生态脆弱; 0 is neither."""

CLASS_KINDS = {SEVERE: "severe", FRAGILE: "fragile"}
"""The kind of zone of each class."""

QUANTITIES = {"slope_from": "slope", "cover_below": "cover", "elevation_from": "elevation"}
"""What a condition on a quantity is asked of: 坡度 deg, 盖度 0-1, 高程 m."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """
    What is known of some cells (像元数据).

    Parameters
    ----------
    intensity : (rows, cols) uint8 array
        Class of intensity; 0 missing.
    land : (rows, cols) uint8 array
        Land class; 0 missing.
    quantities : mapping of str to (rows, cols) float array
        ``slope`` deg, ``cover`` 0-1, ``elevation`` m, as far as the rules ask for them; NaN missing.
    layers : mapping of str to (rows, cols) array of bool
        Mapped layers, as far as they are given.
    """

    intensity: NDArray[np.uint8]
    land: NDArray[np.uint8]
    quantities: Mapping[str, NDArray[Any]]
    layers: Mapping[str, Mask]


@dataclass(frozen=True)
class FragileRule:
    """
    What makes a cell fragile: all conditions together (一条脆弱规则).

    Parameters
    ----------
    id, key : str
        Its id and its key in the rule packs.
    type : int
        Code of its kind of fragility, from 1.
    land : (256,) array of bool
        Land classes that it holds for.
    intensity : int
        Lowest class of intensity that it holds for; 0 for any.
    bounds : mapping of str to float
        ``slope_from``, ``cover_below``, ``elevation_from``, those that it asks for.
    layer : str
        Mapped layer that the cell must lie in; empty for none.
    document, status : str
        Where it comes from: the number of the document, or its title where it has none.
    """

    id: str
    key: str
    type: int
    land: Mask
    intensity: int
    bounds: Mapping[str, float]
    layer: str
    document: str
    status: str

    def met(self, cells: Cells) -> Mask:
        """Return which cells fulfil all conditions; what is missing fulfils none (判定)."""
        out = np.asarray(self.land[cells.land])
        if self.intensity:
            out &= cells.intensity >= self.intensity
        for word, bound in self.bounds.items():
            values = cells.quantities[QUANTITIES[word]]
            out &= values < bound if word == "cover_below" else values >= bound
        if self.layer:
            out &= cells.layers.get(self.layer, np.zeros(out.shape, dtype=np.bool_))
        return out


@dataclass(frozen=True)
class SevereFragileRule:
    """
    Which cells are severe and which fragile (严重、脆弱像元规则).

    Parameters
    ----------
    severe_from : int
        Lowest class of intensity that is severe.
    severe_wins : bool
        Whether a cell that is both counts as severe, else as fragile.
    fragile : tuple of FragileRule
        Any one suffices; where several are met the first gives the kind of fragility.
    types : tuple of (str, str, str)
        Id and names of each kind of fragility, by code from 1.
    claimable : (256,) array of bool
        Land classes that a closed gap may take.
    """

    severe_from: int
    severe_wins: bool
    fragile: tuple[FragileRule, ...]
    types: tuple[tuple[str, str, str], ...]
    claimable: Mask

    @classmethod
    def from_rules(cls, rules: Rules) -> SevereFragileRule:
        """
        Read the rule from the packs in force (由规则包建立).

        Parameters
        ----------
        rules : Rules
            Asked for ``severe_fragile.severe_from``, ``.precedence``, ``.claimable_groups``, ``fragile_rule.*``,
            ``fragile_type.list``.

        Raises
        ------
        ShuibaoError
            If a class does not exist, or the precedence is neither kind.

        Examples
        --------
        >>> from shuibao.rules import load_rules
        >>> rule = SevereFragileRule.from_rules(load_rules(["national"]))
        >>> rule.severe_from, sorted(rule.needs())
        (4, ['cover', 'desertified', 'elevation', 'rocky_desert', 'slope'])
        """
        first = str(rules.value("severe_fragile.precedence"))
        if first not in CLASS_KINDS.values():
            raise ShuibaoError(
                f"规则 severe_fragile.precedence 为「{first}」；可用：severe、fragile。请改正规则包。",
                f"rule severe_fragile.precedence is '{first}'; allowed: severe, fragile. Correct the rule pack.",
            )
        types = rules.value("fragile_type.list")
        codes = {str(entry["id"]): int(entry["code"]) for entry in types}
        found = [_fragile(rules, name, codes) for name in rules.table("fragile_rule")]
        return cls(
            severe_from=intensity_code(rules, str(rules.value("severe_fragile.severe_from"))),
            severe_wins=first == "severe",
            fragile=tuple(sorted((r for r in found if r is not None), key=lambda rule: (rule.type, rule.id))),
            types=tuple((str(t["id"]), str(t["name"]), str(t["name_en"])) for t in types),
            claimable=_table(land_codes(rules, groups=rules.value("severe_fragile.claimable_groups"))),
        )

    def needs(self) -> set[str]:
        """Return the quantities and layers that the rules ask for (所需数据)."""
        quantities = {QUANTITIES[word] for rule in self.fragile for word in rule.bounds}
        return quantities | {rule.layer for rule in self.fragile if rule.layer}

    def classes(self, cells: Cells) -> tuple[NDArray[np.uint8], NDArray[np.uint8], Mask]:
        """
        Return class and kind of fragility of each cell, and which cells are both (像元分类).

        Parameters
        ----------
        cells : Cells
            What is known of them.

        Returns
        -------
        kind : (rows, cols) uint8 array
            1 severe, 2 fragile, 0 neither.
        type : (rows, cols) uint8 array
            Kind of fragility, from 1; 0 where not fragile.
        both : (rows, cols) array of bool
            Severe and fragile.

        Examples
        --------
        >>> from shuibao.rules import load_rules
        >>> rule = SevereFragileRule.from_rules(load_rules(["national"]))
        >>> one = np.ones((1, 3), dtype=np.float32)
        >>> cells = Cells(np.array([[4, 2, 4]], np.uint8), np.array([[6, 17, 17]], np.uint8),
        ...               {"slope": one, "cover": one, "elevation": one}, {})
        >>> [array.tolist() for array in rule.classes(cells)]
        [[[1, 2, 1]], [[0, 1, 1]], [[False, False, True]]]
        """
        severe = cells.intensity >= self.severe_from
        kind_of = np.zeros(cells.land.shape, dtype=np.uint8)
        for rule in self.fragile:
            kind_of[(kind_of == 0) & rule.met(cells)] = rule.type
        fragile = kind_of > 0
        out = np.where(fragile, np.uint8(FRAGILE), np.uint8(0))
        out[severe & (self.severe_wins | ~fragile)] = SEVERE
        return out, kind_of, severe & fragile


def _fragile(rules: Rules, name: str, codes: Mapping[str, int]) -> FragileRule | None:
    given = rules[f"fragile_rule.{name}"]
    words = given.value
    if not words["type"]:
        return None
    anywhere = "land" not in words and "land_groups" not in words
    land = _table(land_codes(rules, classes=words.get("land", []), groups=words.get("land_groups", [])))
    return FragileRule(
        id=name,
        key=given.key,
        type=codes[str(words["type"])],
        land=np.ones(256, dtype=np.bool_) if anywhere else land,
        intensity=intensity_code(rules, str(words["intensity_from"])) if "intensity_from" in words else 0,
        bounds={word: float(words[word]) for word in QUANTITIES if word in words},
        layer=str(words.get("layer", "")),
        document=given.citation.number or given.citation.title,
        status=given.status,
    )


def _table(codes: list[int]) -> Mask:
    table = np.zeros(256, dtype=np.bool_)
    table[codes] = True
    return table

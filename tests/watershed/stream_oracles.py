"""Plain slow answers about streams: each from its definition, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.watershed.terrains import NEIGHBOURS, OUTLET

Forest = Mapping[int, int | None]
"""What each cell drains to: its flat index, none where the water leaves."""


def forest_of(direction: NDArray[np.uint8], mask: NDArray[Any] | None = None) -> dict[int, int | None]:
    """Return what each land cell (of the mask) drains to; none at an outlet or where the mask ends."""
    cols = direction.shape[1]
    codes = direction.ravel().tolist()
    chosen = [code > 0 for code in codes] if mask is None else (mask & (direction > 0)).ravel().tolist()
    below: dict[int, int | None] = {}
    for cell in (cell for cell, taken in enumerate(chosen) if taken):
        down, right = (0, 0) if codes[cell] == OUTLET else NEIGHBOURS[codes[cell] - 1]
        receiver = cell + down * cols + right
        below[cell] = receiver if receiver != cell and chosen[receiver] else None
    return below


def donors_of(below: Forest) -> dict[int, list[int]]:
    """Return the cells that drain straight into each, ascending."""
    donors: dict[int, list[int]] = {cell: [] for cell in below}
    for cell in sorted(below):
        receiver = below[cell]
        if receiver is not None:
            donors[receiver].append(cell)
    return donors


def downstream_order(below: Forest) -> list[int]:
    """Return every cell before the one it drains to."""
    donors = donors_of(below)
    found = [cell for cell in below if below[cell] is None]
    for cell in found:
        found.extend(donors[cell])
    return found[::-1]


def strahler_of(below: Forest) -> dict[int, int]:
    """Return Strahler's orders: 1 at a source, one more where the greatest order flows in twice."""
    donors = donors_of(below)
    order: dict[int, int] = {}
    for cell in downstream_order(below):
        inflow = sorted((order[donor] for donor in donors[cell]), reverse=True)
        if not inflow:
            order[cell] = 1
        elif len(inflow) > 1 and inflow[0] == inflow[1]:
            order[cell] = inflow[0] + 1
        else:
            order[cell] = inflow[0]
    return order


def passed(below: Forest, cell: int) -> list[int]:
    """Return the cells the water passes, the first included."""
    way = [cell]
    while (after := below[way[-1]]) is not None:
        way.append(after)
    return way


def sources_above(below: Forest) -> dict[int, int]:
    """Return how many sources' water passes each cell."""
    donors = donors_of(below)
    count = dict.fromkeys(below, 0)
    for source in (cell for cell in below if not donors[cell]):
        for cell in passed(below, source):
            count[cell] += 1
    return count


def links_by_hand(below: Forest) -> list[list[int]]:
    """Return the cells of each link, downstream: from each source and junction to above the next junction."""
    donors = donors_of(below)
    links = []
    for start in (cell for cell in below if len(donors[cell]) != 1):
        link = [start]
        while (after := below[link[-1]]) is not None and len(donors[after]) == 1:
            link.append(after)
        links.append(link)
    return links


def accumulated(below: Forest, load: Mapping[int, int]) -> dict[int, int]:
    """Return the sum of a load over all cells whose water passes each."""
    total = dict(load)
    for cell in downstream_order(below):
        receiver = below[cell]
        if receiver is not None:
            total[receiver] += total[cell]
    return total


def pfafstetter_by_hand(
    below: Forest, area: Mapping[int, float], outlet: int, levels: int, smallest: float = 0.0
) -> dict[int, str]:
    """Return the digits of every cell above an outlet, dividing sets of cells again and again."""
    donors = donors_of(below)
    basin = _above(donors, outlet, None)
    code = dict.fromkeys(basin, "")
    units = [(outlet, set(basin))]
    for _ in range(levels):
        units = [part for lowest, cells in units for part in _divided(donors, area, lowest, cells, smallest, code)]
    return code


def _above(donors: Mapping[int, Sequence[int]], lowest: int, within: set[int] | None) -> list[int]:
    """Return the cells above one, itself included, as far as they are among those given."""
    found = [lowest]
    for cell in found:
        found.extend(donor for donor in donors[cell] if within is None or donor in within)
    return found


def _divided(
    donors: Mapping[int, Sequence[int]],
    area: Mapping[int, float],
    lowest: int,
    cells: set[int],
    smallest: float,
    code: dict[int, str],
) -> list[tuple[int, set[int]]]:
    """Give each cell of a unit its next digit; return the parts that have land, with their lowest cells."""
    stem = [lowest]
    while donors[stem[-1]]:
        main = max(donors[stem[-1]], key=lambda cell: (area[cell], -cell))
        if main not in cells:
            break
        stem.append(main)
    joining = [
        (-area[donor], place, donor)
        for place, cell in enumerate(stem)
        for donor in donors[cell]
        if donor in cells and donor != max(donors[cell], key=lambda one: (area[one], -one)) and area[donor] >= smallest
    ]
    cut = sorted((place, rank, donor) for rank, place, donor in sorted(joining)[:4])
    tributaries = [set(_above(donors, donor, cells)) for _, _, donor in cut]
    digit, parts, left, first = 1, [], cells.difference(*tributaries), 0
    for (place, _, donor), tributary in zip(cut, tributaries, strict=True):
        if first <= place:  # not a second one at the same cell
            upper = set(_above(donors, stem[place + 1], left)) if place + 1 < len(stem) else set()
            parts.append((digit, stem[first], left - upper))
            left, first = upper, place + 1
        parts.append((digit + 1, donor, tributary))
        digit += 2
    if left:
        parts.append((digit, stem[first], left))
    for number, _, unit in parts:
        for cell in unit:
            code[cell] += str(number)
    return [(start, unit) for _, start, unit in parts]

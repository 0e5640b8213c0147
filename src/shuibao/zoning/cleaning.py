"""
Small gaps closed and slivers dropped before a zone is drawn (区划斑块清理).

A square of :math:`k` cells cannot lie in a gap narrower than itself, so *closing* by it fills such gaps; a part
narrower than a square of :math:`s` cells cannot hold it, so *opening* by it drops such parts. Neither depends on where
in the square its origin lies, hence squares of even side are as symmetric as odd ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
"""(rows, cols) array of bool."""


def cleaning_reach(gap_cells: int, sliver_cells: int) -> int:
    """
    Return how far the cleaning of a cell looks: the halo that a tile needs (清理所需加边).

    Parameters
    ----------
    gap_cells, sliver_cells : int
        As for :func:`clean`, cells.

    Returns
    -------
    int
        Cells. Inside this distance from the border of an array the result of :func:`clean` is not yet final.

    Examples
    --------
    >>> cleaning_reach(2, 1)
    3
    """
    return gap_cells + sliver_cells


def clean(candidate: NDArray[Any], claimable: NDArray[Any], gap_cells: int, sliver_cells: int) -> Mask:
    r"""
    Close the small gaps of a mask and drop its slivers (填补小空隙、剔除狭长碎块).

    Parameters
    ----------
    candidate : (rows, cols) array of bool or uint8
        The cells that meet the rule, 1. A cell whose data are missing does not meet it: 0.
    claimable : (rows, cols) array of bool or uint8
        The cells a closed gap may take, 1: those whose land class is in the rule's list. A house, a road or a field in
        a gap stays outside.
    gap_cells : int
        Gaps up to this width are closed, cells; 0 closes nothing.
    sliver_cells : int
        Parts up to this width are dropped, cells; 0 drops nothing.

    Returns
    -------
    (rows, cols) array of bool
        The cleaned mask. Beyond the array nothing is taken to be a candidate; farther than :func:`cleaning_reach` from
        the border of the array the result does not depend on what lies beyond it.

    Notes
    -----
    With :math:`B_n` the square of side :math:`n` cells, :math:`X` the candidates, :math:`G` the claimable cells:

    .. math::
        Y = X \cup \bigl((X \bullet B_{g+1}) \cap G\bigr), \qquad Z = Y \circ B_{s+1}

    A cell is in :math:`X \bullet B` (closing) if every square that holds it meets :math:`X`; in :math:`Y \circ B`
    (opening) if some square that holds it lies wholly in :math:`Y`. Windows are combined by doubling, so that the cost
    grows with the logarithm of the width.

    References
    ----------
    Serra (1982), Image Analysis and Mathematical Morphology; the widths are chosen, see ``steep_slope`` in the rules.

    Examples
    --------
    A gap of one cell is closed, a sliver of one cell is dropped:

    >>> row = np.array([[1, 1, 0, 1, 1, 0, 0, 0, 1]], bool).repeat(2, axis=0)
    >>> clean(row, np.ones_like(row), 1, 1)[0].astype(int).tolist()
    [1, 1, 1, 1, 1, 0, 0, 0, 0]
    """
    mask = np.ascontiguousarray(candidate, dtype=np.bool_)
    if not mask.any():
        return np.zeros_like(mask)
    if gap_cells > 0:
        closed = _over_squares(np.pad(mask, gap_cells), gap_cells + 1, np.logical_or, np.logical_and)
        np.logical_and(closed, claimable, out=closed)
        mask = np.logical_or(mask, closed, out=closed)
    if sliver_cells > 0:
        mask = _over_squares(np.pad(mask, sliver_cells), sliver_cells + 1, np.logical_and, np.logical_or)
    return mask if mask is not candidate else mask.copy()


def _over_squares(mask: Mask, side: int, first: Callable[..., Any], second: Callable[..., Any]) -> Mask:
    """Combine each square of ``side`` cells by ``first``, then the squares that hold each cell by ``second``."""
    return over_windows(over_windows(mask, side, side, first), side, side, second)


def over_windows(mask: Mask, rows: int, cols: int, combine: Callable[..., Any]) -> Mask:
    """
    Combine the cells of each window of an array (窗口合并).

    Parameters
    ----------
    mask : (m, n) array of bool
    rows, cols : int
        Size of a window, cells; at least 1.
    combine : callable
        ``numpy.logical_or``: does some cell meet it; ``numpy.logical_and``: do all.

    Returns
    -------
    (m - rows + 1, n - cols + 1) array of bool
        At the place of the upper left cell of each window.

    Examples
    --------
    >>> over_windows(np.array([[1, 0, 0, 0]], bool), 1, 2, np.logical_or).tolist()
    [[True, False, False]]
    """
    return _windows(_windows(mask, rows, combine).T, cols, combine).T


def _windows(mask: Mask, length: int, combine: Callable[..., Any]) -> Mask:
    """Combine the ``length`` rows that begin at each row; the result has ``length - 1`` rows fewer."""
    have = 1
    while have < length:
        shift = min(have, length - have)
        mask = combine(mask[:-shift], mask[shift:])
        have += shift
    return mask

"""Orders of streams: Strahler's, and Shreve's magnitude (河流分级)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.watershed import _stream_kernels
from shuibao.watershed.drainage import Drainage
from shuibao.watershed.streams import forest


def strahler_order(drainage: Drainage, mask: NDArray[Any] | None = None) -> NDArray[np.uint8]:
    r"""
    Strahler's order of each channel cell (斯特拉勒河流分级).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    mask : (rows, cols) bool array, optional
        Channel cells. Without it every land cell is a channel, which is TauDEM's grid order.

    Returns
    -------
    (rows, cols) uint8 array
        From 1; 0 off the channels and at missing cells.

    Raises
    ------
    ShuibaoError
        If ``mask`` is not a bool array of the drainage's shape.

    Notes
    -----
    A source has order 1. Below a junction, with :math:`\omega` the greatest order flowing in,

    .. math:: \omega' = \omega + 1 \text{ if it flows in at least twice, else } \omega

    References
    ----------
    Strahler, A. N. (1957) Quantitative analysis of watershed geomorphology. Transactions, American Geophysical Union
    38, 913-920.

    Examples
    --------
    Two sources meet in the middle and leave to the south:

    >>> import numpy as np
    >>> direction = np.array([[1, 3, 5], [0, 9, 0]], dtype=np.uint8)
    >>> strahler_order(Drainage.from_directions(direction, 30.0)).tolist()
    [[1, 2, 1], [0, 2, 0]]
    """
    return _on_grid(drainage, mask, orders_of)


def shreve_magnitude(drainage: Drainage, mask: NDArray[Any] | None = None) -> NDArray[Any]:
    r"""
    Shreve's magnitude of each channel cell: how many sources are upstream (施里夫河流量级).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    mask : (rows, cols) bool array, optional
        Channel cells. Without it every land cell is a channel.

    Returns
    -------
    (rows, cols) int32 array
        From 1; 0 off the channels and at missing cells. int64 on grids of 2³¹ cells and more.

    Raises
    ------
    ShuibaoError
        If ``mask`` is not a bool array of the drainage's shape.

    Notes
    -----
    .. math:: \mu' = \sum \mu, \qquad \mu = 1 \text{ at a source}, \qquad \mu \ge 2^{\omega - 1}

    References
    ----------
    Shreve, R. L. (1966) Statistical law of stream numbers. Journal of Geology 74, 17-37.

    Examples
    --------
    >>> import numpy as np
    >>> direction = np.array([[1, 3, 5], [0, 9, 5]], dtype=np.uint8)
    >>> shreve_magnitude(Drainage.from_directions(direction, 30.0)).tolist()
    [[1, 2, 1], [0, 3, 1]]
    """
    return _on_grid(drainage, mask, magnitudes_of)


def orders_of(receiver: NDArray[Any], order: NDArray[Any]) -> NDArray[np.uint8]:
    """
    Strahler's order of each node of a forest (森林各节点的分级).

    Parameters
    ----------
    receiver : (n,) integer array
        Node each drains to; its own at a root.
    order : (n,) integer array
        Every node once, each before its receiver.

    Returns
    -------
    (n,) uint8 array

    Examples
    --------
    >>> import numpy as np
    >>> orders_of(np.array([2, 2, 2]), np.array([0, 1, 2])).tolist()
    [1, 1, 2]
    """
    out = np.zeros(receiver.size, dtype=np.uint8)
    _stream_kernels.strahler(receiver, order, out)
    return out


def magnitudes_of(receiver: NDArray[Any], order: NDArray[Any]) -> NDArray[Any]:
    """
    Shreve's magnitude of each node of a forest (森林各节点的量级).

    Parameters
    ----------
    receiver : (n,) integer array
        Node each drains to; its own at a root.
    order : (n,) integer array
        Every node once, each before its receiver.

    Returns
    -------
    (n,) array of the type of ``receiver``

    Examples
    --------
    >>> import numpy as np
    >>> magnitudes_of(np.array([2, 2, 3, 3]), np.array([0, 1, 2, 3])).tolist()
    [1, 1, 2, 2]
    """
    out = np.zeros(receiver.size, dtype=receiver.dtype)
    _stream_kernels.shreve(receiver, order, out)
    return out


def _on_grid(
    drainage: Drainage, mask: NDArray[Any] | None, rule: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]
) -> NDArray[Any]:
    """Return a grid of what a rule says of a mask's cells, or of all land cells, 0 elsewhere."""
    if mask is None:
        return rule(drainage.receiver, drainage.order).reshape(drainage.shape)
    cells = forest(drainage, mask)
    values = rule(cells.receiver, cells.order)
    out = np.zeros(drainage.shape, dtype=values.dtype)
    out.ravel()[cells.cell] = values
    return out

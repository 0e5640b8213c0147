"""
The six intensity classes of water erosion (土壤侵蚀强度分级).

A class holds its lower edge and not its upper one. The upper edge of the first class, 微度, is the tolerable soil loss
of the erosion region.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuibao.messages import CallError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from shuibao.rules import Rules


def intensity_breaks(rules: Rules, erosion_region: str) -> NDArray[np.float64]:
    """
    Lower edges of the intensity classes in an erosion region (强度分级下限).

    Parameters
    ----------
    rules : Rules
        Rule packs in force; ``erosion_intensity.classes`` and ``tolerable_loss.<region>`` are asked for.
    erosion_region : str
        Region of the table of tolerable soil loss, for instance ``northwest_loess``.

    Returns
    -------
    (6,) array
        Lower edges of classes 1 to 6, t/(km²·a); the first is 0.

    Raises
    ------
    CallError
        If the classes of the packs do not rise.
    """
    tolerable = float(rules.value(f"tolerable_loss.{erosion_region}"))
    edges = [0.0]
    for grade in rules.value("erosion_intensity.classes")[:-1]:
        edges.append(tolerable if grade["upto"] == "tolerable_loss" else float(grade["upto"]))
    breaks = np.asarray(edges)
    if (np.diff(breaks) <= 0).any():
        zh = f"规则包中侵蚀强度分级的下限不是递增的：{edges}；请检查 erosion_intensity.classes 与 tolerable_loss"
        en = f"the intensity classes do not rise: {edges}; check erosion_intensity.classes and tolerable_loss"
        raise CallError(zh, en)
    return breaks


def classify_intensity(soil_loss: ArrayLike, breaks: ArrayLike) -> NDArray[np.uint8]:
    """
    Intensity class of soil loss (土壤侵蚀强度分级).

    Parameters
    ----------
    soil_loss : (...) array
        Soil loss, t/(km²·a).
    breaks : (6,) array
        Lower edges, t/(km²·a). From :func:`intensity_breaks`.

    Returns
    -------
    (...) array of uint8
        1 微度, 2 轻度, 3 中度, 4 强烈, 5 极强烈, 6 剧烈; 0 where the soil loss is NaN.

    Notes
    -----
    A class holds its lower edge: 2500 is 中度.

    References
    ----------
    SL 190-2007 土壤侵蚀分类分级标准.

    Examples
    --------
    >>> loess = [0, 1000, 2500, 5000, 8000, 15000]
    >>> classify_intensity([999.9, 1000, 2500, 20128, float("nan")], loess).tolist()
    [1, 2, 3, 6, 0]
    """
    loss = np.asarray(soil_loss, dtype=np.float64)
    grade = np.searchsorted(np.asarray(breaks, dtype=np.float64)[1:], loss, side="right") + 1
    return np.asarray(np.where(np.isnan(loss), 0, grade), dtype=np.uint8)


def classify_sheet_erosion(
    slope: ArrayLike,
    cover: ArrayLike,
    cropland: ArrayLike,
    *,
    slope_breaks: Sequence[float],
    cover_breaks: Sequence[float],
    classes: Sequence[Sequence[int]],
    cropland_classes: Sequence[int],
) -> NDArray[np.uint8]:
    """
    Intensity class from slope and cover, where no soil loss can be computed (面蚀分级).

    Parameters
    ----------
    slope : (...) array
        Slope angle, rad.
    cover : (...) array
        Cover of trees and grass, 0-1; not looked at on cropland.
    cropland : (...) array of bool
        Whether the land is ploughed.
    slope_breaks : (5,) sequence
        Lower edges of the slope classes, degrees: 5, 8, 15, 25, 35. Gentler land is 微度.
    cover_breaks : (4,) sequence
        Lower edges of the cover classes, %: 30, 45, 60, 75. Denser cover than the last is 微度.
    classes : (4, 5) sequence
        Class for each cover class (the thinnest first) and slope class.
    cropland_classes : (5,) sequence
        Class of cropland for each slope class.

    Returns
    -------
    (...) array of uint8
        1 to 6 as in :func:`classify_intensity`; 0 where slope, or cover off cropland, is NaN.

    References
    ----------
    SL 190-2007, sheet erosion: pack ``sheet_matrix``.

    Examples
    --------
    Grassland of 40 % and cropland, both of 20°:

    >>> matrix = [[3, 3, 4, 5, 6], [2, 3, 3, 4, 5], [2, 2, 3, 3, 4], [2, 2, 2, 3, 3]]
    >>> classify_sheet_erosion(np.radians(20), [0.4, 0.4], [False, True], slope_breaks=[5, 8, 15, 25, 35],
    ...                        cover_breaks=[30, 45, 60, 75], classes=matrix, cropland_classes=[2, 3, 4, 5, 6]).tolist()
    [3, 4]
    """
    theta, fvc, ploughed = np.broadcast_arrays(
        np.asarray(slope, dtype=np.float64), np.asarray(cover, dtype=np.float64), np.asarray(cropland, dtype=bool)
    )
    steep = np.searchsorted(np.radians(slope_breaks), theta, side="right")
    dense = np.searchsorted(np.asarray(cover_breaks) / 100, fvc, side="right")
    table = np.ones((len(cover_breaks) + 2, len(slope_breaks) + 1), dtype=np.uint8)
    table[: len(cover_breaks), 1:] = classes
    table[-1, 1:] = cropland_classes
    grade = table[np.where(ploughed, len(cover_breaks) + 1, dense), steep]
    missing = np.isnan(theta) | (np.isnan(fvc) & ~ploughed)
    return np.asarray(np.where(missing, 0, grade), dtype=np.uint8)

"""
Soil loss by the Chinese Soil Loss Equation, A = R·K·L·S·B·E·T (土壤流失量).

Nothing here reads a file or knows a number of a standard: the factors come in, the soil loss goes out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

HECTARES_PER_SQUARE_KILOMETRE = 100.0


def soil_loss(
    erosivity: ArrayLike,
    erodibility: ArrayLike,
    length: ArrayLike,
    steepness: ArrayLike,
    cover: ArrayLike = 1.0,
    measures: ArrayLike = 1.0,
    tillage: ArrayLike = 1.0,
) -> NDArray[np.float64]:
    """
    Soil loss of sheet and rill erosion by CSLE (土壤流失量 A). Arguments broadcast.

    Parameters
    ----------
    erosivity : (...) array
        R, MJ·mm/(hm²·h·a).
    erodibility : (...) array
        K, t·hm²·h/(hm²·MJ·mm).
    length, steepness : (...) array
        L and S, dimensionless.
    cover : (...) array
        B, dimensionless; 1 on cropland, where T speaks.
    measures : (...) array
        E, dimensionless; 1 where no engineering measure is mapped.
    tillage : (...) array
        T, dimensionless; 1 outside cropland.

    Returns
    -------
    (...) array
        A, t/(hm²·a). Times 100 it is t/(km²·a): :func:`per_square_kilometre`. NaN where any factor is NaN.

    Notes
    -----
    .. math:: A = R K L S B E T

    References
    ----------
    Liu, Zhang & Xie (2002); 常梦迪等 (2021) 干旱区研究 38(4), 939-949.

    Examples
    --------
    Cropland of 12° and 60 m on the loess, with rotation but no terrace:

    >>> float(soil_loss(1800, 0.045, 1.6466, 3.5933, 1, 1, 0.42).round(1))
    201.3
    """
    r, k = np.asarray(erosivity, dtype=np.float64), np.asarray(erodibility, dtype=np.float64)
    terrain = np.asarray(length, dtype=np.float64) * np.asarray(steepness, dtype=np.float64)
    land = np.asarray(cover, dtype=np.float64) * np.asarray(measures, dtype=np.float64)
    return np.asarray(r * k * terrain * land * np.asarray(tillage, dtype=np.float64))


def per_square_kilometre(per_hectare: ArrayLike) -> NDArray[np.float64]:
    """
    Soil loss per square kilometre from soil loss per hectare (土壤侵蚀模数换算).

    Parameters
    ----------
    per_hectare : (...) array
        Soil loss, t/(hm²·a).

    Returns
    -------
    (...) array
        Soil loss, t/(km²·a). NaN stays NaN.

    Examples
    --------
    >>> float(per_square_kilometre(16.908).round(1))
    1690.8
    """
    return np.asarray(per_hectare, dtype=np.float64) * HECTARES_PER_SQUARE_KILOMETRE


def soil_retention(potential: ArrayLike, actual: ArrayLike) -> NDArray[np.float64]:
    """
    Soil kept in place by vegetation, measures and tillage (土壤保持量).

    Parameters
    ----------
    potential : (...) array
        Soil loss of the same land bare and without measures, :math:`RKLS`, t/(hm²·a).
    actual : (...) array
        Soil loss as the land is, :math:`RKLSBET`, t/(hm²·a).

    Returns
    -------
    (...) array
        Difference, t/(hm²·a). NaN where either is NaN.

    Examples
    --------
    >>> float(soil_retention(soil_loss(1800, 0.045, 1.6, 3.6), soil_loss(1800, 0.045, 1.6, 3.6, 0.1)).round(2))
    419.9
    """
    return np.asarray(np.asarray(potential, dtype=np.float64) - np.asarray(actual, dtype=np.float64))


def sediment_depth(per_square_kilometre_year: ArrayLike, bulk_density: ArrayLike) -> NDArray[np.float64]:
    """
    Mean depth of soil lost in a year (平均流失厚度).

    Parameters
    ----------
    per_square_kilometre_year : (...) array
        Soil loss, t/(km²·a).
    bulk_density : (...) array
        Bulk density of the soil, t/m³.

    Returns
    -------
    (...) array
        Depth, mm/a. NaN where either is NaN.

    Examples
    --------
    >>> float(sediment_depth(2500, 1.35).round(1))
    1.9
    """
    loss = np.asarray(per_square_kilometre_year, dtype=np.float64)
    return np.asarray(loss / (1000.0 * np.asarray(bulk_density, dtype=np.float64)))  # 1 t/km² = 1 g/m²

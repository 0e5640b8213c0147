"""
Biological factor B from half-month vegetation cover (生物措施因子 B).

B weighs the soil loss ratio of each half-month, which falls with cover, by the share of that half-month in the
erosivity of the year. Cover is a fraction 0-1 everywhere; percent is refused. Cropland has B = 1: tillage speaks there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from shuibao.erosion._cover_kernels import STEPS, cover_factors, fill_ratios
from shuibao.erosion.cover_checks import check_cover, check_half_months, refuse_cover
from shuibao.messages import CallError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from shuibao.rules import Rules

Formula = Literal["shrub", "grass", "forest"]

NO_UNDERSTORY = np.empty((0, 1, 1), dtype=np.float32)
"""What the kernel takes where no understory layer is given."""


@dataclass(frozen=True)
class CoverCoefficients:
    """
    The numbers of the three soil loss ratio formulas (土壤流失比例公式系数).

    Parameters
    ----------
    shrub, grass : (3,) tuple
        :math:`a, b, c` of :math:`1/(a + b c^{100 FVC})`: shrub and tea; grass.
    forest : (4,) tuple
        :math:`a, b, c, d` of the formula of forest and orchard.
    understory : float
        Understory cover per canopy cover where no understory layer is given, dimensionless.
    """

    shrub: tuple[float, ...]
    grass: tuple[float, ...]
    forest: tuple[float, ...]
    understory: float

    @classmethod
    def from_rules(cls, rules: Rules) -> CoverCoefficients:
        """Take the numbers from the rule packs in force, table ``cover_factor``."""
        return cls(
            shrub=tuple(float(number) for number in rules.value("cover_factor.shrub")),
            grass=tuple(float(number) for number in rules.value("cover_factor.grass")),
            forest=tuple(float(number) for number in rules.value("cover_factor.forest")),
            understory=float(rules.value("cover_factor.understory")),
        )


def open_soil_loss_ratio(cover: ArrayLike, coefficients: Sequence[float]) -> NDArray[np.float64]:
    r"""
    Soil loss ratio of shrub, tea or grass from its cover (灌木林地、茶园与草地的土壤流失比例).

    Parameters
    ----------
    cover : (...) array
        Vegetation cover (FVC), 0-1.
    coefficients : (3,) sequence
        :math:`a, b, c` of shrub or of grass.

    Returns
    -------
    (...) array
        SLR, 0-1. NaN where the cover is NaN.

    Notes
    -----
    .. math:: SLR = \frac{1}{a + b\, c^{100 FVC}}

    References
    ----------
    区域水土流失动态监测技术规定 (2018), recalled: pack ``cover_factor``.

    Examples
    --------
    >>> open_soil_loss_ratio([0, 0.4, 1], (1.17647, 0.86242, 1.05905)).round(4).tolist()
    [0.4905, 0.1027, 0.0037]
    """
    a, b, c = coefficients
    ratio = 1 / (a + b * c ** (100 * np.asarray(cover, dtype=np.float64)))
    return np.asarray(np.clip(ratio, 0.0, 1.0))


def forest_soil_loss_ratio(
    cover: ArrayLike, understory: ArrayLike, coefficients: Sequence[float]
) -> NDArray[np.float64]:
    r"""
    Soil loss ratio of forest or orchard from canopy and understory (林地、果园的土壤流失比例).

    Parameters
    ----------
    cover : (...) array
        Canopy cover (FVC), 0-1.
    understory : (...) array
        Cover below the canopy (GD), 0-1.
    coefficients : (4,) sequence
        :math:`a, b, c, d`.

    Returns
    -------
    (...) array
        SLR, 0-1. NaN where either cover is NaN.

    Notes
    -----
    .. math:: SLR = a\, e^{-b\,GD} - c\, e^{FVC - FVC \cdot GD} + d

    References
    ----------
    区域水土流失动态监测技术规定 (2018), recalled: pack ``cover_factor``.

    Examples
    --------
    >>> forest_soil_loss_ratio(0.6, [0.3, 0.6, 0.9], (0.44468, 3.20096, 0.04099, 0.025)).round(4).tolist()
    [0.1328, 0.038, 0.0064]
    """
    a, b, c, d = coefficients
    fvc, gd = np.asarray(cover, dtype=np.float64), np.asarray(understory, dtype=np.float64)
    ratio = a * np.exp(-b * gd) - c * np.exp(fvc - fvc * gd) + d
    return np.asarray(np.clip(ratio, 0.0, 1.0))


def cover_factor(
    cover: ArrayLike,
    weights: ArrayLike,
    formula: Formula,
    coefficients: CoverCoefficients,
    *,
    understory: ArrayLike | None = None,
) -> NDArray[np.float64]:
    r"""
    Biological factor of one kind of vegetation from 24 half-months of cover (生物措施因子 B).

    Parameters
    ----------
    cover : (24, ...) array
        Vegetation cover of each half-month, 0-1; of the canopy for forest.
    weights : (24,) or (24, ...) array
        Share of each half-month in the erosivity of the year. From :func:`shuibao.erosion.rainfall.erosivity_weights`.
    formula : {"shrub", "grass", "forest"}
        Shrub and tea; grass; forest and orchard.
    coefficients : CoverCoefficients
        Numbers of the formulas.
    understory : (24, ...) array, optional
        Cover below the canopy of each half-month, 0-1; forest only. Without it, the canopy's cover times
        ``coefficients.understory``.

    Returns
    -------
    (...) array
        B, 0-1. NaN where any half-month is NaN.

    Raises
    ------
    ShuibaoError
        If cover is outside 0-1, or the first axis is not 24.

    Notes
    -----
    .. math:: B = \sum_{k=1}^{24} SLR_k\, WR_k

    References
    ----------
    常梦迪等 (2021) 干旱区研究 38(4), 939-949: weighting of SLR by the share of erosivity.

    Examples
    --------
    Grass of 50 % all the year:

    >>> numbers = CoverCoefficients((1.17647, 0.86242, 1.05905), (1.25, 0.78845, 1.05968),
    ...                             (0.44468, 3.20096, 0.04099, 0.025), 0.8)
    >>> float(cover_factor(np.full(24, 0.5), np.full(24, 1 / 24), "grass", numbers).round(4))
    0.0643
    """
    fvc, share = check_cover(cover), np.asarray(weights, dtype=np.float64)
    check_half_months(fvc, share)
    if formula == "forest":
        below = fvc * coefficients.understory if understory is None else check_cover(understory, where="understory")
        ratio = forest_soil_loss_ratio(fvc, below, coefficients.forest)
    else:
        ratio = open_soil_loss_ratio(fvc, coefficients.shrub if formula == "shrub" else coefficients.grass)
    share = share.reshape(share.shape + (1,) * (ratio.ndim - share.ndim))
    return np.asarray((ratio * share).sum(axis=0))


def cover_layers(
    cover: NDArray[np.floating],
    weights: ArrayLike,
    coefficients: CoverCoefficients,
    *,
    understory: NDArray[np.floating] | None = None,
) -> NDArray[np.float32]:
    """
    B of shrub, grass and forest, and the mean cover, for every cell in one pass (三种植被的 B 与年均盖度).

    The land class of a cell, which is known on a finer grid than cover, then picks one of the three.

    Parameters
    ----------
    cover : (24, rows, cols) array
        Vegetation cover of each half-month, 0-1.
    weights : (24,) or (24, rows, cols) array
        Share of each half-month in the erosivity of the year.
    coefficients : CoverCoefficients
        Numbers of the formulas.
    understory : (1, rows, cols) or (24, rows, cols) array, optional
        Cover below the canopy, 0-1: one for the year, or one for each half-month. Without it, the canopy's cover times
        ``coefficients.understory``.

    Returns
    -------
    (4, rows, cols) array of float32
        B of shrub, B of grass, B of forest, and the plain mean of the 24 covers (not weighted by erosivity: it is the
        cover class of the facts, which must not depend on rain). NaN where any half-month of cover or weight is NaN;
        B of forest also where the understory is.

    Raises
    ------
    ShuibaoError
        If cover is outside 0-1, or the shapes do not fit.
    """
    refuse_cover(cover, "cover")
    fvc, share = np.ascontiguousarray(cover, dtype=np.float32), np.ascontiguousarray(weights, dtype=np.float64)
    check_half_months(fvc, share)
    share = share.reshape(24, 1, 1) if share.ndim == 1 else share
    below = NO_UNDERSTORY
    if understory is not None:
        refuse_cover(understory, "understory")
        below = np.ascontiguousarray(understory, dtype=np.float32)
    forest = np.asarray(coefficients.forest)
    table = np.empty((STEPS + 2, 3))
    fill_ratios(np.asarray(coefficients.shrub), np.asarray(coefficients.grass), forest, coefficients.understory, table)
    out = np.empty((4, *fvc.shape[1:]), dtype=np.float32)
    cover_factors(fvc, share, below, forest, table, out)
    return out


COVER_WORDS = ("", "tillage", "shrub", "grass", "forest", "fixed")
"""How a land class comes by its B, at the index that :class:`LandCover` gives it; 0 is no class."""


@dataclass(frozen=True)
class LandCover:
    """
    How each land class comes by its B: looked up by land-class code (各地类的 B 取法).

    Parameters
    ----------
    kind : (256,) array of uint8
        Index into :data:`COVER_WORDS`: 0 no such class, 1 tillage (B = 1, T applies), 2 shrub, 3 grass, 4 forest,
        5 fixed.
    fixed : (256,) array
        B of the class where it does not follow cover: its own where fixed, 1 on tilled land, NaN elsewhere.
    """

    kind: NDArray[np.uint8]
    fixed: NDArray[np.float64]

    @classmethod
    def from_rules(cls, rules: Rules) -> LandCover:
        """
        Take the land classes from the rule packs in force, ``land_class.classes``.

        Raises
        ------
        CallError
            If a class comes by its B in a way that is not known, or is fixed without a B.
        """
        kind, fixed = np.zeros(256, dtype=np.uint8), np.full(256, np.nan)
        for land in rules.value("land_class.classes"):
            word = land["cover"]
            if word not in COVER_WORDS[1:] or (word == "fixed" and "b" not in land):
                zh = (
                    f"land_class.classes 中 {land['id']} 的 cover 为“{word}”；"
                    f"应为 {'、'.join(COVER_WORDS[1:])} 之一，fixed 须给出 b"
                )
                en = (
                    f"land_class.classes: cover of {land['id']} is '{word}'; it must be one of "
                    f"{', '.join(COVER_WORDS[1:])}, and fixed needs b"
                )
                raise CallError(zh, en)
            kind[land["code"]] = COVER_WORDS.index(word)
            fixed[land["code"]] = {"tillage": 1.0, "fixed": land.get("b", np.nan)}.get(word, np.nan)
        return cls(kind, fixed)


def cover_factor_cai2000(
    cover: ArrayLike, *, intercept: float, slope: float, lower: float, upper: float
) -> NDArray[np.float64]:
    r"""
    Cover factor C of RUSLE from mean cover, where nothing better is known (蔡崇法等 2000 的 C 因子).

    Not the method of the national monitoring, and not to be mixed with B in one result.

    Parameters
    ----------
    cover : (...) array
        Vegetation cover, 0-1.
    intercept, slope : float
        0.6508 and 0.3436: pack ``cover_factor_cai``.
    lower, upper : float
        Cover up to which C is 1, and from which it is 0, in %: 0.1 and 78.3.

    Returns
    -------
    (...) array
        C, 0-1. NaN where the cover is NaN.

    Raises
    ------
    ShuibaoError
        If cover is outside 0-1.

    Notes
    -----
    .. math:: C = 0.6508 - 0.3436 \lg f, \quad 0.1 < f < 78.3\ \%

    Clipped to 0-1.

    References
    ----------
    蔡崇法等 (2000) 应用 USLE 模型与地理信息系统 IDRISI 预测小流域土壤侵蚀量的研究.

    Examples
    --------
    >>> numbers = dict(intercept=0.6508, slope=0.3436, lower=0.1, upper=78.3)
    >>> cover_factor_cai2000([0, 0.1, 0.8], **numbers).round(4).tolist()
    [1.0, 0.3072, 0.0]
    """
    percent = 100 * check_cover(cover)
    factor = np.clip(intercept - slope * np.log10(np.maximum(percent, lower)), 0.0, 1.0)
    factor = np.where(percent <= lower, 1.0, np.where(percent >= upper, 0.0, factor))
    return np.asarray(np.where(np.isnan(percent), np.nan, factor))

"""
Soil erodibility K from texture and organic carbon (土壤可蚀性因子 K).

K is in t·hm²·h/(hm²·MJ·mm) throughout. Organic *carbon* and organic *matter* are different arguments with different
names: papers have printed one where the formula needs the other. The limit between sand and silt is 0.05 mm (USDA) in
the formulas; a survey that used 0.1 mm or 0.02 mm must be converted first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuibao.messages import ShuibaoError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from shuibao.rules import Rules


def organic_carbon(organic_matter: ArrayLike, *, matter_per_carbon: float) -> NDArray[np.float64]:
    """
    Organic carbon from organic matter (由有机质求有机碳).

    Parameters
    ----------
    organic_matter : (...) array
        Organic matter, % of the soil's weight.
    matter_per_carbon : float
        Organic matter per organic carbon (van Bemmelen), dimensionless: 1.724.

    Returns
    -------
    (...) array
        Organic carbon, % of the soil's weight. NaN stays NaN.

    Examples
    --------
    >>> float(organic_carbon(2.0, matter_per_carbon=1.724).round(2))
    1.16
    """
    return np.asarray(np.asarray(organic_matter, dtype=np.float64) / matter_per_carbon)


def fine_earth(sand: ArrayLike, silt: ArrayLike, clay: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """
    Shares of sand, silt and clay in the earth finer than 2 mm, adding up to 100 % (细土颗粒组成).

    Parameters
    ----------
    sand, silt, clay : (...) array
        Shares of the whole soil, stones included, in %. They need not add up to 100.

    Returns
    -------
    (sand, silt, clay) : (...) arrays
        Shares of the fine earth, %. NaN where any is NaN or all are 0.

    Examples
    --------
    >>> [float(v.round(1)) for v in fine_earth(40, 24, 16)]
    [50.0, 30.0, 20.0]
    """
    parts = [np.asarray(part, dtype=np.float64) for part in (sand, silt, clay)]
    total = parts[0] + parts[1] + parts[2]
    scale = np.divide(100.0, total, out=np.full_like(total, np.nan), where=total > 0)
    return tuple(np.asarray(part * scale) for part in parts)


@dataclass(frozen=True)
class EpicCoefficients:
    """
    The numbers of the EPIC equation, named by the term they stand in (EPIC 公式系数).

    Parameters
    ----------
    sand_base, sand_gain, sand_rate : float
        0.2, 0.3 and 0.0256 of the sand term.
    silt_exponent : float
        0.3 of the silt term.
    carbon_gain, carbon_shift, carbon_rate : float
        0.25, 3.72 and 2.95 of the carbon term.
    fine_gain, fine_shift, fine_rate : float
        0.7, 5.51 and 22.9 of the term for very sandy soils.
    us_to_si : float
        K in t·hm²·h/(hm²·MJ·mm) per K in US units: 0.1317.
    """

    sand_base: float
    sand_gain: float
    sand_rate: float
    silt_exponent: float
    carbon_gain: float
    carbon_shift: float
    carbon_rate: float
    fine_gain: float
    fine_shift: float
    fine_rate: float
    us_to_si: float

    @classmethod
    def from_rules(cls, rules: Rules) -> EpicCoefficients:
        """Take the numbers from the rule packs in force: ``erodibility.epic`` and ``erodibility.us_to_si``."""
        numbers = {name: float(number) for name, number in rules.value("erodibility.epic").items()}
        return cls(**numbers, us_to_si=float(rules.value("erodibility.us_to_si")))


@dataclass(frozen=True)
class NomographCoefficients:
    """
    The numbers of the nomograph equation, named by the term they stand in (诺谟图公式系数).

    Parameters
    ----------
    gain, exponent, matter_limit : float
        2.1e-4, 1.14 and 12 of the texture term.
    structure_gain, structure_base : float
        3.25 and 2 of the structure term.
    permeability_gain, permeability_base : float
        2.5 and 3 of the permeability term.
    divisor : float
        100.
    silt_limit : float
        Greatest share of silt and very fine sand that the equation holds for, %: 70.
    us_to_si : float
        K in t·hm²·h/(hm²·MJ·mm) per K in US units: 0.1317.
    """

    gain: float
    exponent: float
    matter_limit: float
    structure_gain: float
    structure_base: float
    permeability_gain: float
    permeability_base: float
    divisor: float
    silt_limit: float
    us_to_si: float

    @classmethod
    def from_rules(cls, rules: Rules) -> NomographCoefficients:
        """Take the numbers from the rule packs in force: ``erodibility.nomograph`` and what stands beside it."""
        numbers = {name: float(number) for name, number in rules.value("erodibility.nomograph").items()}
        return cls(
            **numbers,
            silt_limit=float(rules.value("erodibility.nomograph_silt_limit")),
            us_to_si=float(rules.value("erodibility.us_to_si")),
        )


def erodibility_epic(
    sand: ArrayLike, silt: ArrayLike, clay: ArrayLike, carbon: ArrayLike, coefficients: EpicCoefficients
) -> NDArray[np.float64]:
    r"""
    Soil erodibility by the EPIC equation (土壤可蚀性，EPIC 公式).

    Parameters
    ----------
    sand, silt, clay : (...) array
        Shares of the fine earth, %, adding up to 100 (within 1): sand 0.05-2 mm, silt 0.002-0.05 mm, clay < 0.002 mm.
        From :func:`fine_earth` where stones were counted.
    carbon : (...) array
        Organic carbon (not matter), %.
    coefficients : EpicCoefficients
        Numbers of the equation and the unit factor.

    Returns
    -------
    (...) array
        K, t·hm²·h/(hm²·MJ·mm). NaN where any input is NaN.

    Raises
    ------
    ShuibaoError
        If a share is outside 0-100 % or the three do not add up to 100 %.

    Notes
    -----
    .. math::
       K_{US} = \{0.2 + 0.3 e^{-0.0256\,SAN(1 - SIL/100)}\} \left(\frac{SIL}{CLA + SIL}\right)^{0.3}
       \left[1 - \frac{0.25 C}{C + e^{3.72 - 2.95 C}}\right]
       \left[1 - \frac{0.7 S_n}{S_n + e^{-5.51 + 22.9 S_n}}\right], \quad S_n = 1 - SAN/100

    and :math:`K = 0.1317 K_{US}`. A soil of sand alone (no silt, no clay) has no silt term and gives 0.

    References
    ----------
    Williams (1990); Sharpley & Williams (1990) EPIC 1: Model documentation.

    Examples
    --------
    >>> epic = EpicCoefficients(0.2, 0.3, 0.0256, 0.3, 0.25, 3.72, 2.95, 0.7, 5.51, 22.9, us_to_si=0.1317)
    >>> float(erodibility_epic(20, 65, 15, 0.6, epic).round(6))
    0.054686
    """
    sand, silt, clay = (np.asarray(part, dtype=np.float64) for part in (sand, silt, clay))
    c = np.asarray(carbon, dtype=np.float64)
    _check_texture(sand, silt, clay)
    fine = clay + silt
    sn = 1 - sand / 100
    n = coefficients
    term_sand = n.sand_base + n.sand_gain * np.exp(-n.sand_rate * sand * (1 - silt / 100))
    share = np.divide(silt, fine, out=np.where(np.isnan(fine), np.nan, 0.0), where=fine > 0)
    term_carbon = 1 - n.carbon_gain * c / (c + np.exp(n.carbon_shift - n.carbon_rate * c))
    term_fine = 1 - n.fine_gain * sn / (sn + np.exp(-n.fine_shift + n.fine_rate * sn))
    return np.asarray(term_sand * share**n.silt_exponent * term_carbon * term_fine * n.us_to_si)


def erodibility_nomograph(
    silt_and_very_fine_sand: ArrayLike,
    clay: ArrayLike,
    organic_matter: ArrayLike,
    structure: ArrayLike,
    permeability: ArrayLike,
    coefficients: NomographCoefficients,
) -> NDArray[np.float64]:
    r"""
    Soil erodibility by the nomograph of Wischmeier (土壤可蚀性，诺谟图公式).

    Parameters
    ----------
    silt_and_very_fine_sand : (...) array
        Share 0.002-0.1 mm, %. The equation holds up to 70 %.
    clay : (...) array
        Share below 0.002 mm, %.
    organic_matter : (...) array
        Organic matter (not carbon), %.
    structure : (...) array
        Structure class 1 (very fine granular) to 4 (blocky, platy, massive).
    permeability : (...) array
        Permeability class 1 (rapid) to 6 (very slow).
    coefficients : NomographCoefficients
        Numbers of the equation, its limit and the unit factor.

    Returns
    -------
    (...) array
        K, t·hm²·h/(hm²·MJ·mm). NaN where any input is NaN or the first share is above the limit; never below 0.

    Notes
    -----
    .. math::
       K_{US} = [2.1 \cdot 10^{-4} M^{1.14} (12 - OM) + 3.25 (s - 2) + 2.5 (p - 3)] / 100, \quad M = f (100 - CLA)

    References
    ----------
    Wischmeier & Smith (1978) USDA Agriculture Handbook 537.

    Examples
    --------
    The worked example of Handbook 537: 65 % silt and very fine sand, 5 % other sand (so 30 % clay), 2.8 % organic
    matter, fine granular structure (2), slow to moderate permeability (4), in US units:

    >>> us = NomographCoefficients(2.1e-4, 1.14, 12, 3.25, 2, 2.5, 3, 100, silt_limit=70, us_to_si=1)
    >>> k = erodibility_nomograph(65, 30, 2.8, 2, 4, us)
    >>> float(k.round(2))
    0.31
    """
    f, cla = np.asarray(silt_and_very_fine_sand, dtype=np.float64), np.asarray(clay, dtype=np.float64)
    om = np.asarray(organic_matter, dtype=np.float64)
    s, p = np.asarray(structure, dtype=np.float64), np.asarray(permeability, dtype=np.float64)
    n = coefficients
    texture = n.gain * (f * (100 - cla)) ** n.exponent * (n.matter_limit - om)
    structured = n.structure_gain * (s - n.structure_base) + n.permeability_gain * (p - n.permeability_base)
    us = np.maximum((texture + structured) / n.divisor, 0.0)
    return np.asarray(np.where(f > n.silt_limit, np.nan, us) * n.us_to_si)


def erodibility_zhang2008(erodibility: ArrayLike, *, slope: float, intercept: float) -> NDArray[np.float64]:
    """
    Correct a computed K to what Chinese plots measured (张科利等 2008 修正).

    Parameters
    ----------
    erodibility : (...) array
        K by EPIC or by the nomograph, t·hm²·h/(hm²·MJ·mm). Never K from the national atlas, which is corrected already.
    slope, intercept : float
        Numbers for the formula that K came from: ``erodibility.zhang_epic_*`` or ``erodibility.zhang_nomograph_*``.

    Returns
    -------
    (...) array
        K, t·hm²·h/(hm²·MJ·mm). NaN stays NaN.

    Raises
    ------
    ShuibaoError
        If any K falls so low that the straight line gives 0 or less: it was not fitted there.

    References
    ----------
    Zhang, Shu, Xu, Yang & Yu (2008) Soil erodibility and its estimation for agricultural soils in China.

    Examples
    --------
    >>> float(erodibility_zhang2008(0.054686, slope=0.51575, intercept=-0.01383).round(6))
    0.014374
    """
    k = np.asarray(erodibility, dtype=np.float64)
    corrected = slope * k + intercept
    if (corrected <= 0).any():
        count, least, limit = int((corrected <= 0).sum()), float(np.nanmin(k)), -intercept / slope
        zh = (
            f"{count} 个 K 值低于 {limit:.4f}（最小 {least:.4f}），张科利修正后不大于 0，超出该公式适用范围；"
            "请直接采用未修正的 K，或采用全国土壤可蚀性图"
        )
        en = (
            f"{count} values of K are below {limit:.4f} (least {least:.4f}) and would be corrected to 0 or less, "
            "outside the range of the correction; use K uncorrected, or the national map of K"
        )
        raise ShuibaoError(zh, en)
    return np.asarray(corrected)


def _check_texture(sand: NDArray[np.float64], silt: NDArray[np.float64], clay: NDArray[np.float64]) -> None:
    """Refuse shares outside 0-100 % and shares that do not add up to 100 % within 1."""
    for zh_name, en_name, part in (("砂粒", "sand", sand), ("粉粒", "silt", silt), ("黏粒", "clay", clay)):
        if ((part < 0) | (part > 100)).any():
            low, high = float(np.nanmin(part)), float(np.nanmax(part))
            zh = f"{zh_name}含量在 {low:g}～{high:g} 之间，应为 0～100（%）"
            en = f"{en_name} is between {low:g} and {high:g}; it must be 0 to 100 (%)"
            raise ShuibaoError(zh, en)
    total = sand + silt + clay
    wrong = np.abs(total - 100) > 1
    if wrong.any():
        count, example = int(wrong.sum()), float(total[wrong].flat[0]) if total.ndim else float(total)
        hint_zh = "像是小数而非百分数，请乘以 100" if abs(example - 1) < 0.05 else "请先用 fine_earth 换算为细土组成"
        hint_en = "these look like fractions, multiply by 100" if abs(example - 1) < 0.05 else "use fine_earth first"
        zh = f"砂、粉、黏粒含量之和有 {count} 处不是 100 %（例如 {example:g}）；{hint_zh}"
        en = f"sand, silt and clay do not add up to 100 % in {count} places (for instance {example:g}); {hint_en}"
        raise ShuibaoError(zh, en)

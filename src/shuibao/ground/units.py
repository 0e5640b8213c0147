"""Units that inputs may be given in, and what brings them to ours (单位)."""

from __future__ import annotations

import difflib

from shuibao.messages import ShuibaoError

UNITS: dict[str, dict[str, float]] = {
    "elevation": {"m": 1.0, "dm": 0.1, "cm": 0.01, "ft": 0.3048},
    "rain": {"mm": 1.0, "0.1 mm": 0.1, "cm": 10.0, "m": 1000.0},
    "erosivity": {"MJ mm / (hm2 h a)": 1.0, "MJ mm / (ha h a)": 1.0, "MJ mm / (km2 h a)": 0.01},
    "erodibility": {"t hm2 h / (hm2 MJ mm)": 1.0, "t ha h / (ha MJ mm)": 1.0, "US": 0.1317},
    "cover": {"1": 1.0, "%": 0.01},
    "share": {"%": 1.0, "1": 100.0},
    "factor": {"1": 1.0},
}
"""For each quantity (elevation 高程, rain 雨量, erosivity 降雨侵蚀力, erodibility 可蚀性, cover 盖度, ...) its units and factors."""


def factor_of(quantity: str, unit: str, where: str) -> float:
    """
    Return what a value in ``unit`` is multiplied by to be in our unit of a quantity (单位换算系数).

    Parameters
    ----------
    quantity : str
        A key of :data:`UNITS`.
    unit : str
        The unit as the user wrote it.
    where : str
        The field it stands in, for the message.

    Raises
    ------
    ShuibaoError
        If the unit is not known for the quantity.

    Examples
    --------
    >>> factor_of("elevation", "dm", "inputs.dem.unit")
    0.1
    """
    known = UNITS[quantity]
    folded = {_folded(name): value for name, value in known.items()}
    if _folded(unit) in folded:
        return folded[_folded(unit)]
    close = difflib.get_close_matches(unit, known, n=1, cutoff=0.3)
    hint = (f"，是否应为 {close[0]}？", f"; did you mean {close[0]}?") if close else ("。", ".")
    raise ShuibaoError(
        f"{where}：不认识的单位「{unit}」，可用：{'、'.join(known)}{hint[0]}",
        f"{where}: unknown unit '{unit}'; allowed: {', '.join(known)}{hint[1]}",
    )


def _folded(unit: str) -> str:
    text = unit.lower().replace("²", "2").replace("·", " ").replace("*", " ").replace("ha", "hm2")
    return "".join(text.split())

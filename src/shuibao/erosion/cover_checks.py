"""What vegetation cover must be before B is computed from it: a fraction, 24 half-months long (盖度检查)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuibao.messages import ShuibaoError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

ROUNDING = 1e-4
"""How far beyond 0-1 cover may lie by the rounding of a warp or of a stored scale. Chosen."""


def check_cover(cover: ArrayLike, *, where: str = "cover") -> NDArray[np.float64]:
    """
    Cover as float64, refused unless every value is 0-1 (盖度取值检查).

    Parameters
    ----------
    cover : (...) array
        Cover; NaN is missing and passes.
    where : str
        Name of the input, for the message.

    Returns
    -------
    (...) array of float64
        The same values, 0-1 or NaN; what rounding put beyond (by 0.0001 at most) is brought back.

    Raises
    ------
    ShuibaoError
        If any value is outside 0-1; where it looks like percent the message says so.

    Examples
    --------
    >>> check_cover([0.2, float("nan")]).tolist()
    [0.2, nan]
    """
    values = np.asarray(cover, dtype=np.float64)
    refuse_cover(values, where)
    return np.clip(values, 0.0, 1.0)


def refuse_cover(values: NDArray[np.floating], where: str) -> None:
    """
    Refuse cover outside 0-1 by more than rounding; NaN passes (拒绝越界盖度).

    Raises
    ------
    ShuibaoError
        If any value is outside; where it looks like percent the message says so.
    """
    wrong = (values < -ROUNDING) | (values > 1 + ROUNDING)
    if not wrong.any():
        return
    count, low, high = int(wrong.sum()), float(np.nanmin(values)), float(np.nanmax(values))
    percent = low >= 0 and 1.5 < high <= 100
    zh = f"{where}：盖度有 {count} 个值不在 0～1 之间（{low:g}～{high:g}）；"
    en = f"{where}: {count} values of cover are outside 0 to 1 (from {low:g} to {high:g}); "
    zh += "像是百分数，请除以 100" if percent else "请检查数据、比例系数和无效值"
    en += "this looks like percent, divide by 100" if percent else "check the data, its scale and its missing value"
    raise ShuibaoError(zh, en)


def check_half_months(cover: NDArray[np.floating], weights: NDArray[np.floating]) -> None:
    """
    Refuse cover or weights without 24 half-months, and weights on another grid (检查半月数).

    Raises
    ------
    ShuibaoError
        If the shapes do not fit.
    """
    fits = cover.shape[:1] == (24,) and weights.shape in ((24,), cover.shape)
    if not fits:
        zh = f"盖度形状为 {cover.shape}，权重形状为 {weights.shape}；应有 24 个半月，且权重为 (24,) 或与盖度同形"
        en = (
            f"cover has shape {cover.shape} and weights {weights.shape}; both need 24 half-months first, "
            "and weights are (24,) or shaped like cover"
        )
        raise ShuibaoError(zh, en)

"""Pictures of classes (分级图像)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shuibao.report.png import paletted_png


def picture(grade: NDArray[np.uint8], colors: Sequence[str]) -> bytes:
    """
    Return classes as a small PNG with a palette, class 0 transparent (分级 PNG).

    Parameters
    ----------
    grade : (rows, cols) array
        Class of each pixel, 0 for none.
    colors : sequence of str
        Colour of each class from 1, such as ``#c7e0b4``.
    """
    palette = [(0, 0, 0, 0)]
    for color in colors:
        red, green, blue = (int(color[k : k + 2], 16) for k in (1, 3, 5))
        palette.append((red, green, blue, 255))
    return paletted_png(np.minimum(grade, len(colors)).astype(np.uint8), palette)

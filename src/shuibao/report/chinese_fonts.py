"""A font with Chinese letters for what is drawn into a PDF, wherever the machine keeps one (中文字体)."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from matplotlib import font_manager

from shuibao.messages import ShuibaoError

VARIABLE = "SHUIBAO_FONT"
"""Environment variable that names a font file, before all others."""

FILES = (
    "wqy-microhei", "wqy-zenhei", "droidsansfallback", "simhei", "msyh", "deng", "simsun", "simfang",
    "notosanssc", "sourcehansanssc", "notosanscjk", "sourcehansans", "notoserifcjk", "pingfang", "stheiti", "uming", "ukai",
)  # fmt: skip
"""How the files of fonts with Chinese letters begin, the best first: those whose outlines a PDF can hold as they are."""


@lru_cache(maxsize=1)
def chinese_font() -> Path:
    """
    Return the file of a font that has Chinese letters (查找中文字体).

    Returns
    -------
    Path
        The one that ``SHUIBAO_FONT`` names, else the first of :data:`FILES` that is installed.

    Raises
    ------
    ShuibaoError
        If there is none, or ``SHUIBAO_FONT`` names no file.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise ShuibaoError(
                f"环境变量 {VARIABLE} 所指的字体文件不存在：{named}；请改正或取消它。",
                f"{VARIABLE} names no file: {named}; correct it or unset it.",
            )
        return Path(named)
    found = {Path(path) for path in font_manager.findSystemFonts()}
    by_name = sorted(found, key=lambda path: (_rank(path), path.name, str(path)))
    if not by_name or _rank(by_name[0]) == len(FILES):
        raise ShuibaoError(
            "没有找到中文字体，图册无法绘制；请安装，如 apt-get install fonts-wqy-microhei（或 fonts-noto-cjk），"
            f"或用环境变量 {VARIABLE} 指定字体文件。",
            "no font with Chinese letters was found, and the map sheets need one; install it, as apt-get install"
            f" fonts-wqy-microhei (or fonts-noto-cjk), or name a file in {VARIABLE}.",
        )
    return by_name[0]


def _rank(path: Path) -> int:
    """Return where a file stands in the list; its length for one that is not in it, or is bold."""
    name = path.name.lower()
    places = [k for k, begin in enumerate(FILES) if name.startswith(begin)]
    heavy = any(word in name for word in ("bold", "light", "mono", "thin", "black"))
    return len(FILES) if not places or heavy else places[0]

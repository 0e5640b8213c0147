"""
What ``shuibao check`` finds, as people of the platform are told it (检查结果的说法): their own file names, and no settings of
``region.toml``, which they cannot make here. No database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bureau.commissions.kinds import KINDS

SETTING = re.compile(
    r"region\.toml|\binputs\.|\[inputs\]|\b[a-z][a-z_0-9]{2,} = |\b(unit|scheme|nodata|note|crs|path|burn_depth)\b|规则包|该项"
)
"""What shows that a clause is about a setting."""
REMEDY = {
    "raster": "请在 GIS 软件中改正后重新上传，并在“种类与单位”里选对单位或分类。",
    "table": "请在电子表格中改正、另存为 CSV 后重新上传，并在“种类与单位”里选对单位。",
    "vector": "请在 GIS 软件中改正后重新上传。",
    "series": "请改正其中的栅格，重新打成 ZIP 上传，并在“种类与单位”里选对单位。",
}
"""What can be done about an upload here, by its form."""


def said(where: str, text: str, names: Mapping[str, str], form: str = "") -> tuple[str, str]:
    """
    Return what was found as people are told it: of what, and what (检查结果的说法).

    Parameters
    ----------
    where : str
        Field of ``region.toml``, such as ``inputs.dem``.
    text : str
        What was found.
    names : mapping of str to str
        Names that people know, by the paths and names that we keep files under.
    form : str
        Form of the upload, where there is one; what can be done about it is added where a setting was named.

    Examples
    --------
    >>> said("inputs.cover", 'ab12.tif 的盖度为 40～43；像是百分数，请在该项写 unit = "%"。', {"ab12.tif": "盖度.tif"})
    ('植被覆盖度', '“盖度.tif”的盖度为 40～43；像是百分数。')
    """
    told, lost = _without_settings(named(text, names))
    if lost and form in REMEDY:
        told += REMEDY[form]
    return _label(where), told


def named(text: str, names: Mapping[str, str]) -> str:
    """
    Return a text with the names that people know in place of those that we keep files under (换回原文件名).

    Parameters
    ----------
    text : str
    names : mapping of str to str
    """
    if not names:
        return text
    ours = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(f" ?({ours}) ?", lambda match: f"“{names[match[1]]}”", text)


def _without_settings(text: str) -> tuple[str, bool]:
    """Return a text without the clauses that name a setting, and whether there were any."""
    kept, lost = [], False
    for sentence in re.findall(r"[^；。]+[；。]?", text):
        if not SETTING.search(sentence):
            kept.append(sentence)
            continue
        lost = True
        words = [word for word in re.split("[，,]", sentence.rstrip("；。")) if not SETTING.search(word)]
        if words:
            kept.append(re.sub("^(并|或)", "", "，".join(words)) + "；")
    return re.sub("[；。]?$", "。", "".join(kept), count=1) if kept else "", lost


def _label(where: str) -> str:
    """Return what people call a field."""
    parts = where.split(".")
    if parts[0] != "inputs" or len(parts) < 2:
        return where
    labels = [kind.label for kind in KINDS.values() if kind.serves == parts[1]]
    return re.sub("（[^）]*）$", "", labels[0]) if labels else parts[1]

"""Text in both languages, and numbers as people write them (双语文字与数字)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Text:
    """
    One wording in Chinese and one in English (双语文字).

    Parameters
    ----------
    zh, en : str
        The wordings, as plain text.
    """

    zh: str
    en: str


Wording = Text | str
"""Text in both languages, or one that is the same in both."""


def html(text: Wording) -> str:
    """
    Return text as HTML of which the page shows one language (双语 HTML).

    Parameters
    ----------
    text : Text or str
        Plain text.

    Examples
    --------
    >>> html(Text("坡度", "Slope"))
    '<span class="zh" lang="zh">坡度</span><span class="en" lang="en">Slope</span>'
    >>> html("a < b")
    'a &lt; b'
    """
    if isinstance(text, str):
        return escape(text)
    if text.zh == text.en:
        return escape(text.zh)
    return f'<span class="zh" lang="zh">{escape(text.zh)}</span><span class="en" lang="en">{escape(text.en)}</span>'


def svg_text(x: float, y: float, text: Wording, attributes: str = "", style: str = "") -> str:
    """
    Return text for a drawing, of which the page shows one language (双语图注).

    Parameters
    ----------
    x, y : float
        Place in the drawing.
    text : Text or str
        Plain text.
    attributes : str
        Further attributes, as SVG.
    style : str
        Classes.
    """
    wordings = [("", text)] if isinstance(text, str) else [("zh", text.zh), ("en", text.en)]
    if isinstance(text, Text) and text.zh == text.en:
        wordings = [("", text.zh)]
    out = []
    for language, words in wordings:
        names = f"{language} {style}".strip()
        kind = f' class="{names}"' if names else ""
        spaced = f" {attributes}" if attributes else ""
        out.append(f'<text x="{place(x)}" y="{place(y)}"{kind}{spaced}>{escape(words)}</text>')
    return "".join(out)


def place(value: float) -> str:
    """
    Return a coordinate of a drawing, to a tenth (坐标文本).

    Examples
    --------
    >>> place(3.04), place(-0.01), place(12.36)
    ('3', '0', '12.4')
    """
    rounded = round(float(value), 1) + 0.0
    return f"{rounded:g}" if abs(rounded) < 1e5 else f"{rounded:.1f}"


def number(value: float | None, digits: int = 2, *, sign: bool = False) -> str:
    """
    Return a number with thousands set apart; a dash where there is none (数字).

    Parameters
    ----------
    value : float or None
        The number.
    digits : int
        Decimals.
    sign : bool
        Whether a plus is written.

    Examples
    --------
    >>> number(1670.438), number(None), number(-0.5, 1), number(12.0, 1, sign=True), number(-0.001)
    ('1,670.44', '—', '−0.5', '+12.0', '0.00')
    """
    if value is None or math.isnan(value):
        return "—"
    rounded = round(float(value), digits) + 0.0
    text = f"{abs(rounded):,.{digits}f}"
    if rounded < 0:
        return f"−{text}"
    return f"+{text}" if sign and rounded > 0 else text

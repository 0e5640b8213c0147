"""Set the pages: formulas as MathML, read without scripts and without a network; Chinese lines joined (公式与断行)."""

from __future__ import annotations

import html
import re

from latex2mathml.converter import convert
from mkdocs.exceptions import PluginError

FORMULA = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\s*(?:\\\((?P<inline>.*?)\\\)|\\\[(?P<block>.*?)\\\])\s*</(?P=tag)>',
    re.DOTALL,
)
"""What pymdownx.arithmatex leaves in a page: ``\\(…\\)`` within a line, ``\\[…\\]`` on lines of its own."""


CHINESE = "\u3001-\u3011\u4e00-\u9fff\uff01-\uff5e\u2018-\u201d"
BREAK = re.compile(rf"(?<=[{CHINESE}])\n[ ]*(?=[{CHINESE}])|(?<=[，。；：、）])\n[ ]*(?=\S)")
"""A line end within Chinese text, which a browser would show as a space."""


def joined(content: str) -> str:
    r"""
    Return the page without the spaces that browsers put where a Chinese line ends; code is left alone (断行).

    Examples
    --------
    >>> joined("<p>坡地，\n并让</p><pre>坡，\n地</pre>")
    '<p>坡地，并让</p><pre>坡，\n地</pre>'
    """
    parts = re.split(r"(<pre.*?</pre>)", content, flags=re.DOTALL)
    return "".join(part if part.startswith("<pre") else BREAK.sub("", part) for part in parts)


def on_page_content(content: str, page: object, **_: object) -> str:
    r"""
    Return the page as it is shown; a formula that cannot be read stops the build.

    Examples
    --------
    >>> "<msup>" in on_page_content('<span class="arithmatex">\\(x^2\\)</span>', page=None)
    True
    """

    def mathml(found: re.Match[str]) -> str:
        block = found["block"] is not None
        tex = html.unescape(found["block"] if block else found["inline"]).strip()
        try:
            formula: str = convert(tex, display="block" if block else "inline")
        except Exception as problem:
            file = getattr(getattr(page, "file", None), "src_path", "")
            message = f"{file}: the formula {tex!r} cannot be turned into MathML: {problem!r}"
            raise PluginError(message) from problem
        return f'<div class="formula">{formula}</div>' if block else formula

    return joined(FORMULA.sub(mathml, content))

"""Turn the formulas of the pages into MathML, so that they are read without scripts and without a network (公式)."""

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


def on_page_content(content: str, page: object, **_: object) -> str:
    r"""
    Return the page with every formula as MathML; a formula that cannot be read stops the build.

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

    return FORMULA.sub(mathml, content)

"""The frame that web pages share: head, language button, cards, notices, footer (网页框架)."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template

from shuibao.report.bilingual import Text, html
from shuibao.survey.region import SIMULATED

BADGE = Text(SIMULATED, "Simulated data")
"""What marks made-up land."""

_SIMULATED_PAGE = (
    f'@page {{ @bottom-left {{ content: "{BADGE.zh} {BADGE.en}"; font: 8pt sans-serif; color: #a3172a; }} }}\n'
)
"""What every printed page of made-up land says at its foot."""


def framed(
    title: str, mark: Text, heading: str, cards: str, body: str, footer: str, *, simulated: bool, style: str = ""
) -> str:
    """
    Return a page that needs nothing beside it (套网页框架).

    Parameters
    ----------
    title : str
        Title of the window, plain text.
    mark : Text
        What stands in the bar at the top.
    heading, cards, body, footer : str
        HTML of each part.
    simulated : bool
        Whether the land is made up: then the title and each printed page say so.
    style : str
        File of styles of its own, beside those that all pages share.
    """
    return Template(_file("page.html")).substitute(
        title=escape(title + (f"（{SIMULATED}）" if simulated else "")),
        style=_file("page.css") + (_file(style) if style else "") + (_SIMULATED_PAGE if simulated else ""),
        script=_file("page.js"),
        mark=html(mark),
        heading=heading,
        cards=cards,
        body=body,
        footer=footer,
    )


def _file(name: str) -> str:
    return files("shuibao.report").joinpath(name).read_text(encoding="utf-8")

"""Secrets that are shown once (只显示一次): links and keys of which only a hash is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True)
class Secret:
    """
    A secret, and whose it is (密文).

    Attributes
    ----------
    of : str
        Whom or what it is for.
    value : str
        A link or a key.
    facts : tuple of str
        What else is said of it, in the order of the heads.
    """

    of: str
    value: str
    facts: tuple[str, ...] = ()


def show_once(
    request: HttpRequest, *, title: str, lead: str, word: str, secrets: Sequence[Secret], back: str,
    heads: Sequence[str] = (), warning: str = "", kept: str = "",
) -> HttpResponse:  # fmt: skip
    """
    Show secrets once; the page is kept by no browser and no proxy (只显示一次).

    Parameters
    ----------
    request : HttpRequest
    title, lead : str
        What was made, and what to do with it.
    word : str
        What a secret is called: 链接, 密文.
    secrets : sequence of Secret
        Several are shown as a table.
    back : str
        Address that one goes on to.
    heads : sequence of str
        What the facts are called, the first for whom or what it is for.
    warning : str
        How it is to be handed on.
    kept : str
        What is kept of it; if nothing is given, only its hash is, and the page says so.
    """
    context = {
        "title": title, "lead": lead, "word": word, "secrets": secrets, "back": back, "heads": heads, "warning": warning,
        "kept": kept,
    }  # fmt: skip
    answer = render(request, "pages/once.html", context)
    answer["Cache-Control"] = "no-store, private"
    return answer

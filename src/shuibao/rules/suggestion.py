"""The nearest name to a misspelt one (拼写建议)."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """
    Return the known name nearest to ``word``, or None if none is near (最接近的名称).

    Examples
    --------
    >>> nearest("shanix", ["hebei", "shanxi"])
    'shanxi'
    """
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return close[0] if close else None


def suggestion(word: str, known: Iterable[str]) -> tuple[str, str]:
    """
    Return "did you mean …?" in Chinese and English, or two empty texts (建议).

    Examples
    --------
    >>> suggestion("jilni", ["jilin"])[1]
    "Did you mean 'jilin'? "
    """
    close = nearest(word, known)
    return (f"是否指“{close}”？", f"Did you mean '{close}'? ") if close else ("", "")

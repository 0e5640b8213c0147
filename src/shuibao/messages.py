"""
What the program says to people, in Chinese or English (消息).

Every message exists in both languages; ``SHUIBAO_LANG=en`` chooses English, anything else Chinese.
A refusal says which file or field, what was found, what is allowed, and what to do next.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal


def language() -> Literal["zh", "en"]:
    """Return the language in force: ``"en"`` if ``SHUIBAO_LANG`` begins with ``en``, else ``"zh"``."""
    return "en" if os.environ.get("SHUIBAO_LANG", "zh").lower().startswith("en") else "zh"


def say(zh: str, en: str) -> str:
    """Return the one of two wordings that the reader asked for (按语言取词)."""
    return en if language() == "en" else zh


def counted(number: int, word: str) -> str:
    """
    Return a number with an English noun in the singular or plural (英文单复数).

    Parameters
    ----------
    number : int
        How many.
    word : str
        The noun, in the singular; the plural ends in -s.

    Examples
    --------
    >>> counted(1, "error"), counted(2, "error"), counted(0, "warning")
    ('1 error', '2 errors', '0 warnings')
    """
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


class ShuibaoError(Exception):
    """
    The data are wrong, and the message says where and what to do (数据有误).

    Parameters
    ----------
    zh, en : str
        The message in Chinese and in English.

    Examples
    --------
    >>> import os
    >>> os.environ["SHUIBAO_LANG"] = "en"
    >>> str(ShuibaoError("坡度为负", "slope is negative"))
    'slope is negative'
    >>> del os.environ["SHUIBAO_LANG"]
    """

    exit_status = 1

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return say(self.zh, self.en)


class CallError(ShuibaoError):
    """The call is wrong: an option, an argument or a name (调用有误)."""

    exit_status = 2


@dataclass(frozen=True)
class Finding:
    """
    One thing that ``shuibao check`` found (检查发现).

    Parameters
    ----------
    severity : {"error", "warning"}
        An error stops a run; a warning reaches the report.
    where : str
        File or field, for instance ``inputs.dem``.
    zh, en : str
        What was found, what is allowed and what to do, in both languages.
    """

    severity: Literal["error", "warning"]
    where: str
    zh: str
    en: str

    def __str__(self) -> str:
        return say(self.zh, self.en)

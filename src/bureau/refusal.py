"""A refusal of the office (拒绝): a code for programs, and a sentence for people that says what to do."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - a refusal is no error of the program
    """
    Something may not be done, and why (拒绝).

    Parameters
    ----------
    code : str
        A word for programs and tests, such as ``deadline-passed``.
    message : str
        A Chinese sentence: what was found, what is allowed, what to do.

    Examples
    --------
    >>> str(Refusal("deadline-passed", "整改期限已过（2026-05-01），不能再延期。"))
    '整改期限已过（2026-05-01），不能再延期。'
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

"""What people may do (岗位职责), and the door that each page keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]


class Duty(models.TextChoices):
    """A duty that a person is appointed to (岗位职责)."""

    VIEW = "view", "查阅"
    CLERK = "clerk", "经办"
    REVIEW = "review", "审核"
    APPROVE = "approve", "批准"
    ADMINISTER = "administer", "机构管理"


@dataclass(frozen=True)
class Access:
    """
    Who may open a page (页面权限); tests read it from every view, and a view without it fails them.

    Attributes
    ----------
    duties : tuple of Duty
        Any one of them suffices; none asked means that everybody who is signed in may.
    public : bool
        Whether one need not be signed in.
    """

    duties: tuple[Duty, ...] = ()
    public: bool = False


def open_to(*duties: Duty, public: bool = False) -> Callable[[View], View]:
    """
    Mark a view with who may open it, and refuse everybody else (页面权限).

    Parameters
    ----------
    *duties : Duty
        Any one of them suffices; none given means everybody who is signed in.
    public : bool
        Open to people who are not signed in.

    Raises
    ------
    PermissionDenied
        If the person has none of the duties; the page says which are needed.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if duties and not request.user.has_any_duty(duties):  # type: ignore[union-attr]
                raise PermissionDenied(f"此页需要“{'”或“'.join(duty.label for duty in duties)}”岗位。")
            return view(request, *args, **kwargs)

        guarded.access = Access(tuple(duties), public)  # type: ignore[attr-defined]
        return login_not_required(guarded) if public else guarded

    return mark

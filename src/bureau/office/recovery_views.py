"""Pages of ways back in (恢复登录页)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.office import recovery
from bureau.office.forms import PasswordForm
from bureau.office.models import Person
from bureau.office.views import show_links
from bureau.refusal import Refusal


@require_POST
@open_to(Duty.ADMINISTER)
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take off a second factor that was lost (重置第二因子)."""
    by: Person = request.user  # type: ignore[assignment]
    person = get_object_or_404(Person.objects.for_person(by), pk=pk)
    try:
        recovery.reset_second_factor(by=by, person=person, reason=request.POST.get("reason", ""), now=timezone.now())
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"{person.name} 的第二因子已重置；其下次登录时须重新设置。")
    return redirect("office:person", pk=pk)


@require_POST
@open_to(Duty.ADMINISTER)
def offer_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a link to a new password, and show it once (重置口令)."""
    by: Person = request.user  # type: ignore[assignment]
    person = get_object_or_404(Person.objects.for_person(by), pk=pk)
    reason = request.POST.get("reason", "")
    try:
        made, token = recovery.offer_new_password(by=by, person=person, reason=reason, now=timezone.now())
    except Refusal as refused:
        messages.error(request, refused.message)
        return redirect("office:person", pk=pk)
    assert made.expires is not None  # noqa: S101 - links to a new password expire
    return show_links(
        request, title="重置口令链接", links=[(person.name, token)], page="office:renew", expires=made.expires,
        back=reverse("office:person", args=[person.pk]),
    )  # fmt: skip


@open_to(public=True)
def renew(request: HttpRequest, token: str) -> HttpResponse:
    """Let somebody who lost their password choose a new one (设置新口令)."""
    now = timezone.now()
    try:
        found = recovery.open_recovery(token=token, now=now)
        form = PasswordForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                recovery.renew_password(token=token, password=form.cleaned_data["password"], now=now)
            except ValidationError as weak:
                form.add_error("password", weak)
            else:
                messages.success(request, "新口令已设置，请登录。")
                return redirect("account_login")
    except Refusal as refused:
        shown = {"title": "链接无效", "message": refused.message, "status": 410}
        return render(request, "pages/error.html", shown, status=410)
    return render(request, "office/renew.html", {"form": form, "person": found.person})

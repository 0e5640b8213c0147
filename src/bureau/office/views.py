"""Pages of organisations and people (机构人员页)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.office import services
from bureau.office.forms import AcceptForm, DutiesForm, InvitationForm, OrganisationForm
from bureau.office.models import Invitation, Organisation, Person
from bureau.refusal import Refusal


@open_to(Duty.ADMINISTER)
def people(request: HttpRequest) -> HttpResponse:
    """Show the organisations and people of one's region (机构人员)."""
    by: Person = request.user  # type: ignore[assignment]
    found = Organisation.objects.for_person(by).select_related("region").prefetch_related("people__appointments")
    open_ones = Invitation.objects.for_person(by).filter(accepted=None, withdrawn=None, expires__gt=timezone.now())
    return render(request, "office/people.html", {"organisations": found, "invitations": open_ones})


@open_to(Duty.ADMINISTER)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody, and show the link once (邀请)."""
    by: Person = request.user  # type: ignore[assignment]
    form = InvitationForm(request.POST or None, by=by)
    if request.method == "POST" and form.is_valid():
        try:
            invitation, token = services.invite(by=by, now=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            link = request.build_absolute_uri(reverse("office:accept", args=[token]))
            return render(request, "office/invited.html", {"invitation": invitation, "link": link})
    return render(
        request,
        "pages/form.html",
        {"form": form, "title": "邀请人员", "action": "生成邀请链接", "back": "office:people"},
    )


@open_to(public=True)
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Let somebody who was invited choose a password (接受邀请)."""
    now = timezone.now()
    try:
        invitation = services.open_invitation(token=token, now=now)
        form = AcceptForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                person = services.accept(
                    token=token, password=form.cleaned_data["password"], now=now, today=timezone.localdate()
                )
            except ValidationError as weak:
                form.add_error("password", weak)
            else:
                login(request, person, backend="django.contrib.auth.backends.ModelBackend")
                messages.success(request, f"{person.name}，您好。账号已建立。")
                return redirect("home")
    except Refusal as refused:
        return render(
            request, "pages/error.html", {"title": "邀请无效", "message": refused.message, "status": 410}, status=410
        )
    return render(request, "office/accept.html", {"form": form, "invitation": invitation})


@open_to(Duty.ADMINISTER)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a person and change their duties (人员)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = get_object_or_404(Person.objects.for_person(by).select_related("organisation__region"), pk=pk)
    form = DutiesForm(request.POST or None, initial={"duties": sorted(shown.duties)})
    if request.method == "POST" and form.is_valid():
        try:
            services.appoint(by=by, person=shown, duties=form.cleaned_data["duties"], today=timezone.localdate())
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"{shown.name} 的岗位已更新。")
            return redirect("office:person", pk=pk)
    return render(request, "office/person.html", {"person": shown, "form": form})


@require_POST
@open_to(Duty.ADMINISTER)
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Deactivate a person, or let them in again (停用与启用)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = get_object_or_404(Person.objects.for_person(by), pk=pk)
    act = services.deactivate if shown.is_active else services.reactivate
    try:
        act(by=by, person=shown)
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"{shown.name} 已{'停用' if shown.is_active else '启用'}。")
    return redirect("office:person", pk=pk)


@require_POST
@open_to(Duty.ADMINISTER)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw an invitation (撤回邀请)."""
    by: Person = request.user  # type: ignore[assignment]
    invitation = get_object_or_404(Invitation.objects.for_person(by), pk=pk)
    try:
        services.withdraw(by=by, invitation=invitation, now=timezone.now())
    except Refusal as refused:
        messages.error(request, refused.message)
    return redirect("office:people")


@open_to(Duty.ADMINISTER)
def organisation(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make an organisation, or change one (机构)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = None if pk is None else get_object_or_404(Organisation.objects.for_person(by), pk=pk)
    form = OrganisationForm(request.POST or None, instance=shown, by=by)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        messages.success(request, f"{saved.name} 已保存。")
        return redirect("office:people")
    title = "新建机构" if shown is None else f"修改 {shown.name}"
    return render(request, "pages/form.html", {"form": form, "title": title, "action": "保存", "back": "office:people"})

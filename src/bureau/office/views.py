"""Pages of organisations and people (机构人员页)."""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.office import bringing, services
from bureau.office.forms import DutiesForm, InvitationForm, OrganisationForm, PasswordForm, PeopleForm
from bureau.office.models import Invitation, Organisation, Person
from bureau.office.selectors import organisations_with_people
from bureau.pages.once import Secret, show_once
from bureau.refusal import Refusal
from bureau.workbooks import Fault, WrongRows, answer_with

PER_PAGE = 20
"""Organisations on a page."""
HAND_ON = "请用本单位内部渠道当面或密封传递，不要发到公共群组。"


@open_to(Duty.ADMINISTER)
def people(request: HttpRequest) -> HttpResponse:
    """Show the organisations and people of one's region (机构人员)."""
    by: Person = request.user  # type: ignore[assignment]
    words = request.GET.get("q", "").strip()[:40]
    found = organisations_with_people(person=by, words=words, today=timezone.localdate())
    waiting = Invitation.objects.for_person(by).filter(accepted=None, withdrawn=None, expires__gt=timezone.now())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "invitations": waiting.select_related("organisation"), "words": words}
    return render(request, "office/people.html", shown)


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
            return show_links(
                request, title="邀请已生成", links=[(invitation.name, token)], page="office:accept",
                expires=invitation.expires, back=reverse("office:people"),
            )  # fmt: skip
    return render(
        request,
        "pages/form.html",
        {"form": form, "title": "邀请人员", "action": "生成邀请链接", "back": "office:people"},
    )


@open_to(Duty.ADMINISTER)
def template(request: HttpRequest) -> HttpResponse:
    """Give the workbook in which people are filled in (下载人员模板)."""
    by: Person = request.user  # type: ignore[assignment]
    return answer_with(bringing.template(by=by), f"{by.organisation.region.name}人员导入模板")


@open_to(Duty.ADMINISTER)
def bring_in(request: HttpRequest) -> HttpResponse:
    """Invite the people of a workbook, and show their links once (批量邀请)."""
    by: Person = request.user  # type: ignore[assignment]
    form = PeopleForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    faults: list[Fault] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = bringing.bring_in(
                by=by, name=file.name, contents=file.read(bringing.LARGEST + 1), now=timezone.now()
            )
        except Refusal as refused:
            faults = refused.rows if isinstance(refused, WrongRows) else []
            form.add_error(None, refused.message)
        else:
            return _show_invited(request, made)
    return render(request, "office/bring_in.html", {"form": form, "faults": faults, "most": bringing.MOST})


def _show_invited(request: HttpRequest, made: list[bringing.Invited]) -> HttpResponse:
    """Show the links of many who were invited, once."""
    secrets = [
        Secret(
            each.invitation.name, request.build_absolute_uri(reverse("office:accept", args=[each.token])),
            (each.invitation.organisation.name, each.invitation.username),
        )
        for each in made
    ]  # fmt: skip
    until = timezone.localtime(made[0].invitation.expires)
    lead = f"已邀请 {len(made)} 人，请把各自的链接交给本人，{until:%Y-%m-%d %H:%M} 前有效，用一次即失效。"
    return show_once(
        request, title="邀请已生成", lead=lead, word="链接", secrets=secrets, back=reverse("office:people"),
        heads=("姓名", "机构", "登录名"), warning=HAND_ON,
    )  # fmt: skip


def show_links(
    request: HttpRequest, *, title: str, links: list[tuple[str, str]], page: str, expires: datetime, back: str
) -> HttpResponse:
    """
    Show links with tokens that were made for people, once (出示链接).

    Parameters
    ----------
    request : HttpRequest
    title : str
    links : list of (str, str)
        Whom it is for, and the token.
    page : str
        Name of the page that takes the token.
    expires : datetime
    back : str
        Address that one goes on to.
    """
    secrets = [Secret(of, request.build_absolute_uri(reverse(page, args=[token]))) for of, token in links]
    names, until = "、".join(secret.of for secret in secrets), timezone.localtime(expires)
    lead = f"请把下面的链接交给 {names} 本人，{until:%Y-%m-%d %H:%M} 前有效，用一次即失效。"
    return show_once(request, title=title, lead=lead, word="链接", secrets=secrets, back=back, warning=HAND_ON)


@open_to(public=True)
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Let somebody who was invited choose a password (接受邀请)."""
    now = timezone.now()
    try:
        invitation = services.open_invitation(token=token, now=now)
        form = PasswordForm(request.POST or None)
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
    shown = {
        "form": form,
        "invitation": invitation,
        "signed_in": request.user if request.user.is_authenticated else None,
    }
    return render(request, "office/accept.html", shown)


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
    shown_with = {
        "person": shown,
        "form": form,
        "appointments": shown.appointments.order_by("-since", "duty"),
        "tokens": shown.tokens.all(),
        "now": timezone.now(),
        "recoveries": shown.recoveries.select_related("by"),
        "has_factor": is_mfa_enabled(shown),
        "today": timezone.localdate(),
    }
    return render(request, "office/person.html", shown_with)


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
        try:
            saved = services.keep_organisation(by=by, organisation=shown, **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"{saved.name} 已保存。")
            return redirect("office:people")
    return render(request, "office/organisation.html", {"form": form, "organisation": shown})

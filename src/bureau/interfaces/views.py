"""Pages of interfaces (接口页)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bureau.access import Duty, open_to
from bureau.interfaces import services
from bureau.interfaces.forms import TokenForm, WebhookForm
from bureau.interfaces.layers import layers_of
from bureau.interfaces.models import Delivery, Token, Webhook
from bureau.office.models import Person
from bureau.pages.once import Secret, show_once
from bureau.refusal import Refusal

SHOWN = 20
KEPT = "平台加密保存它，用来给每条消息签名（解密的密钥不在数据库里，页面不再显示）；疑有泄露时停用这个推送，换一个地址重新建立。"
"""What is true of a webhook's secret, unlike a token's."""


@require_safe
@open_to()
def home(request: HttpRequest) -> HttpResponse:
    """Show the interfaces, one's tokens, and the webhooks of one's region (接口)."""
    by: Person = request.user  # type: ignore[assignment]
    context = {
        "layers": layers_of(by).values(), "tokens": by.tokens.all(), "now": timezone.now(),
        "root": request.build_absolute_uri("/").rstrip("/"),
    }  # fmt: skip
    if by.has_any_duty([Duty.ADMINISTER]):
        context["webhooks"] = Webhook.objects.for_person(by).select_related("organisation")
        context["deliveries"] = Delivery.objects.for_person(by).select_related("webhook")[:SHOWN]
    return render(request, "interfaces/home.html", context)


def _show_secret(request: HttpRequest, title: str, of: str, secret: str, kept: str = "") -> HttpResponse:
    """Show the secret of a token or a webhook, once."""
    return show_once(
        request, title=title, lead=f"{of}：请现在复制下面的密文保存。", word="密文", secrets=[Secret(of, secret)],
        back=reverse("interfaces:home"), kept=kept,
    )  # fmt: skip


@open_to()
def token(request: HttpRequest) -> HttpResponse:
    """Make a token, and show it once (建立令牌)."""
    by: Person = request.user  # type: ignore[assignment]
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = services.make_token(person=by, now=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            return _show_secret(request, "令牌已建立", made.name, secret)
    lead = "程序凭令牌读取您能看到的数据；只读，不能修改。"
    return render(
        request,
        "pages/form.html",
        {"form": form, "title": "建立令牌", "lead": lead, "action": "建立", "back": "interfaces:home"},
    )


@require_POST
@open_to()
def end_token(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token (撤销令牌)."""
    by: Person = request.user  # type: ignore[assignment]
    found = get_object_or_404(Token.objects.for_person(by), pk=pk)
    try:
        services.end_token(person=by, token=found, now=timezone.now())
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"令牌“{found.name}”已撤销。")
    return redirect("interfaces:home") if found.person_id == by.pk else redirect("office:person", found.person_id)


@open_to(Duty.ADMINISTER)
def webhook(request: HttpRequest) -> HttpResponse:
    """Let an address be told, and show the secret once (建立推送)."""
    by: Person = request.user  # type: ignore[assignment]
    form = WebhookForm(request.POST or None, by=by)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = services.make_webhook(by=by, now=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            return _show_secret(request, "推送已建立", made.address, secret, kept=KEPT)
    return render(
        request, "pages/form.html", {"form": form, "title": "建立推送", "action": "建立", "back": "interfaces:home"}
    )


@require_POST
@open_to(Duty.ADMINISTER)
def switch_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop telling an address, or tell it again (停用与启用推送)."""
    by: Person = request.user  # type: ignore[assignment]
    services.switch_webhook(by=by, webhook=get_object_or_404(Webhook.objects.for_person(by), pk=pk))
    return redirect("interfaces:home")

"""
Telling webhooks (推送): what happened is written down with what caused it, and the worker sends it.

A message is a POST of JSON; ``X-Shuibao-Signature`` is the HMAC-SHA256 of its bytes under the webhook's secret.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
import ssl
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.encoding import iri_to_uri

from bureau.interfaces import addresses
from bureau.interfaces.models import Delivery, Event, Webhook
from bureau.interfaces.webhook_secrets import secret_of
from bureau.publications.models import Publication
from bureau.publications.services import published

SECONDS, TRIES = 10.0, 6
"""Seconds that a try may take, and how many there are (chosen)."""


def listen() -> None:
    """Hear of publications (登记)."""
    published.connect(tell_of_publication, dispatch_uid="interfaces.published")


def tell_of_publication(publication: Publication, **kwargs: Any) -> None:
    """Write a message to each webhook whose region is told of a publication (成果发布事件)."""
    body = {
        "event": Event.PUBLISHED.value, "publication": publication.pk, "region": publication.region_id, "kind": publication.kind,
        "theme": publication.theme, "year": publication.year, "batch": publication.batch,
        "version": publication.version, "title": publication.title, "simulated": publication.simulated,
    }  # fmt: skip
    for webhook in Webhook.objects.filter(active=True, subjects__contains=[Event.PUBLISHED]).select_related(
        "organisation__region"
    ):
        if webhook.organisation.region.holds(publication.region_id):
            _write(webhook, Event.PUBLISHED, body, timezone.now())


def _write(webhook: Webhook, event: str, body: dict[str, Any], now: datetime) -> None:
    from bureau.interfaces import jobs

    made = Delivery.objects.create(webhook=webhook, event=event, body=body, made=now)
    jobs.deliver.defer(delivery=made.pk)


def signature(secret: str, content: bytes) -> str:
    """
    Return the signature of a message (签名).

    Examples
    --------
    >>> signature("secret", b"{}")[:16]
    '77325902caca812d'
    """
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def send(delivery: Delivery) -> str:
    """
    Send a message once; return what was answered (发送).

    Parameters
    ----------
    delivery : Delivery

    Returns
    -------
    str
        ``200 OK`` and the like; only an answer from 200 to 299 means that it was taken.

    Raises
    ------
    OSError, ValueError, http.client.HTTPException
        If nobody answers, or what is written down is no address that can be asked.
    Refusal
        If the name leads to where messages must not go, or the secret cannot be read.
    """
    parts = addresses.parts_of(delivery.webhook.address)
    content = json.dumps(delivery.body, ensure_ascii=False, sort_keys=True).encode()
    secure = parts.scheme == "https"
    connection = _Connection(str(parts.hostname), parts.port or (443 if secure else 80), secure=secure)
    try:
        path = iri_to_uri((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        headers = {
            "Content-Type": "application/json; charset=utf-8", "X-Shuibao-Event": delivery.event,
            "X-Shuibao-Delivery": str(delivery.pk), "X-Shuibao-Signature": signature(secret_of(delivery.webhook), content),
        }  # fmt: skip
        connection.request("POST", path, content, headers)
        answer = connection.getresponse()
        answer.read(1000)
        return f"{answer.status} {answer.reason}"
    finally:
        connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to the very address that was looked at: a name may lead elsewhere the next time it is asked."""

    def __init__(self, host: str, port: int, *, secure: bool) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self.secure = secure

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.create_connection((addresses.reached(self.host, self.port), self.port), SECONDS)
        if self.secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

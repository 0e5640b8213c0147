"""What the worker does for interfaces (后台任务)."""

from __future__ import annotations

import http.client

from django.db.models import F
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from bureau.interfaces import telling
from bureau.interfaces.models import Delivery
from bureau.refusal import Refusal


class NotTaken(Exception):  # noqa: N818 - the job is tried again
    """The other side did not take a message."""


@app.task(
    name="interfaces.deliver", queue="office",
    retry=RetryStrategy(max_attempts=telling.TRIES, exponential_wait=5, retry_exceptions=[NotTaken]),
)  # fmt: skip
def deliver(delivery: int) -> None:
    """Send a message; try again later if it is not taken (推送)."""
    message = Delivery.objects.filter(pk=delivery, delivered=None).select_related("webhook").first()
    if message is None or not message.webhook.active:
        return
    try:
        answer = telling.send(message)
    except Refusal as refused:
        answer = refused.message
    except (OSError, ValueError, http.client.HTTPException) as failed:
        answer = f"{type(failed).__name__}: {failed}"[:200]
    taken = answer[:1] == "2"
    fields = {"delivered": timezone.now()} if taken else {}
    Delivery.objects.filter(pk=delivery).update(tries=F("tries") + 1, answer=answer[:200], **fields)
    if not taken:
        raise NotTaken(answer)

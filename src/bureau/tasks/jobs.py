"""What the worker does for tasks (任务的后台作业): every morning, who owes what is told so."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from bureau.tasks import mailing, services


@app.periodic(cron="0 23 * * *")  # in UTC: seven in the morning in Beijing
@app.task(name="tasks.remind", queue="office", queueing_lock="tasks.remind")
def remind(timestamp: int) -> int:
    """Send the reminders of a day, by mail too (每日提醒); each is sent once, so that running it again does no harm."""
    now = timezone.now()
    new = services.remind(now=now, today=timezone.localdate())
    if mailing.mails_are_sent():
        mailing.send(now=now)
    return new

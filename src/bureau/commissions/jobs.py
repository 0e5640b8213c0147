"""What the worker does for commissions (后台任务). Jobs may be run twice: each looks how far things are."""

from __future__ import annotations

import procrastinate
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

STALLED = 30.0
"""Seconds without a sign of life after which a worker is taken for dead (procrastinate's own default)."""


@app.task(name="commissions.run", queue="science")
def run(commission: int) -> None:
    """Compute a commission (计算)."""
    from bureau.commissions.running import compute

    compute(commission)


@app.task(name="commissions.publish", queue="science")
def publish(commission: int) -> None:
    """Publish what was accepted (发布)."""
    from bureau.commissions.publishing import publish_commission

    publish_commission(commission)


@app.task(name="commissions.convert", queue="office")
def convert(upload: int) -> None:
    """Convert what was uploaded (转换上传资料)."""
    from bureau.commissions.uploads import settle

    settle(upload)


@app.task(name="commissions.patches", queue="office")
def look_into_patches(batch: int) -> None:
    """Convert and check a file of patches (检查图斑)."""
    from bureau.commissions.patches import look_into

    look_into(batch)


@app.task(name="commissions.publish_patches", queue="office")
def publish_patches(batch: int) -> None:
    """Publish patches that were accepted (发布图斑)."""
    from bureau.commissions.patches import publish

    publish(batch)


@app.periodic(cron="* * * * *")
@app.task(name="commissions.revive", queue="office", queueing_lock="commissions.revive", pass_context=True)
async def revive(context: procrastinate.JobContext, timestamp: int) -> None:
    """Give the jobs of a worker that died to another (接续中断的任务)."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # another of its kind waits already, where only one may
            await manager.finish_job(job, status=Status.FAILED, delete_job=True)

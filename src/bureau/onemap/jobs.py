"""What the worker does for the one map (后台任务)."""

from __future__ import annotations

import time

from django.conf import settings
from procrastinate.contrib.django import app

from bureau.onemap.keeping import prune


@app.periodic(cron="17 * * * *")
@app.task(name="onemap.prune", queue="office", queueing_lock="onemap.prune")
def prune_tiles(timestamp: int) -> int:
    """Keep the tiles on disk within their greatest size (清理瓦片)."""
    return prune(now=time.time(), most=settings.TILES_BYTES)

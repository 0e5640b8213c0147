"""Load the registers that come with the product (装载自带台账): ``bureau manage load_registers``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from bureau.tasks.loading import load_registers


class Command(BaseCommand):
    """Load the registers of tasks of the regions that are there (装载任务台账)."""

    help = "装载自带的任务台账（只装已有行政区的）。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Load them, and say which."""
        for register in load_registers():
            self.stdout.write(f"{register}：{register.tasks.count()} 项任务")

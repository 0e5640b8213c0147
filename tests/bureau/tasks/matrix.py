"""Who may open the pages of tasks."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.utils import timezone
from tests.bureau.matrix import Line
from tests.bureau.people import make_person

from bureau.tasks import services
from bureau.tasks.loading import store
from bureau.tasks.models import Evidence, ProgressReport, Register, Task, Unit

number = count(1)


def make_task(region: str) -> Task:
    """Make a task of a region that names the cities and counties below."""
    at = next(number)
    register = store(
        {
            "register": {
                "id": f"r{at}",
                "title": "方案",
                "number": f"〔{at}〕号",
                "issuer": "水利局",
                "region": region,
            },
            "unit": [{"name": "各市县", "reach": "below"}],
            "task": [
                {
                    "number": 1, "title": "巡查", "lead": ["各市县"], "due": [{"phrase": "2026年6月底前", "what": "巡查"}],
                    "figure": [{"key": "k", "label": "坝", "value": "9", "unit": "座", "phrase": "9座", "counted": True}],
                }
            ],
        }
    )  # fmt: skip
    return register.tasks.get()


def some_task(region: str) -> dict[str, Any]:
    """Make a task of a region."""
    return {"pk": make_task(region).pk}


def some_figure(region: str) -> dict[str, Any]:
    """Make a task of a region with a figure that is counted."""
    task = make_task(region)
    return {"pk": task.pk, "figure": task.figures.get().pk}


def some_unit(region: str) -> dict[str, Any]:
    """Make a unit of a region."""
    task = make_task(region)
    return {"pk": Unit.objects.get(parts__task=task).pk}


def some_register(region: str) -> dict[str, Any]:
    """Make a register of a region."""
    return {"pk": Register.objects.get(pk=make_task(region).register_id).pk}


def make_report(region: str) -> ProgressReport:
    """Make a report of a region."""
    task, by = make_task(region), make_person("clerk", region=region)
    return services.submit(by=by, task=task, text="巡查一次", year=2026, now=timezone.now())


def some_report(region: str) -> dict[str, Any]:
    """Make a report of a region."""
    return {"pk": make_report(region).pk}


def some_evidence(region: str) -> dict[str, Any]:
    """Make evidence of a region, the file of which is there."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    path = "evidence/00/matrix.pdf"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(b"%PDF-1.4"))
    made = Evidence.objects.create(
        report=make_report(region), name="照片.pdf", sha256="0" * 64, size=8, media_type="application/pdf", path=path
    )
    return {"pk": made.pk}


LINES = (
    Line("tasks:index", post=200),
    Line("tasks:task", post=200, of=some_task, upward=True, upward_post=True),
    Line("tasks:report", ("clerk",), get=(200, 302), post=(200, 302), of=some_task, upward=True, upward_post=True),
    Line("tasks:figure", post=200, of=some_figure, upward=True, upward_post=True),
    Line("tasks:take_sum", ("clerk",), get=None, post=200, of=some_figure, upward_post=True),
    Line("tasks:withdraw", ("clerk",), get=None, post=302, of=some_report),
    Line("tasks:decide", ("review",), get=None, post=302, of=some_report),
    Line("tasks:report_sheet", ("clerk",), post=200),
    Line("tasks:bring_in_sheet", ("clerk",), post=200),
    Line("tasks:waiting", post=200),
    Line("tasks:evidence", post=200, of=some_evidence),
    Line("tasks:month", post=200),
    Line("tasks:overdue", post=200),
    Line("tasks:calendar", post=200),
    Line("tasks:chart", post=200),
    Line("tasks:units", post=200),
    Line("tasks:unit", post=200, of=some_unit, upward=True, upward_post=True),
    Line("tasks:link", ("administer",), get=None, post=302, of=some_unit, upward_post=True),
    Line("tasks:contradictions", post=200),
    Line("tasks:notices", post=200),
    Line("tasks:notices_read", get=None, post=302),
    Line("tasks:choose_mail", get=None, post=302),
    Line("tasks:ledger", post=200),
    Line("tasks:workbook", post=200, of=some_register),
    Line("tasks:bring_in", ("review",), post=200),
)

"""
Registers into the database (台账装载): those that come with the product, and those that an office brings in a workbook.

Loading again renews what changed and keeps the rows that reports hang on; nothing that was reported on is ever taken out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import ProtectedError

from bureau.office.models import Organisation
from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.tasks.dates import read_phrase
from bureau.tasks.models import Due, Figure, Register, Task, TaskUnit, Unit
from bureau.tasks.scope import Reach

FOLDER = Path(__file__).parent / "registers"
Row = TypeVar("Row", bound=models.Model)
ROLES = tuple(TaskUnit.Role.values)


def shipped() -> Iterator[dict[str, Any]]:
    """Yield the registers that come with the product (自带台账)."""
    for path in sorted(FOLDER.glob("*.toml")):
        yield tomllib.loads(path.read_text("utf-8"))


@transaction.atomic
def load_registers() -> list[Register]:
    """
    Load the registers that come with the product, of the regions that are there (装载自带台账).

    Returns
    -------
    list of Register
        Those that were loaded.
    """
    there = set(Region.objects.values_list("code", flat=True))
    return [store(data) for data in shipped() if data["register"]["region"] in there]


@transaction.atomic
def store(data: dict[str, Any]) -> Register:
    """
    Write a register as its file has it (写入台账).

    Parameters
    ----------
    data : dict
        ``register``, ``unit``, ``task``, ``figure`` as in the files of ``registers/``.

    Raises
    ------
    Refusal
        If a task, a date or a figure that was reported on is no longer there.
    """
    fields = {word: value for word, value in data["register"].items() if word not in ("id", "region")}
    register, _ = Register.objects.update_or_create(
        name=data["register"]["id"], defaults={**fields, "region_id": data["register"]["region"]}
    )
    units = _store_units(register, data)
    tasks = _store_tasks(register, data)
    _store_parts(data, tasks, units)
    _store_dues(data, tasks)
    _store_figures(register, data, tasks)
    gone = register.tasks.exclude(pk__in=[task.pk for task in tasks.values()])
    _take_out(Due.objects.filter(task__in=gone))
    _take_out(gone)
    return register


def _renew(there: dict[Any, Row], wanted: dict[Any, dict[str, Any]], model: type[Row]) -> dict[Any, Row]:
    """Return rows as they are wanted: those that are there are changed where they differ, those that are not are made."""
    found, fresh = {}, {}
    for key, fields in wanted.items():
        row = there.get(key)
        if row is None:
            fresh[key] = model(**fields)
            continue
        if any(getattr(row, word) != value for word, value in fields.items()):
            for word, value in fields.items():
                setattr(row, word, value)
            row.save()
        found[key] = row
    model._default_manager.bulk_create(fresh.values())
    return {key: found.get(key) or fresh[key] for key in wanted}


def _store_units(register: Register, data: dict[str, Any]) -> dict[str, Unit]:
    """Write the units that a register names, and those that only its tasks name."""
    told = {row["name"]: row for row in data.get("unit", [])}
    named = [name for row in data["task"] for role in ROLES for name in row.get(role, [])]
    names = dict.fromkeys([*told, *named])
    there = {unit.name: unit for unit in Unit.objects.filter(region_id=register.region_id, name__in=names)}
    offices = {o.name: o for o in Organisation.objects.filter(region_id=register.region_id)}
    wanted: dict[Any, dict[str, Any]] = {}
    for name in names:
        row, unit = told.get(name, {}), there.get(name)
        wanted[name] = {
            "region_id": register.region_id,
            "name": name,
            "reach": row.get("reach") or (unit.reach if unit else Reach.OWN),
            "organisation": (unit.organisation if unit else None) or offices.get(row.get("organisation", "")),
        }
    return _renew(there, wanted, Unit)


def _store_tasks(register: Register, data: dict[str, Any]) -> dict[int, Task]:
    """Write the tasks of a register."""
    words = ("section", "title", "clause")
    wanted = {
        row["number"]: {"register_id": register.pk, "number": row["number"], **{w: row.get(w, "") for w in words}}
        for row in data["task"]
    }
    return _renew({task.number: task for task in register.tasks.all()}, wanted, Task)


def _store_parts(data: dict[str, Any], tasks: dict[int, Task], units: dict[str, Unit]) -> None:
    """Write who does what in each task."""
    wanted = {
        (tasks[row["number"]].pk, at, role, units[name].pk)
        for row in data["task"]
        for at, (role, name) in enumerate((role, name) for role in ROLES for name in row.get(role, []))
    }
    parts = TaskUnit.objects.filter(task__in=tasks.values())
    there = {(part.task_id, part.position, part.role, part.unit_id): part.pk for part in parts}
    parts.filter(pk__in=[pk for key, pk in there.items() if key not in wanted]).delete()
    TaskUnit.objects.bulk_create(
        TaskUnit(task_id=task, position=at, role=role, unit_id=unit)
        for task, at, role, unit in sorted(wanted - there.keys())
    )


def _store_dues(data: dict[str, Any], tasks: dict[int, Task]) -> None:
    """Write the dates of the tasks; a task that has none says so."""
    wanted: dict[Any, dict[str, Any]] = {}
    for task in data["task"]:
        pk = tasks[task["number"]].pk
        for at, row in enumerate(task.get("due") or [{}]):
            phrase, what = row.get("phrase", ""), row.get("what", "")
            read = read_phrase(phrase, yearly=row.get("yearly", False))
            wanted[pk, phrase, what] = {
                "task_id": pk, "phrase": phrase, "what": what, "position": at, "key": row.get("key", ""), "kind": read.kind,
                "year": read.year, "month": read.month, "day": read.day, "begins": read.begins, "note": read.note,
            }  # fmt: skip
    dues = Due.objects.filter(task__in=tasks.values())
    kept = _renew({(due.task_id, due.phrase, due.what): due for due in dues}, wanted, Due)
    _take_out(dues.exclude(pk__in=[due.pk for due in kept.values()]))


def _store_figures(register: Register, data: dict[str, Any], tasks: dict[int, Task]) -> None:
    """Write the figures of a document and of its tasks."""
    rows: list[tuple[Task | None, dict[str, Any]]] = [(None, row) for row in data.get("figure", [])]
    rows += [(tasks[task["number"]], row) for task in data["task"] for row in task.get("figure", [])]
    wanted: dict[Any, dict[str, Any]] = {}
    for at, (task, row) in enumerate(rows):
        by_phrase = row.get("by", "")
        wanted[task.pk if task else None, row["key"], row["phrase"], by_phrase] = {
            "register_id": register.pk, "task_id": task.pk if task else None, "key": row["key"], "phrase": row["phrase"],
            "by_phrase": by_phrase, "position": at, "label": row["label"], "comparison": row.get("comparison", "eq"),
            "value": Decimal(row["value"]), "unit": row["unit"], "by": read_phrase(by_phrase).once,
            "yearly": row.get("yearly", False), "counted": row.get("counted", False),
            "clause": row.get("clause") or (task.clause if task else ""),
        }  # fmt: skip
    figures = register.figures.all()
    kept = _renew({(f.task_id, f.key, f.phrase, f.by_phrase): f for f in figures}, wanted, Figure)
    _take_out(figures.exclude(pk__in=[figure.pk for figure in kept.values()]))


def _take_out(rows: models.QuerySet[Any]) -> None:
    """Delete rows that nothing was reported on; refuse if something was."""
    try:
        rows.delete()
    except ProtectedError as held:
        name = next(iter(held.protected_objects)).__class__._meta.verbose_name
        left = "、".join(str(row) for row in rows[:3])
        raise Refusal(
            "reported-on", f"“{left}”已有{name}，不能从台账中去掉；请保留原行，或先与填报单位核对。"
        ) from held

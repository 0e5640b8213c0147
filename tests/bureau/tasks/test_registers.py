"""The registers say what their documents say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bureau.tasks.dates import Kind, read_phrase
from bureau.tasks.loading import load_registers, shipped, store
from bureau.tasks.models import Due, Figure, Register, Task, TaskUnit, Unit

REGISTERS = {data["register"]["id"]: data for data in shipped()}
TEXTS = {"jilin-zones": "000_", "jilin-plan": "001_", "xinzhou-plan": "002_"}
SHARED = Path(__file__).resolve().parents[4] / "shared" / "policy"


def bare(text: str) -> str:
    """Return a text without blanks, and without what the converter left in it."""
    return re.sub(r"\s+", "", re.sub(r"\[bookmark:[^\]]*\]", "", text))


def document(name: str) -> str:
    """Return the document of a register, without blanks; skips where it is not at hand."""
    found = sorted(SHARED.glob(f"{TEXTS[name]}*.txt"))
    if not found:
        pytest.skip("the documents are not at hand")
    return bare(found[0].read_text("utf-8"))


def figures(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all figures of a register."""
    return [*data.get("figure", []), *(figure for task in data["task"] for figure in task.get("figure", []))]


def dues(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all dates of a register."""
    return [due for task in data["task"] for due in task.get("due", [])]


@pytest.mark.parametrize("name, count", [("jilin-zones", 8), ("jilin-plan", 34), ("xinzhou-plan", 36)])
def test_every_task_of_a_document_is_there_once_and_in_order(name: str, count: int) -> None:
    assert [task["number"] for task in REGISTERS[name]["task"]] == list(range(1, count + 1))


def test_the_time_table_of_the_zones_has_eight_milestones_each_with_a_date() -> None:
    days = [str(read_phrase(due["phrase"]).once) for due in dues(REGISTERS["jilin-zones"])]
    assert days == [
        "2024-06-30", "2024-08-31", "2024-11-30", "2024-10-31", "2024-12-31", "2025-03-31", "2025-04-30", "2025-12-31",
    ]  # fmt: skip


@pytest.mark.parametrize("name", REGISTERS)
def test_every_figure_and_every_date_is_in_the_document_word_for_word(name: str) -> None:
    text, data = document(name), REGISTERS[name]
    missing = [row["phrase"] for row in figures(data) if bare(row["phrase"]) not in text]
    missing += [row["phrase"] for row in dues(data) if bare(row.get("phrase", "")) not in text]
    missing += [row["by"] for row in figures(data) if bare(row.get("by", "")) not in text]
    assert not missing


@pytest.mark.parametrize("name", REGISTERS)
def test_every_figure_has_its_number_in_its_phrase(name: str) -> None:
    written = {"1": ("1", "一")}
    for figure in figures(REGISTERS[name]):
        assert any(way in figure["phrase"] for way in written.get(figure["value"], (figure["value"],))), figure


@pytest.mark.parametrize("name", REGISTERS)
def test_every_unit_is_in_the_document(name: str) -> None:
    text, data = document(name), REGISTERS[name]
    named = {n for task in data["task"] for role in TaskUnit.Role.values for n in task.get(role, [])}
    named |= {unit["name"] for unit in data["unit"]}
    assert not [unit for unit in named if bare(unit) not in text]


@pytest.mark.parametrize("name", REGISTERS)
def test_the_number_of_the_document_and_its_issuer_are_in_it(name: str) -> None:
    text, told = document(name), REGISTERS[name]["register"]
    assert bare(told["number"]) in text
    assert bare(told["issuer"]) in text


@pytest.mark.parametrize("name", REGISTERS)
def test_titles_are_short_and_in_our_own_words(name: str) -> None:
    text = document(name)
    for task in REGISTERS[name]["task"]:
        assert 3 <= len(task["title"]) <= 24, task["title"]
        longest = max((len(part) for part in re.split(r"[，、]", task["title"]) if bare(part) in text), default=0)
        assert longest <= 16, task["title"]


@pytest.mark.parametrize("name", ["jilin-plan"])
def test_the_units_of_each_task_are_in_its_own_paragraph(name: str) -> None:
    parts = re.split(r"(?<=[。）])(?=\d{1,2}\.(?!\d))", document(name))
    paragraphs = {int(re.match(r"(\d+)\.", part)[1]): part for part in parts if re.match(r"\d+\.(?!\d)", part)}  # type: ignore[index]
    assert set(range(1, 35)) <= set(paragraphs)
    for task in REGISTERS[name]["task"]:
        paragraph = paragraphs[task["number"]]
        for role in TaskUnit.Role.values:
            for unit in task.get(role, []):
                assert bare(unit) in paragraph, (task["number"], unit)
        for row in [*task.get("due", []), *task.get("figure", [])]:
            assert bare(row.get("phrase", "")) in paragraph, (task["number"], row)


def test_the_rows_of_the_annex_have_their_own_units() -> None:
    text = document("xinzhou-plan").split("重点工作任务分工表")[-1].split("全市水土保持率目标值分解表")[0]
    heads = r"(?:序号工作任务牵头单位配合单位)"
    at = 0
    for task in REGISTERS["xinzhou-plan"]["task"]:
        units = [unit for role in TaskUnit.Role.values for unit in task.get(role, [])]
        row = re.compile(
            rf"(?<!\d){task['number']}(?!\d).{{4,70}}?{bare(units[0])}"
            + "".join(rf"[，、]?{re.escape(bare(u))}" for u in units[1:])
        )
        found = row.search(re.sub(heads, "", text), at)
        assert found, (task["number"], units)
        at = found.end() - len(bare(units[-1]))


def test_loading_again_changes_nothing(db: None) -> None:
    load_registers()
    before = {model: list(model.objects.order_by("pk").values()) for model in (Register, Task, Due, Figure, Unit)}
    load_registers()
    assert before == {
        model: list(model.objects.order_by("pk").values()) for model in (Register, Task, Due, Figure, Unit)
    }
    assert {model.__name__: len(rows) for model, rows in before.items()}["Task"] == 78


def test_what_was_reported_on_is_not_taken_out(task: Any, person: Any, now: Any) -> None:
    from bureau.refusal import Refusal
    from bureau.tasks import services

    services.submit(
        by=person("clerk", region="140900"), task=task("xinzhou-plan", 36), text="已推广", year=2026, now=now
    )
    data = {**REGISTERS["xinzhou-plan"], "task": REGISTERS["xinzhou-plan"]["task"][:35]}
    with pytest.raises(Refusal) as refused:
        store(data)
    assert refused.value.code == "reported-on"
    assert Task.objects.filter(register__name="xinzhou-plan").count() == 36


def test_registers_are_verified_and_their_kinds_of_dates_are_these(registers: None) -> None:
    assert set(Register.objects.values_list("status", flat=True)) == {"verified"}
    kinds = {kind: Due.objects.filter(task__register__name="jilin-plan", kind=kind).count() for kind in Kind.values}
    assert kinds == {"once": 16, "yearly": 10, "continuous": 20, "unspecified": 8}

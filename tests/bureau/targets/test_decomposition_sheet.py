"""A decomposition as a workbook: all that is wrong is told at once, cell by cell, and nothing is half saved."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook
from tests.bureau.targets.test_pages import COLUMNS, filled, told

from bureau.refusal import Refusal
from bureau.targets import decomposing


def test_every_wrong_cell_of_a_decompositions_workbook_is_told_at_once_with_its_row(
    begin: Callable[..., Any], signed_in: Callable[..., Any]
) -> None:
    made, client = begin(), signed_in("clerk", region="140900")
    head = [*COLUMNS, "现状依据"]
    upload = filled(
        head, ["140928", 120, 1, 62.034, "填报"], ["140932", "五十", 10**6, 40, "=A1"], ["220122", 1, 1, 1, ""],
        ["140928", 61, 1, "", "字" * 201], ["五寨", "=1+1", "", 101, ""],
    )  # fmt: skip
    page = client.post(reverse("targets:decomposition_import", args=[made.pk]), {"workbook": upload}).content.decode()
    found = re.findall(r'<td class="number">(\d+)</td><td>([^<]+)</td><td class="words">([^<]+)</td>', page)
    assert [(row, column) for row, column, _ in found] == [
        ("2", "现状率（%）"), ("2", "固定目标（%）"), ("3", "现状率（%）"), ("3", "现状依据"), ("3", "可治理面积（km²）"),
        ("4", "行政区划代码"), ("5", "行政区划代码"), ("5", "现状依据"), ("6", "行政区划代码"), ("6", "现状率（%）"),
    ]  # fmt: skip
    said = [message for _, _, message in found]
    for message, word in zip(
        said,
        ("120 不在 0–100 % 之间", "至多 2 位小数", "“五十”不是数；请填数字", "是公式 =A1", "须在 0 与土地面积", "220122 不在这份分解内",
         "与第 2 行重复", "201 字；不得超过 200 字", "“五寨”不是六位或九位数字", "是公式 =1+1"),
        strict=True,
    ):  # fmt: skip
        assert word in message
    assert "有 10 处不合要求" in page
    assert [(str(line.percent), str(line.base)) for line in made.lines.all()] == [
        ("62.03", "61.0000"), ("51.32", "50.3000"),
    ]  # fmt: skip


def test_a_target_out_of_bounds_is_told_beside_the_other_cells(
    begin: Callable[..., Any], signed_in: Callable[..., Any]
) -> None:
    made, client = begin(), signed_in("clerk", region="140900")
    upload = filled([*COLUMNS], ["140928", 61, 100, 80], ["140932", 51, "x", 40])
    page = client.post(reverse("targets:decomposition_import", args=[made.pk]), {"workbook": upload}).content.decode()
    assert "五寨县的目标 80.00 % 不在下限 61.00 % 与上限 71.00 % 之间" in page
    assert "有 2 处不合要求" in page, "bounds that cannot be known are not held against the target"


def test_a_workbook_as_it_was_taken_away_changes_nothing_and_a_ground_alone_is_taken(
    begin: Callable[..., Any], signed_in: Callable[..., Any]
) -> None:
    made, client = begin(), signed_in("clerk", region="140900")
    contents = client.get(reverse("targets:decomposition_workbook", args=[made.pk])).content
    address = reverse("targets:decomposition_import", args=[made.pk])
    again = client.post(address, {"workbook": SimpleUploadedFile("b.xlsx", contents)}, follow=True)
    assert "没有改动" in told(again)
    book, held = load_workbook(io.BytesIO(contents)), io.BytesIO()
    book["目标分解"].cell(2, 5).value = "县普查 2024"
    book.save(held)
    assert "对五寨县的修改" in told(
        client.post(address, {"workbook": SimpleUploadedFile("b.xlsx", held.getvalue())}, follow=True)
    )
    assert [line.base_source for line in made.lines.all()] == ["县普查 2024", "2024 年公布成果"]


def test_who_may_not_change_a_decomposition_may_not_bring_it_in(
    begin: Callable[..., Any], person: Callable[..., Any]
) -> None:
    made, upload = begin(), filled([*COLUMNS], ["140928", 61, 1, 63])
    with pytest.raises(Refusal, match="忻州市的目标分解须由"):
        decomposing.bring_in(by=person("clerk", region="140928"), decomposition=made, upload=upload)

"""
People from a workbook (批量邀请): an administrator invites the people of their region's organisations at once.

Nobody is made by it, and nobody can sign in by it: each row becomes an invitation, whose link its person uses. All rows are
looked at before any is written, and all that is wrong is told by row and column. Sign-in names are given by the platform, so
that a file cannot try out which names there are; an organisation elsewhere is answered as one that is not there.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from bureau.access import Duty
from bureau.formulas import safe
from bureau.office import services
from bureau.office.models import Invitation, Organisation, Person
from bureau.refusal import Refusal
from bureau.workbooks import Fault, Formula, WrongRows, open_workbook

TITLE, ORGANISATIONS = "人员", "机构"
MOST = 200
"""People of a workbook at most (chosen: a city's counties with a dozen each)."""
LARGEST = 2**20
"""Bytes of a workbook at most (chosen)."""
COLUMNS = {
    "行政区划代码": "code", "机构": "organisation", "姓名": "name", "职务": "title", "岗位": "duties", "电子邮箱": "email",
    "手机": "phone",
}  # fmt: skip
NEEDED = ("行政区划代码", "姓名", "岗位")
DUTIES = {str(duty.label): str(duty) for duty in Duty}
NAME = re.compile(r"[\w·•.\- ]{1,40}")
PHONE = re.compile(r"\+?[\d\- ]{5,20}")
SEPARATORS = re.compile(r"[、，,；;\s]+")


@dataclass(frozen=True)
class Newcomer:
    """Somebody who is to be invited (拟邀请人员)."""

    organisation: Organisation
    name: str
    duties: tuple[str, ...]
    title: str
    email: str
    phone: str


@dataclass(frozen=True)
class Invited:
    """An invitation that was made, with the secret part of its link (已生成的邀请)."""

    invitation: Invitation
    token: str


def template(*, by: Person) -> bytes:
    """
    Return the workbook that is filled in: a sheet for the people, and one of the organisations there are (人员模板).

    Parameters
    ----------
    by : Person
        Whoever downloads it; only organisations of their region are listed.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = TITLE
    sheet.append(list(COLUMNS))
    for letter, width in zip("ABCDEFG", (14, 26, 12, 16, 22, 26, 16), strict=True):
        sheet.column_dimensions[letter].width = width
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", start_color="FFE4F0EB")
    for letter in "ABFG":
        for at in range(2, MOST + 2):
            sheet[f"{letter}{at}"].number_format = "@"
    sheet.freeze_panes = "A2"
    listed = book.create_sheet(ORGANISATIONS)
    listed.append(["行政区划代码", "行政区", "机构"])
    there = Organisation.objects.for_person(by).filter(active=True).select_related("region").defer("region__border")
    for each in there:
        listed.append([each.region_id, safe(each.region.name), safe(each.name)])
    count = listed.max_row
    if count > 1:
        choice = DataValidation(type="list", formula1=f"'{ORGANISATIONS}'!$C$2:$C${count}", allow_blank=True)
        sheet.add_data_validation(choice)
        choice.add(f"B2:B{MOST + 1}")
    about = book.create_sheet("说明")
    for line in (
        f"一人一行，最多 {MOST} 人；行政区划代码、姓名、岗位必填。",
        "机构：照“机构”表填写；该行政区只有一个机构的，可以不填。",
        f"岗位：可填 {'、'.join(DUTIES)}；几个岗位用顿号分开。",
        "登录名由系统分配；导入后每人得到一个邀请链接，本人打开链接设置口令后，账号才建立。",
        "单元格里不能有公式。有一处不合要求，就全部不导入。",
    ):
        about.append([line])
    about.column_dimensions["A"].width = 90
    for row in about.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@transaction.atomic
def bring_in(*, by: Person, name: str, contents: bytes, now: datetime) -> list[Invited]:
    """
    Invite the people of a workbook (批量邀请).

    Parameters
    ----------
    by : Person
        Administers the region of every organisation in it.
    name : str
        Name of the file, for messages.
    contents : bytes
    now : datetime

    Returns
    -------
    list of Invited
        With the links, which are not kept.

    Raises
    ------
    Refusal
        If the file is none of ours, or has nobody in it.
    WrongRows
        If cells are wrong; ``rows`` are :class:`bureau.workbooks.Fault`, and nobody is invited.
    """
    if not by.has_any_duty([Duty.ADMINISTER]):
        raise Refusal("not-an-administrator", "批量邀请需要“机构管理”岗位；请由本机构的管理员办理。")
    rows = list(_rows(name, contents))
    if not rows:
        raise Refusal("nobody", f"“{name}”没有一行人员；请照模板填写后再上传。")
    if len(rows) > MOST:
        raise Refusal("too-many", f"“{name}”有 {len(rows)} 人；一次最多 {MOST} 人，请拆成几份导入。")
    reader = _Reader(by, now)
    found = [reader.read(at, row) for at, row in rows]
    if reader.faults:
        columns = list(COLUMNS)
        raise WrongRows(sorted(reader.faults, key=lambda fault: (fault.row, columns.index(fault.column))))
    made = []
    for newcomer in found:
        assert newcomer is not None  # noqa: S101 - there are no faults
        invitation, token = services.invite(
            by=by, organisation=newcomer.organisation, username=_sign_in_name(newcomer.organisation),
            name=newcomer.name, duties=newcomer.duties, now=now, title=newcomer.title, email=newcomer.email,
            phone=newcomer.phone,
        )  # fmt: skip
        made.append(Invited(invitation, token))
    return made


def _sign_in_name(organisation: Organisation) -> str:
    """Return a sign-in name that nobody has: the code of the region, and digits that say nothing of others."""
    while True:
        name = f"{organisation.region_id}-{secrets.randbelow(10**4):04}"
        taken = Person.objects.of_sign_in_name(name) or Invitation.objects.filter(username__iexact=name).exists()
        if not taken:
            return name


def _rows(name: str, contents: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows that have something in them, by the words of their columns."""
    sheet = open_workbook(name, contents, [TITLE], largest=LARGEST, rows=MOST + 50)[TITLE]
    labels = [str(label or "").strip() for label in sheet[0]] if sheet else []
    missing = [label for label in NEEDED if label not in labels]
    if missing:
        raise Refusal("no-column", f"“{TITLE}”表缺少列“{'”“'.join(missing)}”；请从平台下载模板，照样填写。")
    for at, cells in enumerate(sheet[1:], 2):
        row = {COLUMNS[label]: cell for label, cell in zip(labels, cells, strict=False) if label in COLUMNS}
        if any(cell not in (None, "") for cell in row.values()):
            yield at, row


class _Reader:
    """Reads rows of people, and remembers what is wrong."""

    def __init__(self, by: Person, now: datetime) -> None:
        self.faults: list[Fault] = []
        self.seen: dict[tuple[int, str], int] = {}
        self.offices: dict[str, list[Organisation]] = {}
        for each in Organisation.objects.for_person(by).filter(active=True):
            self.offices.setdefault(each.region_id, []).append(each)
        people = Person.objects.for_person(by).filter(is_active=True)
        waiting = Invitation.objects.for_person(by).filter(accepted=None, withdrawn=None, expires__gt=now)
        self.there = set(people.values_list("organisation_id", "name"))
        self.waiting = set(waiting.values_list("organisation_id", "name"))

    def read(self, at: int, row: dict[str, Any]) -> Newcomer | None:
        """Return whom a row means; None if something is wrong with it."""
        before = len(self.faults)
        for label, word in COLUMNS.items():
            if isinstance(row.get(word), Formula):
                self._tell(at, label, f"有公式“{str(row[word])[:40]}”；请粘贴为数值后再上传。")
        if len(self.faults) > before:
            return None
        office = self._organisation(at, _text(row.get("code")), _text(row.get("organisation")))
        name = self._like(at, "姓名", _text(row.get("name")), NAME, "请写 1 至 40 字的姓名，不含特殊符号")
        duties = self._duties(at, _text(row.get("duties")))
        title = _text(row.get("title"))
        if len(title) > 40 or not title.isprintable():
            self._tell(at, "职务", f"“{title[:12]}…”有 {len(title)} 字；不得超过 40 字，也不能换行，请缩短。")
        phone = _text(row.get("phone"))
        if phone:
            self._like(at, "手机", phone, PHONE, "请写 5 至 20 位数字")
        email = self._email(at, _text(row.get("email")))
        if office is not None and name:
            self._check_once(at, office, name)
        if len(self.faults) > before or office is None:
            return None
        return Newcomer(office, name, duties, title, email, phone)

    def _tell(self, at: int, column: str, message: str) -> None:
        self.faults.append(Fault(at, column, message))

    def _organisation(self, at: int, code: str, name: str) -> Organisation | None:
        """Return the organisation of a row; one elsewhere is answered as one that is not there."""
        if not (code.isascii() and code.isdigit() and len(code) in (6, 9)):
            self._tell(at, "行政区划代码", f"“{code}”不是六位或九位数字；请照“{ORGANISATIONS}”表填写。")
            return None
        offices = self.offices.get(code, [])
        fits = [each for each in offices if each.name == name] if name else offices
        if len(fits) == 1:
            return fits[0]
        if not fits:
            said = f"{code} 没有{f'名为“{name[:40]}”的' if name else ''}机构，或不在您的管理范围内"
            self._tell(at, "机构" if name and offices else "行政区划代码", f"{said}；请照“{ORGANISATIONS}”表填写。")
        else:
            self._tell(at, "机构", f"{code} 有 {len(fits)} 个机构；请写明是哪一个。")
        return None

    def _like(self, at: int, column: str, value: str, pattern: re.Pattern[str], ask: str) -> str:
        """Return a value that has a form."""
        if pattern.fullmatch(value):
            return value
        self._tell(at, column, f"“{value[:20]}”不合要求；{ask}。" if value else f"没有填写；{ask}。")
        return ""

    def _duties(self, at: int, value: str) -> tuple[str, ...]:
        """Return the duties that are named."""
        named = [word for word in SEPARATORS.split(value) if word]
        unknown = [word for word in named if word not in DUTIES]
        if unknown or not named:
            said = f"“{unknown[0][:20]}”不是岗位" if unknown else "没有填写"
            self._tell(at, "岗位", f"{said}；可填 {'、'.join(DUTIES)}，几个用顿号分开。")
        return tuple(sorted({DUTIES[word] for word in named if word in DUTIES}))

    def _email(self, at: int, value: str) -> str:
        """Return an address, if it is one."""
        if value:
            try:
                validate_email(value if len(value) <= 254 else "")
            except ValidationError:
                self._tell(at, "电子邮箱", f"“{value[:40]}”不是电子邮箱地址；请改正，或不填。")
        return value

    def _check_once(self, at: int, office: Organisation, name: str) -> None:
        """Tell somebody who is there already, or twice in the file."""
        key = (office.pk, name)
        if key in self.seen:
            self._tell(at, "姓名", f"与第 {self.seen[key]} 行重复；同一机构同名的请用“·”加以区别，或删去一行。")
        elif key in self.there:
            self._tell(at, "姓名", f"{office} 已有在用人员“{name}”；请删去这一行，岗位在人员页修改。")
        elif key in self.waiting:
            self._tell(at, "姓名", f"{office} 已邀请“{name}”，尚未接受；请删去这一行，或先撤回那份邀请。")
        self.seen.setdefault(key, at)


def _text(value: Any) -> str:
    """Return a cell as text, also where the spreadsheet took it for a number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()

"""People from a workbook: each an invitation, all or none, and nothing is told of people elsewhere (批量邀请)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from tests.bureau.people import make_organisation, make_person

from bureau.office import bringing, services
from bureau.office.models import Invitation, Organisation, Person
from bureau.refusal import Refusal
from bureau.workbooks import WrongRows

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HEAD = list(bringing.COLUMNS)
GOOD: list[Any] = ["140928", "140928 水利局", "田一", "科员", "经办、查阅", "tian@example.cn", "139 0350 0000"]


def book(*rows: Sequence[Any], head: Sequence[str] = HEAD) -> bytes:
    """Return a workbook of people."""
    made = Workbook()
    sheet = made.active
    sheet.title = bringing.TITLE
    for row in (head, *rows):
        sheet.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def changed(**words: Any) -> list[Any]:
    """Return a good row with some cells changed, by the words of their columns."""
    return [words.get(word, value) for word, value in zip(bringing.COLUMNS.values(), GOOD, strict=True)]


def faults(by: Person, *rows: Sequence[Any]) -> list[tuple[int, str]]:
    """Return row and column of what is wrong, and see that nobody was invited."""
    before = Invitation.objects.count()
    with pytest.raises(WrongRows) as wrong:
        bringing.bring_in(by=by, name="人员.xlsx", contents=book(*rows), now=NOW)
    assert Invitation.objects.count() == before
    assert all("；" in fault.message for fault in wrong.value.rows)
    return [(fault.row, fault.column) for fault in wrong.value.rows]


def refused(by: Person, contents: bytes, name: str = "人员.xlsx") -> str:
    """Return the code with which a workbook is refused."""
    with pytest.raises(Refusal) as why:
        bringing.bring_in(by=by, name=name, contents=contents, now=NOW)
    return why.value.code


@pytest.fixture
def city() -> Person:
    """Return an administrator of a city, in whose two counties there are bureaus."""
    for code in ("140928", "140932"):
        make_organisation(code)
    return make_person("administer", region="140900")


def test_a_city_invites_the_people_of_its_counties_and_makes_nobody(city: Person) -> None:
    before = Person.objects.count()
    rows = [
        GOOD,
        changed(code=140932, organisation=None, name="谷二", title=None, email=None, phone=None, duties="审核"),
    ]
    made = bringing.bring_in(by=city, name="人员.xlsx", contents=book(*rows), now=NOW)
    assert [(each.invitation.organisation.region_id, each.invitation.name) for each in made] == [
        ("140928", "田一"), ("140932", "谷二"),
    ]  # fmt: skip
    assert made[0].invitation.duties == ["clerk", "view"]
    assert Person.objects.count() == before, "an invitation is no account"
    person = services.accept(token=made[0].token, password="Wuzhai-2026-hill", now=NOW, today=NOW.date())
    assert (person.title, person.email, person.phone) == ("科员", "tian@example.cn", "139 0350 0000")
    assert person.username.startswith("140928-")
    assert person.duties == {"clerk", "view"}


def test_all_that_is_wrong_is_told_at_once_by_row_and_column(city: Person) -> None:
    rows = [
        GOOD, changed(code="14x", name=""), changed(duties="科长", email="没有", name="李三"), changed(name="<b>王</b>"),
        changed(duties=None, phone="电话", title="长" * 41, name="赵四"), GOOD, changed(organisation="别的局", name="孙"),
    ]  # fmt: skip
    assert faults(city, *rows) == [
        (3, "行政区划代码"), (3, "姓名"), (4, "岗位"), (4, "电子邮箱"), (5, "姓名"), (6, "职务"), (6, "岗位"), (6, "手机"),
        (7, "姓名"), (8, "机构"),
    ]  # fmt: skip


@pytest.mark.parametrize("word, column", [("name", "姓名"), ("email", "电子邮箱"), ("code", "行政区划代码")])
def test_formulas_are_refused_wherever_they_are(word: str, column: str, city: Person) -> None:
    assert faults(city, changed(**{word: '=HYPERLINK("http://x","y")'})) == [(2, column)]


def test_who_is_there_already_or_invited_is_told(city: Person) -> None:
    there = make_person("clerk", region="140928")
    bringing.bring_in(by=city, name="人员.xlsx", contents=book(GOOD), now=NOW)
    assert faults(city, changed(name=there.name), GOOD) == [(2, "姓名"), (3, "姓名")]


def test_a_place_elsewhere_is_answered_as_one_that_is_not_there(city: Person) -> None:
    make_organisation("220122")
    told = []
    for code, name in (("220122", "220122 水利局"), ("220199", "220199 水利局"), ("140000", "140000 水利局")):
        with pytest.raises(WrongRows) as wrong:
            bringing.bring_in(by=city, name="人员.xlsx", contents=book(changed(code=code, organisation=name)), now=NOW)
        [fault] = wrong.value.rows
        told.append((fault.column, fault.message.replace(code, "")))
    assert len(set(told)) == 1
    county = make_person("administer", region="140932")
    assert faults(county, GOOD) == [(2, "行政区划代码")]


def test_a_file_cannot_try_out_sign_in_names(city: Person) -> None:
    elsewhere = make_person(region="220122")
    contents = book([*GOOD, elsewhere.username], head=[*HEAD, "登录名"])
    [made] = bringing.bring_in(by=city, name="人员.xlsx", contents=contents, now=NOW)
    assert made.invitation.username != elsewhere.username
    assert faults(city, changed(name="新人", email="x"), changed(name=elsewhere.name, email="x")) == [
        (2, "电子邮箱"), (3, "电子邮箱"),
    ]  # fmt: skip


def test_a_closed_organisation_invites_nobody(city: Person) -> None:
    Organisation.objects.filter(region_id="140928").update(active=False)
    assert faults(city, GOOD) == [(2, "行政区划代码")]


def test_where_there_are_two_organisations_one_has_to_say_which(city: Person) -> None:
    Organisation.objects.create(region_id="140928", name="水保站", kind="technical")
    assert faults(city, changed(organisation=None)) == [(2, "机构")]


def test_a_file_that_is_none_of_ours_is_refused(city: Person) -> None:
    assert refused(city, b"x" * 20) == "not-a-workbook"
    assert refused(city, book(GOOD), name="人员.xlsm") == "not-a-workbook"
    assert refused(city, book()) == "nobody"
    assert refused(city, book(GOOD, head=["代码", "名"])) == "no-column"
    assert refused(city, book(*[changed(name=f"人{at}") for at in range(bringing.MOST + 1)])) == "too-many"
    assert refused(city, book(*[changed(name=f"人{at}") for at in range(bringing.MOST + 60)])) == "too-large"
    assert refused(city, b"PK\x03\x04" + b"0" * bringing.LARGEST) == "too-large"
    assert refused(make_person("clerk", region="140900"), book(GOOD)) == "not-an-administrator"


def test_the_template_is_what_is_taken_and_lists_ones_own_region_only(city: Person) -> None:
    make_organisation("220122")
    sheets = load_workbook(io.BytesIO(bringing.template(by=city)))
    assert [cell.value for cell in sheets[bringing.TITLE][1]] == HEAD
    listed = {row[0].value for row in sheets[bringing.ORGANISATIONS].iter_rows(min_row=2)}
    assert listed == {"140900", "140928", "140932"}
    sheet = sheets[bringing.TITLE]
    for at, value in enumerate(GOOD, 1):
        sheet.cell(2, at, value)
    out = io.BytesIO()
    sheets.save(out)
    assert len(bringing.bring_in(by=city, name="人员.xlsx", contents=out.getvalue(), now=NOW)) == 1


def test_from_the_template_to_the_links_in_pages(signed_in: Any) -> None:
    client = signed_in("administer", region="140928")
    name = client.person.organisation.name
    assert client.get("/office/invitations/template/").status_code == 200
    bad = SimpleUploadedFile("人员.xlsx", book(changed(organisation=name, duties="科长")))
    page = client.post("/office/invitations/bring-in/", {"file": bad}).content.decode()
    assert "1 处不合要求" in page
    assert "“科长”不是岗位" in page
    good = SimpleUploadedFile("人员.xlsx", book(changed(organisation=name), changed(organisation=name, name="田二")))
    answer = client.post("/office/invitations/bring-in/", {"file": good})
    page = answer.content.decode()
    assert page.count("http://testserver/office/join/") == 2
    assert "no-store" in answer.headers["Cache-Control"]
    assert "/office/join/" not in client.get("/office/people/").content.decode()
    assert signed_in("clerk", region="140928").get("/office/invitations/bring-in/").status_code == 403

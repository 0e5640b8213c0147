"""What changed stays told: whoever changed it, and however."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pghistory
import pytest
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook
from tests.bureau.delimitation.matrix import make
from tests.bureau.people import make_organisation, make_person

from bureau.delimitation.models import Delimitation, Entry
from bureau.office.models import Appointment, Organisation, Person
from bureau.trail.events import Kind, kinds
from bureau.trail.naming import sign_changes_of_this_process
from bureau.trail.selectors import Wanted, changes, history
from bureau.trail.telling import UNKNOWN

pytestmark = pytest.mark.django_db


def latest(seen_by: Person, **wanted: Any) -> Any:
    """Return the latest change that somebody sees."""
    return changes(person=seen_by, wanted=Wanted(**wanted), count=1)[0]


def test_an_update_of_many_rows_at_once_is_told_row_by_row() -> None:
    rows = [make_organisation(code) for code in ("140928", "140932")]
    Organisation.objects.filter(pk__in=[row.pk for row in rows]).update(kind="technical")
    for row in rows:
        told = history(row)[0]
        assert (told.act_label, [(f.label, f.before, f.after) for f in told.fields]) == (
            "修改", [("类型", "水行政主管部门", "技术支撑单位")],
        )  # fmt: skip


def test_somebodys_own_sql_is_told_and_said_to_come_from_outside() -> None:
    row = make_organisation()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE office_organisation SET name = '改名局' WHERE id = %s", [row.pk])
    told = history(row)[0]
    assert (told.who, told.known, told.name) == (UNKNOWN, False, "改名局")
    assert [(f.label, f.before, f.after) for f in told.fields] == [("名称", "140928 水利局", "改名局")]


def test_what_is_deleted_stays_told() -> None:
    row = Organisation.objects.create(region_id="140928", name="短命站")
    pk = row.pk
    row.delete()
    told = latest(make_person("administer", region="140928"), kind="office.organisation", pk=str(pk))
    assert (told.act_label, told.name) == ("删除", "短命站")
    assert ("名称", "短命站", "—") in [(f.label, f.before, f.after) for f in told.fields]


def test_a_page_tells_who_where_and_why(signed_in: Callable[..., Client]) -> None:
    client = signed_in("administer", region="140900")
    whom = make_person(region="140928")
    address = reverse("office:switch", args=[whom.pk])
    client.post(address, {"reason": "调离本单位"})
    told = history(whom)[0]
    who: Person = client.person  # type: ignore[attr-defined]
    assert (told.who, told.page, told.reason) == (who.name, address, "调离本单位")
    assert [(f.label, f.before, f.after) for f in told.fields] == [("在用", "是", "否")]


def test_the_worker_and_commands_sign_what_they_change() -> None:
    from django.db.backends.signals import connection_created

    row = make_organisation()
    try:
        sign_changes_of_this_process(["manage", "procrastinate", "worker"])
        connection_created.send(sender=type(connection), connection=connection)
        Organisation.objects.filter(pk=row.pk).update(name="甲")
        with pghistory.context(name="某人", page="/office/"):
            Organisation.objects.filter(pk=row.pk).update(name="乙")
        told = history(row)
    finally:
        connection_created.disconnect(dispatch_uid="bureau.trail.naming")
        with connection.cursor() as cursor:
            cursor.execute("RESET pghistory.context_id; RESET pghistory.context_metadata")
    assert [(c.who, c.page) for c in told[:2]] == [
        ("某人", "/office/"),
        ("后台任务", "bureau manage procrastinate worker"),
    ]


def test_names_stand_for_keys_and_words_for_codes() -> None:
    who = make_person("approve", region="140928")
    told = history(who.appointments.get())[0]
    fields = {f.label: f.after for f in told.fields}
    assert fields == {"人员": who.name, "岗位": "批准", "自": "2020-01-01"}


def test_stages_and_kinds_of_records_are_told_in_chinese() -> None:
    one = make("140928")
    Delimitation.objects.filter(pk=one.pk).update(stage="examination")
    Delimitation.objects.filter(pk=one.pk).update(stage="announcement")
    assert [(f.label, f.before, f.after) for f in history(one)[0].fields] == [("阶段", "审核", "公告")]
    entry = Entry.objects.create(
        delimitation=one, sequence=1, kind="stage", kind_name="阶段", number=1, stage="mapping"
    )
    assert {"阶段", "上图入库"} <= {f.after for f in history(entry)[0].fields}


def test_passwords_are_not_told() -> None:
    who = make_person()
    before = len(history(who))
    who.set_password("Another-good-1")
    who.save()
    assert len(history(who)) == before
    assert "password" not in {f.name for f in kinds()["office.person"].events._meta.fields}


@pytest.mark.parametrize(
    "act", ["DELETE FROM office_organisationevent", "UPDATE office_organisationevent SET name = 'x'"]
)
def test_an_event_can_be_neither_changed_nor_deleted(act: str) -> None:
    make_organisation()
    with pytest.raises(Error, match="append_only|Cannot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act)


def test_who_did_it_can_not_be_deleted_and_after_a_day_not_be_changed() -> None:
    with pghistory.context(person=1, name="某人"):
        make_organisation("140932")
    with pytest.raises(Error, match="不可删除"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM pghistory_context")
    old = timezone.now() - timedelta(days=2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pghistory_context SET created_at = %s", [old])  # made older while it is young
    with pytest.raises(Error, match="不可修改"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE pghistory_context SET metadata = '{}'")


@pytest.mark.parametrize(
    "region, sees",
    [("140928", {"140928"}), ("140900", {"140928", "140932"}), ("220000", {"220122"}), ("140121", set())],
)
def test_changes_of_another_county_are_not_seen(region: str, sees: set[str]) -> None:
    who = make_person("administer", region=region)
    for code in ("140928", "140932", "220122"):
        Organisation.objects.create(region_id=code, name="留痕站")
    told = changes(person=who, wanted=Wanted(kind="office.organisation", act="insert"), count=99)
    assert {change.name: 1 for change in told if change.name == "留痕站"} == ({"留痕站": 1} if sees else {})
    assert len([c for c in told if c.name == "留痕站"]) == len(sees)


def test_rows_without_a_region_are_for_provinces_and_the_nation(monkeypatch: pytest.MonkeyPatch) -> None:
    make_organisation("140928")
    kind = kinds()["office.organisation"]
    monkeypatch.setattr(Kind, "path", None)
    assert [kind.seen_by(scope).exists() for scope in (None, "140928", "1409", "14", "")] == [
        False,
        False,
        False,
        True,
        True,
    ]


def test_who_moves_to_another_county_leaves_their_past_where_it_was() -> None:
    whom = make_person(region="140928")
    Person.objects.filter(pk=whom.pk).update(organisation=make_organisation("140932"))
    here, there = (make_person("administer", region=code) for code in ("140928", "140932"))
    assert [c.act for c in changes(person=here, wanted=Wanted(kind="office.person", pk=str(whom.pk)))] == ["insert"]
    assert [c.act for c in changes(person=there, wanted=Wanted(kind="office.person", pk=str(whom.pk)))] == ["update"]


def test_changes_are_narrowed_by_kind_act_person_and_day(signed_in: Callable[..., Client]) -> None:
    client = signed_in("administer", region="140900")
    who: Person = client.person  # type: ignore[attr-defined]
    whom = make_person(region="140928")
    client.post(reverse("office:person", args=[whom.pk]), {"duties": ["view"]})
    told = latest(who, kind="office.appointment", act="insert", who=who.name)
    assert told.name == f"{whom.name} 查阅"
    assert not changes(person=who, wanted=Wanted(who="无此人"))
    assert all(change.who == UNKNOWN for change in changes(person=who, wanted=Wanted(who="-")))
    today = timezone.localdate()
    assert changes(person=who, wanted=Wanted(since=today, until=today))
    assert not changes(person=who, wanted=Wanted(until=today - timedelta(days=1)))
    assert not changes(person=who, wanted=Wanted(since=date(2999, 1, 1)))
    assert not changes(person=who, wanted=Wanted(kind="office.person", pk="no number"))
    assert not changes(person=who, wanted=Wanted(kind="no.kind"))


def test_pages_of_changes_follow_each_other_without_gap() -> None:
    who = make_person("administer", region="140900")
    whole = changes(person=who, wanted=Wanted(), count=30)
    halves = [*changes(person=who, wanted=Wanted(), count=4), *changes(person=who, wanted=Wanted(), start=4, count=26)]
    assert [(c.kind.key, c.pk, c.at) for c in whole] == [(c.kind.key, c.pk, c.at) for c in halves]


def test_an_export_says_what_the_page_says_and_holds_no_formula(signed_in: Callable[..., Client]) -> None:
    client = signed_in("administer", region="140900")
    Organisation.objects.create(region_id="140928", name="=cmd|calc")
    sheet = client.get(reverse("trail:export", args=["xlsx"]), {"kind": "office.organisation"}).content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()
    text = client.get(reverse("trail:export", args=["csv"]), {"kind": "office.organisation"}).content.decode(
        "utf-8-sig"
    )
    assert [[str(word) for word in row] for row in rows] == list(csv.reader(io.StringIO(text)))
    assert rows[0][:3] == ["时间", "人员", "动作"]
    assert "'=cmd|calc" in {row[4] for row in rows}
    assert client.get("/trail/export.pdf").status_code == 404


def test_a_page_number_without_sense_is_the_first_page(signed_in: Callable[..., Client]) -> None:
    client = signed_in("administer", region="140900")
    for query in ("page=x", "page=-3", "page=99999999999"):
        assert client.get(f"{reverse('trail:everything')}?{query}").status_code == 200


@pytest.mark.parametrize(
    "query, field",
    [
        ("since=yesterday", "自"), ("kind=nothing", "对象类型"), ("act=swallow", "动作"), ("until=9999-12-31", "至"),
        ("since=0001-01-01", "自"), ("since=2026-03-05&until=2026-03-04", "自"),
    ],
)  # fmt: skip
def test_a_filter_without_sense_is_told_and_nothing_is_exported(
    query: str, field: str, signed_in: Callable[..., Client]
) -> None:
    client = signed_in("administer", region="140900")
    page = client.get(f"{reverse('trail:everything')}?{query}")
    assert page.status_code == 200
    assert f"筛选条件不可用，没有列出任何记录。“{field}”" in page.content.decode()
    assert '<span class="wrong">' in page.content.decode()
    assert "不在可用的选项中" not in page.content.decode()
    assert '<ol class="trail">' not in page.content.decode()
    for form in ("xlsx", "csv"):
        assert client.get(f"{reverse('trail:export', args=[form])}?{query}").status_code == 400


def test_the_history_of_a_thing_is_on_its_own_page(signed_in: Callable[..., Client]) -> None:
    client = signed_in("administer", region="140900")
    whom = make_person(region="140928")
    Appointment.objects.create(person=whom, duty="view", since=date(2026, 1, 1))
    shown = client.get(reverse("office:person", args=[whom.pk])).content.decode()
    assert "变更记录" in shown
    assert reverse("trail:of_one", args=["office.person", whom.pk]) in shown


def test_every_field_of_every_tracked_model_has_a_chinese_name() -> None:
    wanting = [
        f"{kind.key}.{field.name}"
        for kind in kinds().values()
        for field in kind.model._meta.concrete_fields
        if not field.primary_key and field.attname in {f.attname for f in kind.events._meta.concrete_fields}
        if str(field.verbose_name).isascii()
    ]
    assert not wanting, f"tracked fields without a Chinese name: {', '.join(wanting)}"


def test_people_of_the_same_name_are_told_apart_by_their_sign_in_name(signed_in: Callable[..., Client]) -> None:
    client = signed_in("administer", region="140900")
    who: Any = client.person  # type: ignore[attr-defined]
    whom = make_person(region="140928")
    client.post(reverse("office:person", args=[whom.pk]), {"duties": ["view"]})
    assert latest(who, kind="office.appointment", act="insert", who=who.name).who == who.name
    type(whom).objects.filter(pk=whom.pk).update(name=who.name)
    told = latest(who, kind="office.appointment", act="insert", who=who.name)
    assert told.who == f"{who.name}（{who.username}）"
    assert f"{who.name}（{whom.username}）" in {field.after for field in told.fields}
    assert latest(who, kind="office.person", act="update").name == f"{who.name}（{whom.username}）"

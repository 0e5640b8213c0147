"""Comments as a file: all of them or none, faults told by row, nothing of another county, nothing that hides something."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.bureau.delimitation.zoned import NOW, PIANGUAN, WUZHAI, XINZHOU

from bureau.commissions.sandbox import Refused
from bureau.delimitation import comment_files, comment_reading
from bureau.delimitation.comment_files import take_in_file
from bureau.delimitation.models import Comment, Delimitation
from bureau.office.models import Person
from bureau.refusal import Refusal

People = Callable[..., Person]
HEADS = ("单位", "提出人", "图斑编号", "意见", "态度", "日期", "经度", "纬度")
A, B = f"{WUZHAI}-0001", f"{PIANGUAN}-0001"
GOOD = (
    ("五寨县水务局", "王某", A, "界线偏西", "建议调整", "2026-03-01", "", ""),
    ("偏关县水利局", "", B, "", "同意", "", "", ""),
    ("某林场", "", "", "这里是林地", "", "", "", ""),
)


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Read in this process, as the child does; that it is one is held by a slow test."""

    def told(module: str, words: Any, *, seconds: int) -> dict[str, Any]:
        assert module == "bureau.delimitation.comment_reading"
        folder = tmp_path / f"bench-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        try:
            return comment_reading.read({**words, "folder": str(folder)})
        except (comment_reading.Refused, comment_reading.ShuibaoError) as wrong:
            raise Refused(getattr(wrong, "zh", str(wrong))) from wrong

    monkeypatch.setattr(comment_files, "told_by", told)


def csv_of(rows: Any = GOOD, name: str = "意见.csv") -> SimpleUploadedFile:
    """Return a table as somebody would upload it."""
    lines = [",".join(HEADS), *(",".join(row) for row in rows)]
    return SimpleUploadedFile(name, "\n".join(lines).encode())


def xlsx_of(rows: Any = GOOD, name: str = "意见.xlsx") -> SimpleUploadedFile:
    """Return a workbook as somebody would upload it."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (HEADS, *rows):
        book.active.append(list(row))
    book.save(out)
    return SimpleUploadedFile(name, out.getvalue())


def gpkg_of(path: Path, shapes: list[Any], code: str = "") -> SimpleUploadedFile:
    """Return a layer as somebody would upload it."""
    size = len(shapes)
    columns = {"单位": ["五寨县水务局"] * size, "意见": [f"第{k}处" for k in range(size)], "图斑编号": [code] * size}
    pyogrio.raw.write(
        path, np.array([shapely.to_wkb(shape) for shape in shapes], dtype=object),
        [np.array(values, dtype=object) for values in columns.values()], list(columns), crs="EPSG:4490",
        geometry_type="Unknown", driver="GPKG",
    )  # fmt: skip
    return SimpleUploadedFile(path.name, path.read_bytes())


@pytest.mark.parametrize("made", [csv_of, xlsx_of])
def test_a_table_is_taken_in_as_the_command_line_does_and_counties_see_their_own(
    made: Callable[[], SimpleUploadedFile], delimitation: Delimitation, person: People
) -> None:
    clerk = person("clerk", region=XINZHOU)
    taken = take_in_file(by=clerk, delimitation=delimitation, file=made(), now=NOW)
    assert (taken.numbers, taken.known, taken.unplaced) == ([1, 2, 3], 0, 1)
    first, second, third = Comment.objects.order_by("number")
    assert (first.unit, first.codes, first.opinion, first.on, first.by) == (
        "五寨县水务局", [A], "adjust", "2026-03-01", clerk,
    )  # fmt: skip
    assert [one.region_id for one in (first, second, third)] == [WUZHAI, PIANGUAN, XINZHOU]
    assert [one.number for one in Comment.objects.for_person(person("view", region=WUZHAI))] == [1]
    more = (*GOOD, ("岢岚县", "", "", "又一条", "", "", "", ""))
    again = take_in_file(by=clerk, delimitation=delimitation, file=csv_of(more), now=NOW)
    assert (again.numbers, again.known) == ([4], 3)
    with pytest.raises(Refusal, match="都已登记过"):
        take_in_file(by=clerk, delimitation=delimitation, file=csv_of(), now=NOW)
    assert not list((Path(delimitation.folder).parents[1] / "media/incoming").iterdir()), "the upload is not kept aside"


def test_faults_are_told_by_row_and_nothing_is_taken(
    delimitation: Delimitation, signed_in: Callable[..., Client]
) -> None:
    client = signed_in("clerk", region=XINZHOU)
    rows = (GOOD[0], ("", "", A, "x", "", "", "", ""), ("某单位", "", A, "x", "随便", "", "", ""),
            ("某单位", "", A, "x", "", "某日", "", ""))  # fmt: skip
    page = client.post(f"/delimitation/{delimitation.pk}/comments/file/", {"file": csv_of(rows)}).content.decode()
    for told in (
        "有 3 条不合要求",
        "第 2 条：没有写明单位",
        "第 3 条：态度「随便」不认识",
        "第 4 条：日期「某日」读不出来",
    ):
        assert told in page, told
    long = (("某单位", "", A, "长" * 2001, "", "", "", ""), ("某单位", "", A, "x", "", "", "", ""))
    page = client.post(f"/delimitation/{delimitation.pk}/comments/file/", {"file": csv_of(long)}).content.decode()
    assert "第 1 条：意见有 2001 个字，最多 2000" in page
    assert not Comment.objects.exists()
    assert client.get(f"/delimitation/{delimitation.pk}/history/").status_code == 200


def test_the_page_takes_a_file_and_leads_to_what_came_in(
    delimitation: Delimitation, signed_in: Callable[..., Client]
) -> None:
    client = signed_in("clerk", region=XINZHOU)
    page = client.get(f"/delimitation/{delimitation.pk}/comments/").content.decode()
    assert "批量登记意见" in page
    form = client.get(f"/delimitation/{delimitation.pk}/comments/file/").content.decode()
    assert "图斑编号" in form
    answer = client.post(f"/delimitation/{delimitation.pk}/comments/file/", {"file": xlsx_of()}, follow=True)
    assert "已登记 3 条意见；1 条没有对应到区域或对应到多个" in answer.content.decode()
    assert signed_in("view", region=XINZHOU).get(f"/delimitation/{delimitation.pk}/comments/file/").status_code == 403
    assert "批量登记意见" not in signed_in("view", region=XINZHOU).get(page_of(delimitation)).content.decode()


def page_of(delimitation: Delimitation) -> str:
    """Return the address of the comments."""
    return f"/delimitation/{delimitation.pk}/comments/"


def test_a_county_hands_in_comments_on_its_own_land_only_and_another_city_none(
    delimitation: Delimitation, person: People
) -> None:
    county = person("clerk", region=WUZHAI)
    with pytest.raises(Refusal, match=f"第 2 条：本辖区没有编号为 {B} 的区域"):
        take_in_file(by=county, delimitation=delimitation, file=csv_of(), now=NOW)
    assert not Comment.objects.exists()
    taken = take_in_file(by=county, delimitation=delimitation, file=csv_of(GOOD[:1]), now=NOW)
    assert taken.numbers == [1]
    assert Comment.objects.get().region_id == WUZHAI
    province = take_in_file(
        by=person("clerk", region="140000"), delimitation=delimitation, file=csv_of(GOOD[2:]), now=NOW
    )
    assert Comment.objects.get(number=province.numbers[0]).region_id == XINZHOU, "who compiles the zones sees it"
    with pytest.raises(Refusal, match="可以为它登记意见"):
        take_in_file(by=person("clerk", region="220122"), delimitation=delimitation, file=csv_of(), now=NOW)


def test_shapes_of_a_geopackage_are_places_and_wrong_ones_are_refused_by_row(
    delimitation: Delimitation, person: People, tmp_path: Path
) -> None:
    clerk = person("clerk", region=XINZHOU)
    inside = shapely.from_wkb(bytes(delimitation.zones.get(code=A).geometry.point_on_surface.wkb))
    bow = shapely.Polygon([(111, 39), (112, 40), (112, 39), (111, 40)])
    line = shapely.LineString([(111, 39), (112, 40)])
    with pytest.raises(Refusal) as refused:
        take_in_file(
            by=clerk, delimitation=delimitation, file=gpkg_of(tmp_path / "a.gpkg", [inside, bow, line]), now=NOW
        )
    assert "第 2 条：位置的图形不能用：边界自己相交" in refused.value.message
    assert "第 3 条：位置应为点或面" in refused.value.message
    assert not Comment.objects.exists()
    taken = take_in_file(by=clerk, delimitation=delimitation, file=gpkg_of(tmp_path / "b.gpkg", [inside]), now=NOW)
    assert taken.unplaced == 0
    one = Comment.objects.get()
    assert one.codes == [A]
    assert one.place is not None


@pytest.mark.parametrize("name, content, told", [
    ("意见.docx", b"x", "不能登记"), ("意见.csv", b"", "应大于 0"), ("意见.gpkg", b"<OGRVRTDataSource>", "不是 GeoPackage"),
    ("意见.xlsx", b"a,b\n1,2", "不是 XLSX"), ("意见.csv", "随便写的一行".encode(), "没有表头"),
    ("意见.csv", "单位,意见\n".encode(), "没有意见"), ("意见.zip", b"PK", "压缩包损坏"),
])  # fmt: skip
def test_what_is_no_file_of_comments_is_refused(
    name: str, content: bytes, told: str, delimitation: Delimitation, person: People
) -> None:
    with pytest.raises(Refusal, match=told):
        take_in_file(
            by=person("clerk", region=XINZHOU),
            delimitation=delimitation,
            file=SimpleUploadedFile(name, content),
            now=NOW,
        )
    assert not Comment.objects.exists()


@pytest.mark.slow
def test_it_is_a_child_in_the_sandbox_that_opens_the_file(
    delimitation: Delimitation, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bureau.commissions.sandbox import told_by

    monkeypatch.setattr(comment_files, "told_by", told_by)
    clerk = person("clerk", region=XINZHOU)
    assert take_in_file(by=clerk, delimitation=delimitation, file=xlsx_of(), now=NOW).numbers == [1, 2, 3]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in ("shp", "shx", "dbf", "prj"):
            archive.writestr(f"../a.{part}", b"x")
    for name, content in (
        ("意见.zip", packed.getvalue()),
        ("意见.csv", csv_of((("", "", "", "x", "", "", "", ""),)).read()),
    ):
        with pytest.raises(Refusal):
            take_in_file(by=clerk, delimitation=delimitation, file=SimpleUploadedFile(name, content), now=NOW)
    assert Comment.objects.count() == 3

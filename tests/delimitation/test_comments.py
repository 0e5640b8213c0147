"""Comments are matched to zones by code or place, and answered one by one; what matches none or two is told."""

import numpy as np
import pytest
import shapely
from openpyxl import Workbook
from pyproj import CRS, Transformer
from tests.delimitation.zone_folder import ACT, RULES, THEME, X0, Y0, drawn_folder, edit, handed_in, journal, square

from shuibao.delimitation.life.answering import answer, assign, take_in
from shuibao.delimitation.life.comments import comment_rows, comments_of, open_comments
from shuibao.delimitation.life.verifying import verify
from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geoparquet
from shuibao.messages import CallError, ShuibaoError

HEAD = ["单位", "提出人", "图斑编号", "意见内容", "日期", "态度", "经度", "纬度"]


def workbook(path, *rows, head=HEAD, title=True):
    book = Workbook()
    sheet = book.active
    if title:
        sheet.append(["征求意见反馈表"])
    sheet.append(head)
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def degrees(column, row):
    move = Transformer.from_crs(national_crs(), 4490, always_xy=True)
    return list(move.transform(X0 + column * 1000, Y0 + row * 1000))


@pytest.fixture
def drawn(tmp_path):
    return drawn_folder(tmp_path)


def take(folder, path, **options):
    return take_in(folder, THEME, path, ACT, RULES, **options)


def test_who_says_that_he_agrees_and_no_more_agrees(drawn):
    (drawn / "c.csv").write_text("单位,意见\n甲县,同意。\n乙县,无意见\n丙县,同意调整边界\n", "utf-8")
    comments, _ = take(drawn, drawn / "c.csv")
    assert [(c.opinion, c.placed) for c in comments] == [("agree", True), ("agree", True), ("adjust", False)]


def test_a_table_is_matched_by_code_then_by_place(drawn):
    path = workbook(
        drawn / "c.xlsx",
        ["忻府区水利局", "王五", "A1", "边界偏大", "2024年8月1日", "调整", None, None],
        ["忻府区林草局", "赵六", None, "不应划入", "2024-08-02", "异议", *degrees(5.5, 5.5)],
        ["忻府区自然资源局", None, "OLD-7", "编号是旧的", "20240803", "调整", *degrees(2.5, 0.5)],
        ["忻府区政府", None, "B1", None, None, "同意", None, None],
    )
    comments, known = take(drawn, path)
    assert known == 0
    assert [(c.state, c.codes, c.opinion, c.date) for c in comments] == [
        ("matched", ("A1",), "adjust", "2024-08-01"), ("matched", ("B1",), "object", "2024-08-02"),
        ("matched", ("A3",), "adjust", "2024-08-03"), ("matched", ("B1",), "agree", ""),
    ]  # fmt: skip
    assert "OLD-7" in comments[2].reason


def test_what_matches_no_zone_or_two_is_told_with_the_reason(drawn):
    path = workbook(
        drawn / "c.xlsx",
        ["甲局", None, "X9", "没有这个图斑", None, "调整", None, None],
        ["乙局", None, None, "离得远", None, "调整", *degrees(8, 8)],
        ["丙局", None, None, "在两个图斑的边上", None, "调整", *degrees(1, 0.5)],
        ["丁局", None, None, "哪里都没说", None, "调整", None, None],
    )
    comments, _ = take(drawn, path)
    assert [c.state for c in comments] == ["none", "none", "several", "none"]
    assert "X9" in comments[0].reason
    assert "B1" in comments[1].reason
    assert comments[2].codes == ("A1", "A2")
    with pytest.raises(ShuibaoError, match="shuibao zones assign"):
        answer(drawn, THEME, 3, "adopt", ACT, RULES)
    assign(drawn, THEME, 3, ["A2"], ACT, RULES)
    answer(drawn, THEME, 3, "adopt", ACT, RULES)
    assert comments_of(journal(drawn))[2].codes == ("A2",)
    with pytest.raises(ShuibaoError, match="X9"):
        assign(drawn, THEME, 1, ["X9"], ACT, RULES)


def test_a_layer_is_matched_by_the_zone_that_holds_a_part_that_counts(drawn):
    shapes = {"p": square(0.2, 0.2, 0.5, 0.5), "q": square(0.95, 0.2, 0.9, 0.5), "r": square(0.5, 0.2, 1, 0.5)}
    path = handed_in(drawn / "c.gpkg", shapes, unit=["甲局"] * 3, 意见=["小", "大", "中"])
    comments, _ = take(drawn, path)
    assert [(c.state, c.codes) for c in comments] == [
        ("matched", ("A1",)), ("matched", ("A2",)), ("several", ("A1", "A2")),
    ]  # fmt: skip


def test_points_of_a_layer_in_degrees_are_matched(drawn):
    shapes = np.array([shapely.Point(*degrees(5.5, 5.5))], dtype=object)
    write_geoparquet(drawn / "c.parquet", {"unit": ["甲局"], "text": ["x"]}, shapes, CRS.from_epsg(4490))
    comments, _ = take(drawn, drawn / "c.parquet")
    assert comments[0].codes == ("B1",)


def test_the_same_file_twice_adds_nothing(drawn):
    path = workbook(drawn / "c.xlsx", ["甲局", None, "A1", "x", None, None, None, None])
    take(drawn, path)
    with pytest.raises(ShuibaoError, match="都已登记过"):
        take(drawn, path)
    more = workbook(
        drawn / "d.xlsx",
        ["甲局", None, "A1", "x", None, None, None, None],
        ["甲局", None, "A2", "y", None, None, None, None],
    )
    comments, known = take(drawn, more)
    assert ([c.number for c in comments], known) == ([2], 1)


def test_a_table_in_gbk_is_read(drawn):
    (drawn / "c.csv").write_bytes("单位,意见,编号\n忻府区水利局,边界偏大,A1\n".encode("gbk"))
    comments, _ = take(drawn, drawn / "c.csv")
    assert (comments[0].unit, comments[0].codes) == ("忻府区水利局", ("A1",))


@pytest.mark.parametrize(
    "row, words",
    [
        (["", None, "A1", "x", None, "调整", None, None], "没有写明单位"),
        (["甲局", None, "A1", "", None, "异议", None, None], "没有意见内容"),
        (["甲局", None, "A1", "x", "下周", "调整", None, None], "下周"),
        (["甲局", None, "A1", "x", None, "也许", None, None], "也许"),
        (["甲局", None, None, "x", None, "调整", 999, 38], "999"),
    ],
)
def test_a_wrong_row_is_refused_by_its_number(drawn, row, words):
    path = workbook(drawn / "c.xlsx", ["甲局", None, "A1", "好", None, "同意", None, None], row)
    with pytest.raises(ShuibaoError, match=f"第 2 条.*{words}|{words}"):
        take(drawn, path)
    assert journal(drawn) == []


def test_a_table_without_a_heading_or_without_rows_is_refused(drawn):
    with pytest.raises(ShuibaoError, match="没有表头"):
        take(drawn, workbook(drawn / "a.xlsx", head=["甲", "乙"]))
    with pytest.raises(ShuibaoError, match="没有意见"):
        take(drawn, workbook(drawn / "b.xlsx"))
    (drawn / "c.xlsx").write_bytes(b"not a workbook")
    with pytest.raises(ShuibaoError, match="不是可读的 XLSX"):
        take(drawn, drawn / "c.xlsx")


def test_answers_name_what_became_of_a_comment_and_stay_on_record(drawn):
    path = workbook(drawn / "c.xlsx", ["甲局", "王五", "A1", "偏大", None, "调整", None, None])
    take(drawn, path)
    assert [c.number for c in open_comments(journal(drawn))] == [1]
    with pytest.raises(CallError, match="没有第 1 次修改"):
        answer(drawn, THEME, 1, "adopt", ACT, RULES, edit=1)
    edit(drawn, remove=("A3",))
    answer(drawn, THEME, 1, "reject", ACT, RULES)
    answer(drawn, THEME, 1, "adopt", ACT, RULES, edit=1)
    (row,) = comment_rows(comments_of(journal(drawn)), RULES)
    assert (row["outcome"], row["edit"], row["answered_by"]) == ("采纳", 1, "张三")
    assert open_comments(journal(drawn)) == []
    assert sum(r.kind == "answer" for r in journal(drawn)) == 2
    assert verify(drawn, THEME).findings == ()


def test_a_comment_or_an_outcome_that_is_not_there_is_refused(drawn):
    take(drawn, workbook(drawn / "c.xlsx", ["甲局", "王五", "A1", "偏大", None, "调整", None, None]))
    with pytest.raises(CallError, match="没有第 2 条意见"):
        answer(drawn, THEME, 2, "adopt", ACT, RULES)
    with pytest.raises(CallError, match="maybe"):
        answer(drawn, THEME, 1, "maybe", ACT, RULES)


def test_a_table_takes_no_other_coordinates_and_no_layer(drawn):
    path = workbook(drawn / "c.xlsx", ["甲局", None, None, "x", None, None, *degrees(5.5, 5.5)])
    with pytest.raises(CallError, match="EPSG:1 "):
        take(drawn, path, crs="EPSG:1 ")
    with pytest.raises(CallError, match="以度计"):
        take(drawn, path, crs="EPSG:4547")
    with pytest.raises(CallError, match="以度计"):
        take(drawn, path, sheet="Sheet1")
    assert take(drawn, path, crs="EPSG:4490")[0][0].codes == ("B1",)


@pytest.mark.parametrize("place", [["东经112.7", "38.4"], [112.7, None], [None, 38.4], ["112°42′", "38°24′"]])
def test_a_place_that_is_no_pair_of_degrees_is_not_passed_over(drawn, place):
    path = workbook(drawn / "c.xlsx", ["忻府区水利局", None, "A1", "边界偏大", None, "调整", *place])
    with pytest.raises(ShuibaoError, match="第 1 条的经度.*不是一对十进制度"):
        take(drawn, path)

"""The one-page opinion: what it says, what it marks, the same bytes, and what it refuses."""

from __future__ import annotations

import io
import shutil
import subprocess
import warnings
import zipfile
from datetime import date
from pathlib import Path

import docx
import matplotlib
import numpy as np
import pytest
import shapely
from matplotlib.axes import Axes
from matplotlib.image import imread
from tests.delimitation.zoned_region import BOTTOM, LEFT, box, write_shapes, zoned_region

from shuibao.cli import run
from shuibao.delimitation.control.finding import Answer, Control, ask, open_control
from shuibao.delimitation.control.projects import Projects
from shuibao.messages import ShuibaoError
from shuibao.report.location_map import AROUND, COLORS, LEAST, ROOM, location_map
from shuibao.report.opinion import EVERYWHERE, MOST_ZONES, Letter, largest_zones, owed_duties, write_opinion, zone_table

LETTER = Letter("采石场改扩建工程", "某县发展和改革局", "某县水利局", "某水函〔2026〕12号", date(2026, 3, 1))


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Control:
    return open_control(zoned_region(tmp_path_factory.mktemp("opinion") / "region"))


def about(control: Control, shape: shapely.Geometry) -> Answer:
    return ask(control, Projects(("采石场",), (1,), np.array([shape], dtype=object), (), "a.gpkg"))


def words(path: Path) -> str:
    """Return all text of a document, that of nested tables too."""
    tag = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
    return "\n".join(node.text or "" for node in docx.Document(str(path)).element.body.iter(tag))


def written(control: Control, shape: shapely.Geometry, path: Path, letter: Letter = LETTER) -> str:
    write_opinion(about(control, shape), letter, path)
    return words(path)


def test_it_says_who_asked_where_the_project_lies_and_what_follows(control: Control, tmp_path: Path) -> None:
    text = written(control, box(800, 500, 1000, 700), tmp_path / "a.docx")
    for said in (
        *("某县发展和改革局：", "某水函〔2026〕12号", "2026年3月1日", "某县水利局", "模拟数据"),
        *("项目范围面积 4.00 hm²", "4.00 hm²（100.00 %）", "西预防区", "国家级重点预防区", "2.00", "50.00"),
        *("第十五条", "第十八条", "初步成果"),
    ):
        assert said in text, said


def test_drafts_and_what_is_told_in_other_words_are_marked(control: Control, tmp_path: Path) -> None:
    text = written(control, box(800, 500, 1000, 700), tmp_path / "a.docx")
    assert "限制或者禁止可能造成水土流失的生产建设活动。（大意）【草案】" in text
    assert "并征求同级水行政主管部门意见。\n" in text
    assert "标【草案】的规定未读到原文" in text
    assert "条号待核" in text


def test_land_in_no_zone_is_told_the_nearest_and_what_holds_everywhere(control: Control, tmp_path: Path) -> None:
    text = written(control, box(1600, 1300, 1700, 1400), tmp_path / "a.docx")
    assert "不在已划定的水土保持重点区域内；最近的是重点治理区“东治理区”，相距约 100 m" in text
    assert EVERYWHERE in text
    assert "第十五条" not in text


def test_points_and_lines_are_told_in_their_own_measure(control: Control, tmp_path: Path) -> None:
    line = shapely.LineString([(LEFT + 800, BOTTOM + 1000), (LEFT + 1000, BOTTOM + 1000)])
    text = written(control, line, tmp_path / "a.docx")
    assert "项目线路长 0.200 km" in text
    assert "长度/km" in text
    text = written(control, shapely.Point(LEFT + 900, BOTTOM + 1000), tmp_path / "b.docx")
    assert "项目位置（点）" in text
    assert "在界线上" in text


def test_blanks_are_left_for_what_is_not_given(control: Control, tmp_path: Path) -> None:
    text = written(control, box(0, 0, 50, 50), tmp_path / "a.docx", Letter("厂"))
    assert "〔　　　〕　　号" in text
    assert "年　月　日" in text


def test_two_writings_have_the_same_bytes_and_no_time_of_now(control: Control, tmp_path: Path) -> None:
    for name in ("a.docx", "b.docx"):
        written(control, box(800, 500, 1000, 700), tmp_path / name)
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_table_sums_up_what_it_does_not_list(tmp_path: Path, control: Control) -> None:
    strips = [box(k * 20, 1500, k * 20 + 10, 1600) for k in range(12)]
    more = write_shapes(tmp_path / "more.gpkg", strips, [f"条{k}" for k in range(12)])
    many = open_control(control.region.folder, [more], kind="severe", level="county")
    answer = about(many, box(0, 1490, 300, 1610))
    listed = largest_zones(answer, 0)
    _, rows = zone_table(answer, 0, listed)
    assert len(listed) == MOST_ZONES
    assert rows[0][1] == "西预防区"
    assert rows[-1][1] == "其余 6 个区域"
    assert sum(float(row[3]) for row in rows) == pytest.approx(answer.hits.measure.sum() / 1e4)


def test_the_one_who_asks_is_not_told_what_authorities_owe(control: Control) -> None:
    owed = owed_duties(about(control, box(800, 500, 1000, 700)), 0)
    assert owed
    assert all(duty.activity != "management" for duty in owed)
    own = [bool(duty.kinds) for duty in owed]
    assert own == sorted(own, reverse=True)


def test_the_map_shows_project_zones_and_numbers_in_the_same_bytes(control: Control) -> None:
    answer = about(control, box(800, 500, 1000, 700))
    picture = location_map(answer, 0, largest_zones(answer, 0))
    assert picture == location_map(answer, 0, largest_zones(answer, 0))
    assert b"matplotlib" not in picture
    pixels = imread(io.BytesIO(picture))[..., :3].reshape(-1, 3)
    blue = (np.abs(pixels - np.array([0x14, 0x38, 0xB8]) / 255) < 0.02).all(axis=1)
    assert blue.sum() > 100
    treatment = np.array([int(COLORS["treatment"][0][k : k + 2], 16) for k in (1, 3, 5)]) / 255 * 0.55 + 0.45
    assert (np.abs(pixels - treatment) < 0.02).all(axis=1).mean() > 0.02


def letters_on(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[float, float]]:
    """Return what is written on a map, and where."""
    found, write = {}, Axes.text

    def spy(axes: Axes, x: float, y: float, words: str, **options: object) -> object:
        found[words] = (x, y)
        return write(axes, x, y, words, **options)

    monkeypatch.setattr(Axes, "text", spy)
    location_map(answer, 0, largest_zones(answer, 0))
    return found


@pytest.mark.parametrize("font,words", [(True, "模拟数据"), (False, "SIMULATED DATA")])
def test_made_up_land_is_marked_on_the_map_in_chinese_where_there_is_a_font(
    control: Control, monkeypatch: pytest.MonkeyPatch, *, font: bool, words: str
) -> None:
    def none() -> Path:
        raise ShuibaoError("没有字体", "no font")

    def some() -> Path:
        return Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"

    monkeypatch.setattr("shuibao.report.location_map.chinese_font", some if font else none)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the stand-in has no Chinese letters
        assert words in letters_on(about(control, box(800, 500, 1000, 700)), monkeypatch)


def test_numbers_of_zones_that_lie_on_each_other_are_written_side_by_side(
    control: Control, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = write_shapes(tmp_path / "more.gpkg", [box(0, 0, 3000, 3000)] * 4, [f"第{k}区" for k in range(4)])
    many = open_control(control.region.folder, [more], kind="severe", level="county")
    answer = about(many, box(900, 900, 1100, 1100))
    width = 200 * (1 + 2 * AROUND) + 2 * LEAST
    places = [place for words, place in letters_on(answer, monkeypatch).items() if words.isdigit()]
    apart = [np.hypot(*np.subtract(a, b)) for k, a in enumerate(places) for b in places[:k]]
    assert len(places) >= 4
    assert min(apart) >= ROOM * width * 0.999


def test_the_command_writes_it_and_refuses_what_it_cannot(control: Control, tmp_path: Path, capfd) -> None:
    folder, out = control.region.folder, tmp_path / "a.docx"
    file = write_shapes(tmp_path / "p.gpkg", [box(0, 0, 50, 50), box(900, 900, 950, 950)], ["厂", "矿"])
    call = ["zones", "opinion", str(folder), str(out), "--file", str(file)]
    assert run([*call, "--feature", "矿", "--date", "2026-03-01", "--project", "某矿", "--to", "某局"]) == 0
    assert "关于“某矿”水土保持重点区域的意见" in words(out)
    assert run([*call, "--feature", "矿"]) == 2
    assert "已存在" in capfd.readouterr().err
    for more, status, said in (
        ([], 2, "有 2 个这样的项目"),
        (["--feature", "站"], 2, "没有名为「站」的项目"),
        (["--feature", "矿", "--date", "3月1日"], 2, "不是日期；请写成 2024-07-01"),
        (["--feature", "矿", "--lon", "112", "--lat", "38"], 2, "二者取一"),
    ):
        capfd.readouterr()
        assert run([*call, *more, "--force"]) == status
        assert said in capfd.readouterr().err
    assert run([*call[:3], str(tmp_path / "a.pdf"), *call[4:], "--feature", "矿"]) == 2


@pytest.mark.slow
def test_it_is_one_page(control: Control, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice on this machine")
    for name, shape in (("all", box(50, 20, 1000, 700)), ("none", box(1600, 1300, 1700, 1400))):
        written(control, shape, tmp_path / f"{name}.docx")
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
        subprocess.run([*command, str(tmp_path / f"{name}.docx")], check=True, capture_output=True, timeout=180)
        assert (tmp_path / f"{name}.pdf").read_bytes().count(b"/Type/Page\n") + (
            (tmp_path / f"{name}.pdf").read_bytes().count(b"/Type/Page/")
        ) == 1

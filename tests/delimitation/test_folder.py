"""What is drawn is kept, read again as it was, and listed."""

import numpy as np
import pytest
import shapely

from shuibao.delimitation.folder import DRAWN, read_layer, theme_folder, write_layer
from shuibao.delimitation.watching.listing import zone_rows
from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geoparquet
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules
from shuibao.zoning.layer import zone_layer


def a_layer():
    shapes = np.array([shapely.box(0, 0, 300, 100), shapely.box(300, 0, 400, 100)], dtype=object)
    columns = {"code": ["S1", "S2"], "kind": ["severe", "fragile"], "name": ["甲", "乙"], "depth": [1.5, 2.5]}
    return zone_layer("severe_fragile", columns, shapes, national_crs(), {"DATA_KIND": "模拟数据"})


def test_a_layer_is_read_as_it_was_written(tmp_path):
    layer = a_layer()
    write_layer(tmp_path / "zones" / "x.parquet", layer)
    again = read_layer(tmp_path / "zones" / "x.parquet")
    assert again.theme == layer.theme
    assert dict(again.metadata) == {"DATA_KIND": "模拟数据"}
    assert again.crs == layer.crs
    assert shapely.equals_exact(again.geometry, layer.geometry, 0).all()
    assert {k: v.tolist() for k, v in again.columns.items()} == {k: v.tolist() for k, v in layer.columns.items()}


def test_two_writings_have_the_same_bytes(tmp_path):
    write_layer(tmp_path / "a.parquet", a_layer())
    write_layer(tmp_path / "b.parquet", a_layer())
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_zones_are_listed_by_kind(tmp_path):
    write_layer(theme_folder(tmp_path, "severe_fragile") / DRAWN, a_layer())
    rows = zone_rows(tmp_path, load_rules(["national"]))
    assert [(row["kind"], row["zones"], row["area_hm2"]) for row in rows] == [("severe", 1, 3.0), ("fragile", 1, 1.0)]


def test_what_is_not_drawn_says_how_to_draw_it(tmp_path):
    with pytest.raises(ShuibaoError, match="zones draw"):
        read_layer(tmp_path / DRAWN)


def test_a_file_of_other_shapes_is_no_layer(tmp_path):
    write_geoparquet(tmp_path / "x.parquet", {"name": ["a"]}, a_layer().geometry[:1], national_crs())
    with pytest.raises(ShuibaoError, match="不是区域图层"):
        read_layer(tmp_path / "x.parquet")


def test_an_unknown_theme_is_refused(tmp_path):
    with pytest.raises(CallError, match="forest"):
        theme_folder(tmp_path, "forest")


@pytest.mark.parametrize("keep", [0, 100, -3])
def test_a_damaged_drawing_says_to_draw_again(tmp_path, keep):
    path = tmp_path / DRAWN
    write_layer(path, a_layer())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ShuibaoError, match="损坏.*重新运行 shuibao zones draw"):
        read_layer(path)


def test_damaged_pages_of_a_drawing_are_told_too(tmp_path):
    path = tmp_path / DRAWN
    write_layer(path, a_layer())
    content = bytearray(path.read_bytes())
    content[4:200] = bytes(196)
    path.write_bytes(bytes(content))
    with pytest.raises(ShuibaoError, match="损坏.*重新运行 shuibao zones draw"):
        read_layer(path)


def test_another_damaged_layer_is_not_to_be_drawn_again(tmp_path):
    (tmp_path / "mine.parquet").write_bytes(b"PAR1")
    with pytest.raises(ShuibaoError, match="从备份恢复"):
        read_layer(tmp_path / "mine.parquet")

"""What a zone was drawn under is told in words, as ``shuibao zones why`` tells it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from tests.bureau.publications.folders import XINZHOU

from bureau.publications.models import Publication
from bureau.publications.zone_words import basis_in_words


def test_a_click_tells_the_basis_of_a_zone_in_words(zones: Publication, signed_in: Callable[..., Client]) -> None:
    zone = zones.zones.first()
    assert zone is not None
    assert zone.basis == "steep_slope.angle=25°"
    at = zone.geometry.point_on_surface
    page = signed_in("view", region=XINZHOU).get(reverse("onemap:here"), {"lon": at.x, "lat": at.y}).content.decode()
    assert "依据：禁止开垦坡度 25°" in page
    assert "steep_slope.angle" not in page


@pytest.mark.parametrize("basis, words", [
    ("steep_slope.angle=20°；吉林省水土保持条例", "禁止开垦坡度 20°；吉林省水土保持条例"),
    ("severe_fragile.severe_from=strong（办水保〔2024〕2号，草案）", "严重：强度下限 强烈（办水保〔2024〕2号，草案）"),
    ("fragile_rule: bare_rock、desertified（本软件的约定，草案）", "坡地裸岩石砾地、沙化土地图层（本软件的约定，草案）"),
    ("key_zone_rule: treatment_eroded、treatment_gully（办水保〔2024〕2号，草案）；key_zone.higher_conflict",
     "水土流失面积占比 ≥ 30 %、沟壑密度 ≥ 3 km/km²（办水保〔2024〕2号，草案）；与上级种类相反时"),
    ("县意见：按山脊线调整", "县意见：按山脊线调整"), ("", ""), ("own.unknown_key=3", "own.unknown_key=3"),
])  # fmt: skip
def test_keys_of_rules_become_their_names_and_other_words_stay(basis: str, words: str) -> None:
    assert basis_in_words(basis, ["national", "jilin"]) == words

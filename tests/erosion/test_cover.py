"""Biological factor: printed values, laws, refusals, and the compiled loop against the formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shuibao.erosion.cover import (
    COVER_WORDS,
    CoverCoefficients,
    LandCover,
    check_cover,
    cover_factor,
    cover_factor_cai2000,
    cover_layers,
    forest_soil_loss_ratio,
    open_soil_loss_ratio,
)
from shuibao.erosion.vegetation import ndvi_endmembers, vegetation_cover
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules

RULES = load_rules(["national"])
NUMBERS = CoverCoefficients.from_rules(RULES)
EVEN = np.full(24, 1 / 24)

covers = st.floats(0, 1)
years_of_cover = hnp.arrays(np.float64, (24, 3, 2), elements=st.floats(0, 1, width=32))
weights = hnp.arrays(np.float64, 24, elements=st.floats(0.001, 1)).map(lambda w: w / w.sum())


@pytest.mark.parametrize(
    "formula,printed",
    [
        ("shrub", [0.4905, 0.2569, 0.1027, 0.0355, 0.0116, 0.0037]),
        ("grass", [0.4906, 0.2657, 0.1080, 0.0373, 0.0121, 0.0038]),
    ],
)
def test_shrub_and_grass_have_the_printed_ratios(formula: str, printed: list[float]) -> None:
    ratio = open_soil_loss_ratio([0, 0.2, 0.4, 0.6, 0.8, 1], getattr(NUMBERS, formula))
    assert ratio.round(4).tolist() == printed


def test_forest_has_the_printed_ratios() -> None:
    fvc, below = [0.6, 0.6, 0.6, 0, 1, 1], [0.3, 0.6, 0.9, 0, 1, 0]
    ratio = forest_soil_loss_ratio(fvc, below, NUMBERS.forest)
    assert ratio.round(4).tolist() == [0.1328, 0.0380, 0.0064, 0.4287, 0.0021, 0.3583]


def test_grass_of_half_cover_has_the_printed_factor() -> None:
    assert round(float(cover_factor(np.full(24, 0.5), EVEN, "grass", NUMBERS)), 4) == 0.0643


@given(a=covers, b=covers, formula=st.sampled_from(["shrub", "grass", "forest"]), w=weights)
def test_more_cover_never_erodes_more(a: float, b: float, formula: str, w: np.ndarray) -> None:
    thin, dense = sorted((a, b))
    factor = [float(cover_factor(np.full(24, f), w, formula, NUMBERS)) for f in (thin, dense)]
    assert factor[0] >= factor[1] - 1e-12


@given(fvc=covers, a=covers, b=covers)
def test_more_understory_never_erodes_more(fvc: float, a: float, b: float) -> None:
    low, high = forest_soil_loss_ratio(fvc, sorted((a, b)), NUMBERS.forest)
    assert 0 <= high <= low + 1e-12 <= 1


@given(fvc=years_of_cover, w=weights, formula=st.sampled_from(["shrub", "grass", "forest"]))
def test_the_factor_lies_between_its_best_and_worst_half_month(fvc: np.ndarray, w: np.ndarray, formula: str) -> None:
    b = cover_factor(fvc, w, formula, NUMBERS)
    each = np.stack([cover_factor(np.repeat(fvc[k : k + 1], 24, 0), EVEN, formula, NUMBERS) for k in range(24)])
    assert (b <= each.max(axis=0) + 1e-9).all()
    assert (b >= each.min(axis=0) - 1e-9).all()


def test_only_the_half_months_with_rain_matter() -> None:
    fvc, w = np.zeros(24), np.zeros(24)
    fvc[13], w[13] = 0.8, 1.0
    assert float(cover_factor(fvc, w, "grass", NUMBERS)) == pytest.approx(0.0121, abs=5e-5)


@given(fvc=years_of_cover, w=weights, below=years_of_cover)
def test_the_compiled_loop_equals_the_formulas(fvc: np.ndarray, w: np.ndarray, below: np.ndarray) -> None:
    layers = cover_layers(fvc, w, NUMBERS)
    for n, formula in enumerate(("shrub", "grass", "forest")):
        assert np.allclose(layers[n], cover_factor(fvc, w, formula, NUMBERS), atol=2e-7)
    assert np.allclose(layers[3], fvc.mean(axis=0), atol=2e-7)
    with_understory = cover_layers(fvc, w, NUMBERS, understory=below)
    assert np.allclose(with_understory[2], cover_factor(fvc, w, "forest", NUMBERS, understory=below), atol=2e-7)
    assert np.array_equal(with_understory[[0, 1, 3]], layers[[0, 1, 3]])


def test_one_understory_stands_for_all_half_months() -> None:
    fvc, below = np.full((24, 2, 2), 0.6), np.array([[[0.3, 0.6], [0.9, np.nan]]])
    layer = cover_layers(fvc, EVEN, NUMBERS, understory=below)[2]
    assert layer.ravel()[:3].round(4).tolist() == pytest.approx([0.1328, 0.0380, 0.0064])
    assert np.isnan(layer[1, 1])


def test_weights_may_differ_from_cell_to_cell() -> None:
    fvc = np.random.default_rng(1).random((24, 3, 4))
    w = np.random.default_rng(2).random((24, 3, 4))
    w /= w.sum(axis=0)
    layers = cover_layers(fvc, w, NUMBERS)
    alone = cover_layers(fvc[:, 1:2, 2:3], w[:, 1, 2], NUMBERS)
    assert np.array_equal(layers[:, 1, 2], alone[:, 0, 0])


def test_one_missing_half_month_makes_the_cell_missing() -> None:
    fvc, w = np.full((24, 1, 2), 0.5), np.full((24, 1, 2), 1 / 24)
    fvc[7, 0, 0] = np.nan
    assert np.isnan(cover_layers(fvc, w, NUMBERS)).tolist() == [[[True, False]]] * 4
    fvc[7, 0, 0], w[3, 0, 0] = 0.5, np.nan
    assert np.isnan(cover_layers(fvc, w, NUMBERS)).tolist() == [[[True, False]]] * 4
    assert np.isnan(cover_factor(fvc, w, "grass", NUMBERS)).tolist() == [[True, False]]


def test_cover_in_percent_is_refused_and_named() -> None:
    with pytest.raises(
        ShuibaoError, match=r"inputs.cover：盖度有 2 个值不在 0～1 之间（0.5～80）；像是百分数，请除以 100"
    ):
        check_cover([0.5, 30, 80], where="inputs.cover")


def test_what_rounding_put_beyond_one_is_brought_back() -> None:
    warped = np.array([1.0000001, -1e-7, 0.5], dtype=np.float32)
    assert check_cover(warped).tolist() == [1.0, 0.0, 0.5]
    exact = cover_layers(np.tile([[1.0, 0.0, 0.5]], (24, 1, 1)), EVEN, NUMBERS)
    assert np.allclose(cover_layers(np.tile(warped, (24, 1, 1)), EVEN, NUMBERS), exact, atol=1e-6)


def test_cover_below_nought_is_refused_but_not_called_percent() -> None:
    with pytest.raises(ShuibaoError, match="无效值"):
        check_cover([0.5, -9999])


def test_covers_that_are_not_half_months_are_refused() -> None:
    monthly = (np.full((12, 1, 1), 0.5), np.full(12, 1 / 12))
    with pytest.raises(ShuibaoError, match="应有 24 个半月"):
        cover_factor(*monthly, "grass", NUMBERS)
    with pytest.raises(ShuibaoError, match="应有 24 个半月"):
        cover_layers(*monthly, NUMBERS)


def test_the_rusle_factor_falls_from_one_to_nothing() -> None:
    numbers = {word: RULES.value(f"cover_factor_cai.{word}") for word in ("intercept", "slope", "lower", "upper")}
    factor = cover_factor_cai2000([0, 0.001, 0.05, 0.5, 0.782, 0.784, 1, np.nan], **numbers)
    assert factor[0] == factor[1] == 1.0
    assert (np.diff(factor[1:7]) <= 0).all()
    assert factor[3] == pytest.approx(0.6508 - 0.3436 * np.log10(50))
    assert factor[5] == factor[6] == 0.0
    assert np.isnan(factor[7])


@given(ndvi=hnp.arrays(np.float64, 20, elements=st.floats(-1, 1)))
def test_cover_from_ndvi_is_a_fraction_and_rises_with_ndvi(ndvi: np.ndarray) -> None:
    cover = vegetation_cover(np.sort(ndvi), bare=0.05, full=0.9)
    assert ((cover >= 0) & (cover <= 1)).all()
    assert (np.diff(cover) >= 0).all()


def test_end_members_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ShuibaoError, match="应大于裸土"):
        vegetation_cover(0.5, bare=0.9, full=0.1)


def test_end_members_leave_missing_cells_out() -> None:
    ndvi = np.concatenate([np.linspace(0, 1, 21), [np.nan] * 5])
    assert ndvi_endmembers(ndvi, low_percent=5, high_percent=95) == pytest.approx((0.05, 0.95))


def test_every_land_class_comes_by_its_factor() -> None:
    land = LandCover.from_rules(RULES)
    assert (land.kind[1:22] > 0).all()
    assert (land.kind[[0, *range(22, 256)]] == 0).all()
    tilled = land.kind == COVER_WORDS.index("tillage")
    assert np.flatnonzero(tilled).tolist() == [1, 2, 3]
    assert (land.fixed[tilled] == 1).all()
    fixed = land.kind == COVER_WORDS.index("fixed")
    assert ((land.fixed[fixed] >= 0) & (land.fixed[fixed] <= 1)).all()
    assert np.isnan(land.fixed[~tilled & ~fixed]).all()


class Classes:
    """Rules with land classes of our own."""

    def __init__(self, *classes: dict[str, object]) -> None:
        self.classes = classes

    def value(self, key: str) -> object:
        """Return the classes."""
        assert key == "land_class.classes"
        return self.classes


@pytest.mark.parametrize("land", [{"cover": "moss"}, {"cover": "fixed"}])
def test_a_land_class_without_a_way_to_its_factor_is_refused(land: dict[str, object]) -> None:
    with pytest.raises(CallError, match="oasis"):
        LandCover.from_rules(Classes({"code": 1, "id": "oasis", **land}))

"""The imaginary county: made-up land on the real national grid, always labelled 模拟数据 (模拟县)."""

from shuibao.sources.imaginary.county import DATA_KIND, XINZHOU_SEED, write_imaginary_inputs
from shuibao.sources.imaginary.land import MEASURES, land_and_measures
from shuibao.sources.imaginary.terrain import elevation

__all__ = ["DATA_KIND", "MEASURES", "XINZHOU_SEED", "elevation", "land_and_measures", "write_imaginary_inputs"]

"""survey 一县一年: one region, one year: its folder, its steps, its records."""

from shuibao.survey.checking import CheckResult, check_region
from shuibao.survey.making import make_imaginary_region
from shuibao.survey.region import SIMULATED, Region, load_region
from shuibao.survey.run import STEPS, Done, run_region

__all__ = [
    "SIMULATED",
    "STEPS",
    "CheckResult",
    "Done",
    "Region",
    "check_region",
    "load_region",
    "make_imaginary_region",
    "run_region",
]

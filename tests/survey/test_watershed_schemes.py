"""How the small watersheds of a region are coded when region.toml does not say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shuibao.survey import Region
from shuibao.survey.watershed_tables import scheme_name


@pytest.mark.parametrize(
    "codes, scheme", [(("140932",), "county"), (("jacksboro",), "tree"), (("140932", "X"), "tree")]
)
def test_places_without_codes_of_six_digits_are_coded_by_their_streams(finished: Region, codes, scheme):
    assert scheme_name(replace(finished, codes=codes, water={})) == scheme


@pytest.mark.parametrize("given", ["county", "tree"])
def test_what_region_toml_says_is_done(finished: Region, given):
    assert scheme_name(replace(finished, codes=("140932",), water={"code_scheme": given})) == given

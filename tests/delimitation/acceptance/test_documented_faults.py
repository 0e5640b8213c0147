"""Every kind of fault is explained, and every one that is planted is of a kind that is known."""

import re
from pathlib import Path

from tests.delimitation.acceptance.handed_in import RULES

from shuibao.delimitation.acceptance import fault_kinds

PAGE = Path(__file__).resolve().parents[3] / "docs" / "zone-acceptance.md"
SEVERITIES = {"error": "错误", "warning": "警告", "note": "说明"}


def test_the_page_lists_the_kinds_of_fault_with_their_severities_as_the_pack_has_them():
    rows = re.findall(r"^\| `([a-z-]+)` \| \S+ \| (\S+) \| (.+?) \| (.+?) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    kinds = fault_kinds(RULES).values()
    assert rows == [(kind.id, SEVERITIES[kind.severity], kind.name[0], kind.mend[0]) for kind in kinds]


def test_every_kind_says_what_it_is_and_what_to_do_in_both_languages():
    for kind in fault_kinds(RULES).values():
        assert all([*kind.name, *kind.mend]), kind.id
        assert kind.severity in SEVERITIES
        assert not re.search(r"[\u4e00-\u9fff]", kind.name[1] + kind.mend[1]), kind.id

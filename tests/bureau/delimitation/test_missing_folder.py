"""Where the folder of a delimitation is gone, people are told what that means and what to do, and no path of the server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from tests.bureau.delimitation.zoned import NOW, PIANGUAN, XINZHOU

from bureau.delimitation import commenting
from bureau.delimitation.commenting import Words
from bureau.delimitation.models import Delimitation
from bureau.office.models import Person
from bureau.refusal import Refusal


def told_of(page: str, home: Path) -> bool:
    """Return whether a page says what is missing, and hold that it names no folder of the server."""
    assert str(home) not in page
    assert str(home.parent) not in page
    return "文件夹不在服务器上" in page and "从备份恢复" in page


def test_pages_and_acts_say_so_without_a_path(
    delimitation: Delimitation, home: Path, signed_in: Callable[..., Client], person: Callable[..., Person]
) -> None:
    client = signed_in("view", region=XINZHOU)
    one = f"/delimitation/{delimitation.pk}/"
    whole = delimitation.folder
    aside = whole.rename(whole.with_name("aside"))
    assert told_of(client.get(f"{one}compare/?a=0&b=0").content.decode(), home)
    for export in ("comments.xlsx", "zones.gpkg", "package.zip"):
        assert told_of(client.get(one + export, follow=True).content.decode(), home), export
    assert client.get(one).status_code == 200, "what the database holds is still shown"
    words = Words("adjust", "界线偏西", code=f"{PIANGUAN}-0001")
    with pytest.raises(Refusal, match="从备份恢复") as refused:
        commenting.comment(by=person("clerk", region=PIANGUAN), delimitation=delimitation, words=words, now=NOW)
    assert str(home) not in refused.value.message
    aside.rename(whole)
    assert "文件夹不在" not in client.get(f"{one}compare/?a=0&b=0").content.decode()


def test_a_layer_that_is_gone_is_named_by_its_file_only(
    delimitation: Delimitation, home: Path, signed_in: Callable[..., Client]
) -> None:
    for path in delimitation.folder.rglob("drawn.parquet"):
        path.unlink()
    page = signed_in("view", region=XINZHOU).get(f"/delimitation/{delimitation.pk}/compare/?a=0&b=0").content.decode()
    assert str(home) not in page
    assert "drawn.parquet" in page

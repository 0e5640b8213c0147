"""Who may open which page of zones under review."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from tests.bureau.matrix import Line
from tests.bureau.people import make_person

from bureau.delimitation.models import Announcement, Comment, Delimitation, Package, Photo, Status, ZoneShape

NOW = datetime(2026, 3, 5, tzinfo=UTC)
number = count(1)


def make(region: str) -> Delimitation:
    """Make a delimitation of a region, without a folder."""
    return Delimitation.objects.create(
        region_id=region,
        theme="steep_slope",
        year=2000 + next(number) % 100,
        source="",
        status=Status.OPEN,
        opened_by=make_person("clerk", region=region),
        opened_at=NOW,
    )


def delimitation(region: str) -> dict[str, Any]:
    """Make a delimitation of a region."""
    return {"pk": make(region).pk}


def zone(region: str) -> dict[str, Any]:
    """Make a zone of a region."""
    one, code = make(region), f"{region}-0001"
    square = MultiPolygon(Polygon.from_bbox((111.0, 39.0, 111.01, 39.01)), srid=4490)
    ZoneShape.objects.create(
        delimitation=one,
        code=code,
        kind="steep_slope",
        county_id=region,
        area_m2=1.0,
        token="t",  # noqa: S106 - a digest
        geometry=square,
    )
    return {"pk": one.pk, "code": code}


def make_comment(region: str) -> Comment:
    """Make a comment of a region on its own zones."""
    return Comment.objects.create(
        delimitation=make(region),
        number=1,
        region_id=region,
        unit="水利局",
        opinion="adjust",
        text="偏大",
        state="matched",
    )


def comment(region: str) -> dict[str, Any]:
    """Make a comment of a region."""
    made = make_comment(region)
    return {"pk": made.delimitation_id, "number": made.number}


def kept(name: str) -> str:
    """Return where a small file is kept."""
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(b"\xff\xd8\xff"))
    return name


def photo(region: str) -> dict[str, Any]:
    """Make a photograph of a region's comment."""
    made = make_comment(region)
    one = Photo.objects.create(
        comment=made,
        name="现场.jpg",
        sha256="0" * 64,
        size=3,
        media_type="image/jpeg",
        path=kept("evidence/00/matrix.jpg"),
    )
    return {"pk": made.delimitation_id, "photo": one.pk}


def document(region: str) -> dict[str, Any]:
    """Make an announcement of a region."""
    one = make(region)
    told = [{"name": "公告.docx", "sha256": "0" * 64, "size": 3, "path": kept("announcements/00/matrix.docx")}]
    made = Announcement.objects.create(
        delimitation=one, number="1号", dated=date(2026, 3, 5), status="done", documents=told, by=one.opened_by, at=NOW
    )
    return {"pk": one.pk, "announcement": made.pk, "at": 0}


def announcement(region: str) -> dict[str, Any]:
    """Make an announcement of a region, to be corrected."""
    return {name: pk for name, pk in document(region).items() if name != "at"}


def evidence(region: str) -> dict[str, Any]:
    """Name a file of a record that is not there: it is found by nobody."""
    return {"pk": make(region).pk, "sequence": 1, "at": 0}


def package(region: str) -> dict[str, Any]:
    """Make a package of a region that was refused."""
    made = Package.objects.create(
        region_id=region, theme="steep_slope", year=2024, name="包.zip", by=make_person("clerk", region=region), at=NOW,
        status="refused", message="压缩包损坏。",
    )  # fmt: skip
    return {"pk": made.pk}


MOVES = ("clerk", "review", "approve")
LINES = (
    Line("delimitation:list", post=200),
    Line("delimitation:packages", post=200),
    Line("delimitation:upload", duties=("clerk",), post=200),
    Line("delimitation:package", of=package, post=200),
    Line("delimitation:open_package", duties=("clerk",), get=None, post=302, of=package),
    Line("delimitation:redraw", duties=("clerk",), of=delimitation, upward=True, post=200, upward_post=True),
    Line("delimitation:decisions", of=delimitation, post=200),
    Line("delimitation:decide", duties=("clerk",), get=None, post=302, of=delimitation, upward_post=True),
    Line("delimitation:open", duties=("clerk",), post=200),
    Line("delimitation:one", of=delimitation, upward=True, post=200, upward_post=True),
    Line(
        "delimitation:tile",
        of=lambda region: {**delimitation(region), "z": 9, "x": 413, "y": 194},
        upward=True,
        post=200,
        upward_post=True,
    ),
    Line("delimitation:history", of=delimitation, upward=True, post=200, upward_post=True),
    Line("delimitation:compare", of=delimitation, upward=True, post=200, upward_post=True),
    Line("delimitation:again", duties=("clerk",), get=None, post=302, of=delimitation, upward_post=True),
    Line("delimitation:advance", duties=MOVES, get=None, post=302, of=delimitation, upward_post=True),
    Line("delimitation:approve", duties=("approve",), get=None, post=302, of=delimitation, upward_post=True),
    Line("delimitation:announce", duties=("clerk",), get=None, post=302, of=delimitation, upward_post=True),
    Line("delimitation:correct", duties=("clerk",), of=announcement, upward=True, post=200, upward_post=True),
    Line("delimitation:confirm", duties=("approve",), get=None, post=302, of=announcement, upward_post=True),
    Line("delimitation:decline", duties=("clerk", "approve"), get=None, post=302, of=announcement, upward_post=True),
    Line("delimitation:document", of=document, upward=True, post=200, upward_post=True),
    Line("delimitation:evidence", get=404, post=404, of=evidence),
    Line("delimitation:zone", of=zone, upward=True, post=200, upward_post=True),
    Line("delimitation:edit", duties=("clerk",), of=zone, upward=True, post=200, upward_post=True),
    Line(
        "delimitation:act",
        duties=("clerk",),
        get=None,
        post=302,
        of=lambda region: {**zone(region), "name": "remove"},
        upward_post=True,
    ),
    Line("delimitation:comments", of=delimitation, upward=True, post=200, upward_post=True),
    Line("delimitation:comment", duties=("clerk", "review"), of=delimitation, upward=True, post=200, upward_post=True),
    Line(
        "delimitation:comments_file",
        duties=("clerk", "review"),
        of=delimitation,
        upward=True,
        post=200,
        upward_post=True,
    ),
    Line("delimitation:answer", duties=("clerk",), get=None, post=302, of=comment),
    Line("delimitation:comment_table", get=302, post=302, of=delimitation, upward=True, upward_post=True),
    Line("delimitation:zones_file", get=302, post=302, of=delimitation, upward=True, upward_post=True),
    Line("delimitation:package_file", get=302, post=302, of=delimitation, upward=True, upward_post=True),
    Line("delimitation:photo", of=photo, post=200),
)

"""What is published is never changed, whoever asks the database."""

# ruff: noqa: S608 - names of tables and keys are our own
from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from bureau.publications.models import Publication

CONTENT = ("fact", "watershed", "zone", "raster", "regionsummary", "classsum")


@pytest.fixture
def both(published: Callable[..., Publication]) -> tuple[Publication, Publication]:
    """Return a survey and zones."""
    return published(), published(kind="zones", theme="steep_slope")


def refused(sql: str) -> None:
    """Assert that the database refuses a statement."""
    with pytest.raises(DatabaseError, match="成果已发布"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def rows(table: str) -> int:
    """Return the number of rows of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM publications_{table}")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("table", CONTENT)
def test_no_row_of_a_publication_is_changed_or_deleted(both: object, table: str) -> None:
    assert rows(table)
    refused(f"UPDATE publications_{table} SET publication_id = publication_id")
    refused(f"DELETE FROM publications_{table}")


def test_no_row_is_added_to_a_publication(both: tuple[Publication, ...]) -> None:
    refused(
        "INSERT INTO publications_fact (publication_id, county_id, watershed, land_use, slope_class, cover_class,"
        " erosion_type, intensity, zone, cells, area_m2, soil_loss_t) SELECT publication_id, county_id, watershed,"
        " land_use, slope_class, cover_class, erosion_type, intensity, zone, cells, area_m2, soil_loss_t"
        " FROM publications_fact LIMIT 1"
    )
    refused(
        "INSERT INTO publications_regionsummary (publication_id, region_id, land_m2, eroded_m2, missing_m2, soil_loss_t)"
        f" VALUES ({both[0].pk}, '140100', 1, 1, 0, 1)"
    )


def test_of_a_publication_only_its_standing_changes(both: tuple[Publication, ...]) -> None:
    one = both[0].pk
    for change in (
        "title = 'x'", "year = 2020", "simulated = false", "provenance = '{}'", "status = 'preparing'",
        "status = 'superseded', title = 'x'", "by_id = reviewed_by_id",
    ):  # fmt: skip
        refused(f"UPDATE publications_publication SET {change} WHERE id = {one}")
    refused(f"DELETE FROM publications_publication WHERE id = {one}")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE publications_publication SET status = 'superseded' WHERE id = {one}")
    refused(f"UPDATE publications_publication SET status = 'published' WHERE id = {one}")


def test_facts_of_counties_that_do_not_exist_are_refused(both: tuple[Publication, ...]) -> None:
    survey = both[0]
    open_one = Publication.objects.create(
        region=survey.region, kind="survey", year=2020, version=1, title="入库中", published_at=survey.published_at,
        by=survey.by, reviewed_by=survey.reviewed_by, content_sha256="0" * 64,
    )  # fmt: skip
    with pytest.raises(DatabaseError, match="不存在的区县"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO publications_fact (publication_id, county_id, watershed, land_use, slope_class, cover_class,"
            f" erosion_type, intensity, zone, cells, area_m2, soil_loss_t) VALUES ({open_one.pk}, '999999', '', 1, 1, 1,"
            " 1, 1, '', 1, 1, 1)"
        )

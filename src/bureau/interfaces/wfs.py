"""WFS 2.0 (要素服务), by django-gisserver: the layers of :mod:`bureau.interfaces.layers`, bounded by who asks."""

from __future__ import annotations

import re
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponseBase
from gisserver.features import XSD_TYPES, FeatureType, ServiceDescription, field
from gisserver.geometries import CRS84, WGS84
from gisserver.types import XsdTypes
from gisserver.views import WFSView

from bureau.interfaces.features import MOST, refused
from bureau.interfaces.layers import layers_of
from bureau.interfaces.programs import for_programs

SHAPE = re.compile(
    r"<((?:\w+:)?(?:Envelope|Point|LineString|Curve|Polygon|Surface|Multi(?:Point|Curve|Surface|Geometry)))(?=[\s>])"
)
"""Where a shape of GML begins, to which a reference system can be written."""


def with_system(query: str) -> str:
    """
    Write the layers' own reference system to a filter that has none (补坐标系): GDAL leaves it out, as WFS allows.

    Parameters
    ----------
    query : str
        XML of a filter.

    Examples
    --------
    >>> with_system("<gml:Envelope><gml:lowerCorner>38 111</gml:lowerCorner></gml:Envelope>")[:50]
    '<gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"'
    """
    return query if "srsName" in query else SHAPE.sub(rf'<\1 srsName="{WGS84.urn}"', query)


XSD_TYPES[models.PositiveSmallIntegerField] = XsdTypes.integer
"""GDAL knows no ``nonNegativeInteger``: of a layer with one it believed nothing of the schema, not even that it has areas."""


class LayersView(WFSView):  # type: ignore[misc]
    """The layers as WFS (要素服务)."""

    xml_namespace = "urn:shuibao"
    max_page_size = MOST
    use_html_templates = False
    service_description = ServiceDescription(
        title="水保",
        abstract="水土保持现行成果：行政区、小流域、重点区域、扰动图斑。",
        keywords=["水土保持"],
        provider_name="水保",
    )

    def get_feature_types(self) -> list[Any]:
        """Return the layers, with the rows that the asker may see (图层)."""
        return [
            FeatureType(
                layer.rows(self.request.user),
                name=layer.id, title=layer.title, abstract=layer.description, crs=WGS84, other_crs=[CRS84],
                geometry_field_name=layer.geometry, show_name_field=False,
                fields=[layer.geometry, *(field(name, model_attribute=path) for name, path in layer.fields.items())],
            )
            for layer in layers_of(self.request.user).values()
        ]  # fmt: skip


_view = LayersView.as_view()


@for_programs
def wfs(request: HttpRequest) -> HttpResponseBase:
    """Answer a WFS request (要素服务)."""
    if request.method not in ("GET", "HEAD") and "xml" not in (request.content_type or ""):
        return refused("WFS 以 GET 查询，或以 POST 发送 XML（Content-Type: text/xml）。")
    given = request.GET.copy()
    for word in [word for word in given if word.upper() == "FILTER"]:
        given.setlist(word, [with_system(query) for query in given.getlist(word)])
    request.GET = given  # type: ignore[assignment]
    answer: HttpResponseBase = _view(request)
    answer["Cache-Control"] = "private, max-age=60"
    return answer

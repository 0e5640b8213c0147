"""WFS 2.0 (要素服务), by django-gisserver: the layers of :mod:`bureau.interfaces.layers`, bounded by who asks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from gisserver.features import FeatureType, ServiceDescription, field
from gisserver.geometries import CRS84, WGS84
from gisserver.views import WFSView

from bureau.interfaces.features import MOST, refused
from bureau.interfaces.layers import LAYERS
from bureau.interfaces.programs import for_programs


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
                geometry_field_name=layer.geometry,
                fields=[layer.geometry, *(field(name, model_attribute=path) for name, path in layer.fields.items())],
            )
            for layer in LAYERS.values()
        ]  # fmt: skip


_view = LayersView.as_view()


@for_programs
def wfs(request: HttpRequest) -> HttpResponseBase:
    """Answer a WFS request (要素服务)."""
    if request.method not in ("GET", "HEAD") and "xml" not in (request.content_type or ""):
        return refused("WFS 以 GET 查询，或以 POST 发送 XML（Content-Type: text/xml）。")
    answer: HttpResponseBase = _view(request)
    answer["Cache-Control"] = "private, max-age=60"
    return answer

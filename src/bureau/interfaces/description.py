"""The OpenAPI description of the feature interface (接口说明): made from the layers, so that it cannot say otherwise."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from bureau.interfaces.features import FORMS, LIMIT, MOST, answer
from bureau.interfaces.layers import LAYERS, Layer, layers_of
from bureau.interfaces.programs import for_programs
from shuibao import __version__


@require_safe
@for_programs
def openapi(request: HttpRequest) -> HttpResponse:
    """Answer with the description (接口说明)."""
    base = request.build_absolute_uri(reverse("interfaces:landing")).rstrip("/")
    layers = layers_of(request.user)  # type: ignore[arg-type]
    return answer(document(base, layers), content_type="application/vnd.oai.openapi+json;version=3.0")


def document(base: str, layers: dict[str, Layer] = LAYERS) -> dict[str, Any]:
    """
    Return the description of the feature interface (接口说明).

    Parameters
    ----------
    base : str
        Address of the landing page.
    layers : dict of Layer
        Those that whoever asks may see.
    """
    paths: dict[str, Any] = {
        "/": {"get": _act("landing", "入口")},
        "/conformance": {"get": _act("conformance", "符合的规范")},
        "/collections": {"get": _act("collections", "图层列表")},
    }
    for layer in layers.values():
        paths[f"/collections/{layer.id}"] = {"get": _act(f"{layer.id}", layer.title)}
        paths[f"/collections/{layer.id}/items"] = {
            "get": _act(f"{layer.id}Items", layer.title, _parameters(layer), "application/geo+json")
        }
        key = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
        act = _act(f"{layer.id}Item", layer.title, [key], "application/geo+json")
        act["responses"]["404"] = {"description": "没有这个要素，或不在数据范围内"}
        paths[f"/collections/{layer.id}/items/{{featureId}}"] = {"get": act}
    return {
        "openapi": "3.0.3", "info": {"title": "水保要素接口", "version": __version__}, "servers": [{"url": base}], "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}, "basic": {"type": "http", "scheme": "basic"}}},
        "security": [{"token": []}, {"basic": []}],
    }  # fmt: skip


def _act(
    name: str, title: str, parameters: list[dict[str, Any]] | None = None, kind: str = "application/json"
) -> dict[str, Any]:
    """Return the description of one address."""
    responses = {
        "200": {"description": title, "content": {kind: {"schema": {"type": "object"}}}},
        "401": {"description": "没有令牌，或令牌无效"},
    }
    if parameters:
        responses["400"] = {"description": "参数不可用"}
    return {"operationId": name, "summary": title, "parameters": parameters or [], "responses": responses}


def _parameters(layer: Layer) -> list[dict[str, Any]]:
    """Return the parameters of a layer's features."""
    numbers = {
        "type": "array",
        "items": {"type": "number", "minimum": -180, "maximum": 180},
        "minItems": 4,
        "maxItems": 6,
    }
    given: list[dict[str, Any]] = [
        {"name": "bbox", "in": "query", "style": "form", "explode": False, "schema": numbers},
        {
            "name": "limit",
            "in": "query",
            "description": f"一页至多 {MOST} 个；要得更多，按 {MOST} 个给。",
            "schema": {"type": "integer", "minimum": 1, "maximum": 10**9 - 1, "default": LIMIT},
        },
        {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0}},
        {"name": "datetime", "in": "query", "style": "form", "explode": False, "schema": {"type": "string"}},
        {"name": "f", "in": "query", "schema": {"type": "string", "enum": list(FORMS)}},
    ]
    return given + [{"name": name, "in": "query", "schema": {"type": "string"}} for name in layer.fields]

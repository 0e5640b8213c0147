"""What is asked for a sheet (图件表单)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.gis.geos import Polygon
from django.core.files.uploadedfile import UploadedFile

MOST_BYTES = 20 * 2**20
PNG = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 6000
"""Pixels that a side of the picture may have."""


class SheetForm(forms.Form):
    """The picture of the map as the browser drew it, and what stands around it (图件)."""

    picture = forms.FileField(label="地图图像")
    title = forms.CharField(label="图名", max_length=60)
    paper = forms.ChoiceField(label="纸张", choices=(("a4", "A4 横向"), ("a3", "A3 横向")))
    layers = forms.CharField(label="图层", max_length=400, required=False)
    year = forms.IntegerField(label="年份", min_value=1900, max_value=2100, required=False)
    metres_per_pixel = forms.FloatField(label="每像素米数", min_value=0.001, max_value=1e6)
    zoom = forms.FloatField(label="级别", min_value=0, max_value=24, required=False)
    bounds = forms.CharField(label="图幅四至", max_length=120, required=False)

    def clean_picture(self) -> bytes:
        """Refuse what is no PNG of a reasonable size (检查图像)."""
        given: UploadedFile[Any] = self.cleaned_data["picture"]
        content = bytes(given.read()) if (given.size or 0) <= MOST_BYTES else b""
        if len(content) < 33 or not content.startswith(PNG):
            raise forms.ValidationError("地图图像不是 20 MB 以内的 PNG；请缩小窗口后重试。")
        width, height = (int.from_bytes(content[k : k + 4], "big") for k in (16, 20))
        if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
            raise forms.ValidationError(f"地图图像 {width}×{height} 像素过大；每边至多 {MOST_PIXELS} 像素。")
        return content

    def clean_bounds(self) -> Polygon | None:
        """Return the picture's bounds, given as west, south, east, north in degrees (检查四至)."""
        text = self.cleaned_data["bounds"]
        if not text:
            return None
        try:
            west, south, east, north = (float(part) for part in text.split(","))
        except ValueError:
            raise forms.ValidationError("图幅四至应为“西,南,东,北”四个度数；请刷新页面后重试。") from None
        if not (-540 <= west < east <= 540 and -90 <= south < north <= 90):
            raise forms.ValidationError("图幅四至不在地球上；请刷新页面后重试。")
        return Polygon.from_bbox((west, south, east, north))

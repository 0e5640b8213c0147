"""watershed 流域: where water goes — drainage, contributing area, channels, basins and small watersheds (小流域)."""

__all__: list[str] = []

"""watershed 流域: where water goes — drainage, contributing area, channels, basins and small watersheds (小流域)."""

from shuibao.watershed.channels import Channels, Outlets
from shuibao.watershed.drainage import OUTLET, Drainage

__all__ = ["Channels", "Drainage", "OUTLET", "Outlets"]

"""水保 shuibao: the land is measured once, and every duty is answered from those facts (水土保持)."""

__version__ = "0.1.0"

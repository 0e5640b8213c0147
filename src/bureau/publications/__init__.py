"""Published results (成果发布): facts, small watersheds, zones and rasters of a region and a year, never changed."""

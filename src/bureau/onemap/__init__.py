"""One map (一张图): borders, small watersheds, erosion, key zones, and what is where."""

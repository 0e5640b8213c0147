"""Data for any county: borders, the imaginary county, real sample terrain (数据源). Each with licence and checksum."""

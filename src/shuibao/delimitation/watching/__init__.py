"""What goes on inside zones year by year, and where they lie over others (重点区监测)."""

"""Administrative regions (行政区): their codes, names and borders, and whose eyes reach how far."""

"""A brand leaves with everything that is its own: rows, files, keys, and a map by which its codes go on working (I7)."""

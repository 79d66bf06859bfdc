"""Fuzz targets: one for each border over which text from outside comes in."""

"""One module or package for each outside library; they fit the ports by shape."""

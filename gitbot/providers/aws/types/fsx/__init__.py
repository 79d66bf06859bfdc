"""The types of FSx."""

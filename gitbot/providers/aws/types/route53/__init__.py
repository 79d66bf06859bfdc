"""The types of Route 53."""

"""The protocols by which jobs and the walk ask the outside; adapters fit them by shape. Pure."""

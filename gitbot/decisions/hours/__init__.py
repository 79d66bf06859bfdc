"""Decides when machines run, by the off-hours of their stacks. Pure."""

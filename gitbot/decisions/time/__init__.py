"""Decides by time: whether something is due, and whether it may happen now. Pure."""

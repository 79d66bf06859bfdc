"""Frozen values that several layers use. Pure."""

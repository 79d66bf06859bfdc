"""Frozen values that several layers speak of. Pure."""

"""Turns YAML text into desired resources or diagnostics. Pure."""

"""Gives spec files their one format: order of fields, indentation, quotes and spaces. Pure."""

"""Renders plans, applies and diagnostics as Markdown and terminal lines. Pure."""

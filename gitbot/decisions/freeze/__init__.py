"""Decides by freeze windows: what they forbid now, what their change loosens, what to wake. Pure."""

"""Draws which resource needs which, as Mermaid text and as SVG. Pure."""

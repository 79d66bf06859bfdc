"""Reads the parts of a Stack document, whatever shape it has. Pure."""

from __future__ import annotations

from typing import Any


def resources_of(document: dict[str, Any]) -> dict[str, Any]:
    """The resources of a Stack document by key; none when it has no such map."""
    return part_of(document, "resources")


def part_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    """A map of the document's ``spec``; empty when it is none."""
    spec = document.get("spec")
    part = spec.get(name) if isinstance(spec, dict) else None
    return part if isinstance(part, dict) else {}

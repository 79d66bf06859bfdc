"""Build hook: makes the schema pack from the cfn-lint wheel's data."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = Path("gitbot/providers/aws")


class SchemaPackHook(BuildHookInterface[Any]):
    """Builds ``gitbot/providers/aws/schemas.sqlite`` before a wheel or an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See hatchling's plugin reference, build hooks."""
        if self.target_name != "wheel":
            return
        folder = Path(self.root) / PACKAGE
        # By path: gitbot and what it depends on need not be importable while it is being built.
        spec = importlib.util.spec_from_file_location("pack_build", folder / "pack_build.py")
        if spec is None or spec.loader is None:
            raise RuntimeError(f"{folder / 'pack_build.py'} cannot be loaded")
        maker = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(maker)
        made = maker.build_pack(folder / "schemas.sqlite")
        self.app.display_info("schema pack: made" if made else "schema pack: up to date")

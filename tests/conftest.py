"""Run what takes long first, so that no worker waits for another's last module."""

from __future__ import annotations

from pathlib import Path

import pytest

LONG = ("fault", "e2e", "browser")
"""The folders whose modules each have a world with servers."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the modules with a world, then those with a model, before the others, as they stand.

    xdist itself would begin with the modules of the most tests, which are the shortest.
    """
    models = {item.path for item in items if item.get_closest_marker("model")}

    def turn(path: Path) -> int:
        if path.parent.name in LONG:
            return LONG.index(path.parent.name)
        return len(LONG) + (path not in models)

    items.sort(key=lambda item: turn(item.path))

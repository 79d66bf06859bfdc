"""Reads the modules that come with gitbot. Shell."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from gitbot.language.files import MODULE_FILE, SHIPPED, SpecFile


@cache
def shipped_modules() -> tuple[SpecFile, ...]:
    """The files of the modules, sorted by name; specs use them as ``gitbot/<name>``."""
    folder = files("gitbot") / "modules"
    found = [
        SpecFile(
            path=f"{SHIPPED}/{one.name}/{MODULE_FILE}",
            environment="",
            text=(one / MODULE_FILE).read_text(encoding="utf-8"),
        )
        for one in folder.iterdir()
        if (one / MODULE_FILE).is_file()
    ]
    return tuple(sorted(found, key=lambda file: file.path))

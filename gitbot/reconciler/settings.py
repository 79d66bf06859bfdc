"""Compare the settings under ``lifecycle`` with the recorded ones. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.model.desired import Lifecycle
from gitbot.model.plan import SettingChange
from gitbot.model.recorded import RecordedResource
from gitbot.model.values import Json


def setting_changes(
    lifecycle: Lifecycle, recorded: RecordedResource | None
) -> tuple[SettingChange, ...]:
    """The settings that an apply would record anew, by name.

    ``recorded`` is None for a new object: then every setting that the spec makes is a change. What
    an earlier version of gitbot did not record is not a change.
    """
    wanted = {
        **_flags(lifecycle.protect, lifecycle.retain, lifecycle.empty_on_delete),
        "ignoreChanges": _sorted(lifecycle.ignore_changes),
        "replace": lifecycle.replace,
        "onExpiry": lifecycle.on_expiry,
    }
    known = _known(recorded)
    return tuple(
        SettingChange(name=name, before=known[name], after=wanted[name])
        for name in sorted(known)
        if known[name] != wanted[name]
    )


def _known(recorded: RecordedResource | None) -> Mapping[str, Json]:
    if recorded is None:
        unset = {"ignoreChanges": None, "replace": None, "onExpiry": None}
        return {**_flags(False, False, False), **unset}
    known = _flags(recorded.protect, recorded.retain, recorded.empty_on_delete)
    known["onExpiry"] = recorded.on_expiry
    if recorded.ignore_changes is None:
        return known
    return {
        **known,
        "ignoreChanges": _sorted(recorded.ignore_changes),
        "replace": recorded.replace,
    }


def _flags(protect: bool, retain: bool, empty_on_delete: bool) -> dict[str, Json]:
    """The settings that are on or off; off counts as not set."""
    return {
        "protect": protect or None,
        "retain": retain or None,
        "emptyOnDelete": empty_on_delete or None,
    }


def _sorted(pointers: tuple[str, ...]) -> Json:
    return sorted(pointers) or None

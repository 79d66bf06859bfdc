"""Compare the settings under ``lifecycle`` with the recorded ones. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.model.desired import DesiredResource, Lifecycle
from gitbot.model.hours import NO_RULES, MachineRules
from gitbot.model.plan import SettingChange
from gitbot.model.recorded import RecordedResource
from gitbot.model.values import Json


def setting_changes(
    desired: DesiredResource,
    recorded: RecordedResource | None,
    choices: tuple[str | None, str | None] = (None, None),
) -> tuple[SettingChange, ...]:
    """The settings that an apply would record anew, by name.

    ``recorded`` is None for a new object: then every setting that the spec makes is a change. What
    an earlier version of gitbot did not record is not a change. ``choices`` are those of its placement, in
    words, as recorded and as desired.
    """
    lifecycle = desired.lifecycle
    wanted = {
        **_flags(lifecycle),
        "ignoreChanges": _sorted(lifecycle.ignore_changes),
        "ignoreDrift": _sorted(lifecycle.may_drift),
        "replace": lifecycle.replace,
        "onExpiry": lifecycle.on_expiry,
        "replaceWhen": sorted(lifecycle.replace_when) or None,
        "timeouts": str(lifecycle.timeouts) or None,
        **_machine(desired.machine),
        "placement": choices[1],
    }
    known = {**_known(recorded), "placement": choices[0]}
    return tuple(
        SettingChange(name=name, before=known[name], after=wanted[name])
        for name in sorted(known)
        if known[name] != wanted[name]
    )


def _known(recorded: RecordedResource | None) -> Mapping[str, Json]:
    if recorded is None:
        names = ("ignoreChanges", "ignoreDrift", "replace", "onExpiry", "replaceWhen", "timeouts")
        return {**_flags(Lifecycle()), **dict.fromkeys(names), **_machine(NO_RULES)}
    known = _flags(recorded)
    known |= {"onExpiry": recorded.on_expiry, "replaceWhen": sorted(recorded.replace_when) or None}
    known |= {"timeouts": str(recorded.timeouts) or None, **_machine(recorded.machine)}
    known |= {"ignoreDrift": _sorted(recorded.may_drift)}
    if recorded.ignore_changes is None:
        return known
    return {
        **known,
        "ignoreChanges": _sorted(recorded.ignore_changes),
        "replace": recorded.replace,
    }


def _flags(said: Lifecycle | RecordedResource) -> dict[str, Json]:
    """The settings that are on or off; off counts as not set."""
    return {
        "protect": said.protect or None,
        "retain": said.retain or None,
        "emptyOnDelete": said.empty_on_delete or None,
        "snapshotOnDelete": said.snapshot_on_delete or None,
    }


def _machine(rules: MachineRules) -> dict[str, Json]:
    """What the spec says about the power of a machine, by the names of its fields."""
    hours = rules.off_hours
    return {
        "offhours": None if hours is None else hours.text or "on",
        "offhours.enforce": (hours is not None and hours.enforce) or None,
        "busy": None if rules.busy is None else str(rules.busy),
        "preStop": None if rules.pre_stop is None else str(rules.pre_stop),
        "instanceStore": "discard" if rules.discards_disks else None,
    }


def _sorted(pointers: tuple[str, ...]) -> Json:
    return sorted(pointers) or None

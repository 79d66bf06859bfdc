"""Renders an instant for people: in the time zone of an environment, and in UTC. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from gitbot.model.zones import zone


def instant_words(instant: datetime, timezone: str) -> str:
    """``Mon 2026-11-30 08:00 Europe/Berlin (07:00 UTC)``; the date of UTC is given if it differs.

    ``timezone`` is an IANA name. Seconds are left out.
    """
    local, utc = instant.astimezone(zone(timezone)), instant.astimezone(UTC)
    if timezone == "UTC":
        return f"{_day(utc)} {utc:%H:%M} UTC"
    in_utc = f"{utc:%H:%M}" if utc.date() == local.date() else f"{_day(utc)} {utc:%H:%M}"
    return f"{_day(local)} {local:%H:%M} {timezone} ({in_utc} UTC)"


def _day(moment: datetime) -> str:
    # strftime's names of days would follow the locale of the machine.
    return f"{_DAYS[moment.weekday()]} {moment:%Y-%m-%d}"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

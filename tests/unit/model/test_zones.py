"""Tests for local times and the zones that they are in."""

from __future__ import annotations

from datetime import datetime

import pytest

from gitbot.model.zones import instant_of, preload_zones, zone, zone_names


@pytest.mark.parametrize(
    ("name", "wall", "instant"),
    [
        ("UTC", "2026-03-29T02:30", "2026-03-29T02:30"),
        ("Asia/Kolkata", "2026-03-29T02:30", "2026-03-28T21:00"),
        ("Europe/Berlin", "2026-07-01T12:00", "2026-07-01T10:00"),
        # Clocks go from 2:00 to 3:00: what falls between is when they do.
        ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59"),
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00"),
        # Clocks go back from 3:00 to 2:00: the first of the two counts.
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00"),
        ("America/New_York", "2026-03-08T02:59", "2026-03-08T07:00"),
        # Half an hour only.
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
        # A whole day that did not exist.
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),
    ],
)
def test_a_wall_time_is_one_instant(name: str, wall: str, instant: str) -> None:
    found = instant_of(datetime.fromisoformat(wall), zone(name))
    assert found == datetime.fromisoformat(f"{instant}+00:00")


def test_the_zones_are_those_of_the_pinned_data_alone() -> None:
    assert {"UTC", "Europe/Berlin", "Australia/Lord_Howe"} <= zone_names()
    for name in ("Nowhere", "../zones", "/etc/localtime"):
        with pytest.raises(KeyError):
            zone(name)


def test_after_the_preload_no_zone_opens_a_file() -> None:
    zone.cache_clear()
    preload_zones()
    assert zone.cache_info().currsize == len(zone_names())

"""What the field ``freeze`` of an environment takes, and what it says of mistakes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gitbot.decisions.freshness import rules_hash
from gitbot.model.codec import from_data, to_open_data
from gitbot.model.desired import Environment
from gitbot.model.freeze import Act, Once, Repeats, Window
from tests.unit.language.specs_by_hand import ENVIRONMENT, load_files

WEEKEND = '{name: weekend, deny: [apply, offhours], cron: "0 17 * * FRI", for: 63h}'
FRIDAY = (
    "{name: black friday, deny: [apply], from: 2026-11-26T00:00:00, until: 2026-11-30, "
    'stacks: ["web-*"], override: {teams: [acme/sre]}}'
)


def load(*windows: str, zone: str = "Europe/Berlin") -> tuple[Environment | None, list[str]]:
    entries = "".join(f"    - {window}\n" for window in windows)
    text = f"{ENVIRONMENT}  timezone: {zone}\n  freeze:\n{entries}"
    loaded = load_files({"specs/dev/environment.yaml": text})
    told = [f"{found.code}: {found.detail} {found.fix}" for found in loaded.diagnostics]
    return loaded.environments.get("dev"), told


def test_windows_repeat_or_are_open_once_in_local_time() -> None:
    environment, told = load(
        WEEKEND, FRIDAY, FRIDAY.replace("2026-11-30", "2026-11-30T08:00Z").replace("black", "blue")
    )
    assert told == []
    assert environment is not None
    weekend, friday, blue = environment.freezes
    assert isinstance(weekend.opens, Repeats)
    assert (weekend.opens.cron.timezone, weekend.opens.lasts) == (
        "Europe/Berlin",
        timedelta(hours=63),
    )
    assert weekend.acts == {Act.APPLY, Act.OFFHOURS, Act.WAKE}
    assert weekend.text == "0 17 * * FRI for 2d15h (Europe/Berlin)"
    assert friday == Window(
        name="black friday",
        acts=frozenset({Act.APPLY}),
        opens=Once(
            start=datetime(2026, 11, 25, 23, tzinfo=UTC), end=datetime(2026, 11, 30, 23, tzinfo=UTC)
        ),
        stacks=("web-*",),
        teams=frozenset({"acme/sre"}),
        text="2026-11-26T00:00 to 2026-12-01T00:00 (Europe/Berlin)",
    )
    assert isinstance(blue.opens, Once)
    assert blue.opens.end == datetime(2026, 11, 30, 8, tzinfo=UTC)


def test_windows_pass_through_the_loaders_pipe_and_count_as_rules() -> None:
    environment, other = load(WEEKEND, FRIDAY)[0], load(WEEKEND)[0]
    assert environment is not None
    assert other is not None
    assert from_data(to_open_data(environment), Environment) == environment
    assert rules_hash(environment) != rules_hash(other)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (
            ("deny: [apply, offhours]", "allow: [apply], deny: [heal]"),
            "deny or allow, and not both",
        ),
        (("deny: [apply, offhours], ", ""), "deny or allow, and not both"),
        (("deny: [apply, offhours]", "deny: []"), "deny or allow, and not both"),
        (("[apply, offhours]", "[wake]"), "must be one of apply, promote"),
        ((", for: 63h", ""), "does not say when it is open"),
        ((', cron: "0 17 * * FRI", for: 63h', ""), "does not say when it is open"),
        (("for: 63h", "for: 63h, until: 2026-11-30"), "says it twice"),
        (("for: 63h", "for: 32d"), "too long"),
        (("for: 63h", "for: 0h"), "too short"),
        (("FRI", "FRY"), '"FRY" is not allowed in the field for the day of week'),
        (("for: 63h", "for: 63h, stacks: []"), "stacks of the window"),
        (("for: 63h", "for: 63h, override: {teams: []}"), "override of the window"),
        (("for: 63h", "for: 63h, override: {teams: [sre]}"), "organisation/team"),
        (
            ('cron: "0 17 * * FRI", for: 63h', "from: 2026-11-26, until: 2026-11-30"),
            "Write 2026-11-26T00:00",
        ),
        (
            ('cron: "0 17 * * FRI", for: 63h', "from: 2026-11-26T08:00, until: 2026-11-26T08:00"),
            "ends before it begins",
        ),
        (("name: weekend", "name: black friday"), "There are two windows"),
    ],
)
def test_a_window_that_contradicts_itself_is_told(change: tuple[str, str], part: str) -> None:
    environment, told = load(FRIDAY, WEEKEND.replace(*change))
    assert environment is None
    assert len(told) == 1
    assert part in told[0]

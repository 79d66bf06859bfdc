"""What ``drift`` of an environment and of a stack means, and what is refused in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gitbot.model.codec import from_data, to_open_data
from gitbot.model.desired import LoadedTree
from gitbot.model.drift import DriftOff, DriftRules, HealRule, IgnoreRule, IssueRules
from gitbot.model.names import Address
from gitbot.model.time import Cron, Every
from tests.unit.language.specs_by_hand import codes, load_files

HEAD = (
    "apiVersion: gitbot/v1\nkind: Environment\nmetadata: {name: dev}\nspec:\n  region: eu-west-1\n"
)
STACK = "apiVersion: gitbot/v1\nkind: Stack\nmetadata: {name: web}\nspec:\n  resources: {}\n"
BERLIN = "  timezone: Europe/Berlin\n"


def environment(drift: str = "", stack: str = "") -> LoadedTree:
    files = {"specs/dev/environment.yaml": HEAD + drift, "specs/dev/web.yaml": STACK + stack}
    return load_files(files)


def rules(drift: str) -> DriftRules:
    loaded = environment(drift)
    assert codes(loaded) == []
    # What the loader's child sends comes back as it was.
    return from_data(to_open_data(loaded.environments["dev"].drift), DriftRules)


def test_drift_is_looked_for_every_hour_unless_the_environment_says_otherwise() -> None:
    found = rules("")
    assert found == DriftRules()
    assert found.scan == Every(interval=timedelta(hours=1))
    assert (found.confirm_after, found.issues.most) == (timedelta(minutes=5), 10)
    assert rules("  drift: {confirmAfter: 1m}\n").scan == found.scan
    assert rules("  drift: 30m\n").scan == Every(interval=timedelta(minutes=30))


@pytest.mark.parametrize("drift", ['  drift: "off"\n', '  drift: {every: "off"}\n'])
def test_off_is_off(drift: str) -> None:
    assert rules(drift).scan is None


def test_everything_can_be_said() -> None:
    found = rules(
        BERLIN
        + """  drift:
    cron: "0 */2 * * *"
    confirmAfter: 10m
    issues: {labels: [drift], assignees: [team-lead], max: 3}
    heal:
      - {types: ["AWS::S3::Bucket"], paths: ["/Tags"]}
    ignore:
      - {stack: web, resource: bucket, path: /Tags/owner, until: 2026-12-24, because: "handover"}
      - {stack: web, resource: bucket, path: /Tags/a, until: "2026-12-24T18:00Z", because: "x"}
"""
    )
    assert isinstance(found.scan, Cron)
    assert (found.scan.expression, found.scan.timezone) == ("0 */2 * * *", "Europe/Berlin")
    assert found.confirm_after == timedelta(minutes=10)
    assert found.issues == IssueRules(labels=("drift",), assignees=("team-lead",), most=3)
    assert found.heal == (HealRule(types=("AWS::S3::Bucket",), paths=("/Tags",)),)
    assert found.ignore[0] == IgnoreRule(
        stack="web",
        resource=Address("bucket"),
        path="/Tags/owner",
        until=datetime(2026, 12, 24, 23, tzinfo=UTC),
        because="handover",
    ), "a date means its end, in the environment's time zone"
    assert found.ignore[1].until == datetime(2026, 12, 24, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("drift", "code"),
    [
        ('{every: 30m, cron: "0 * * * *"}', "bad-value"),
        ("{every: 30}", "wrong-type"),
        ("{every: 10s}", "bad-value"),
        ('{cron: "61 * * * *"}', "bad-value"),
        ("{confirmAfter: 2d}", "bad-value"),
        ("{issues: {max: 0}}", "bad-value"),
        ("{issues: {assignees: ['@ada']}}", "bad-value"),
        ("{heal: [{types: ['AWS::S3::Bucket']}]}", "missing-field"),
        ("{heal: [{types: [bucket], paths: [/Tags]}]}", "bad-value"),
        ("{ignore: [{stack: web, resource: b, path: /T, until: 2026-12-24}]}", "missing-field"),
        (
            '{ignore: [{stack: web, resource: b, path: /T, until: 2026-12-24, because: " "}]}',
            "bad-value",
        ),
        (
            "{ignore: [{stack: web, resource: b, path: Tags, until: 2026-12-24, because: x}]}",
            "bad-value",
        ),
        ("{ignore: [{stack: web, resource: b, path: /T, until: soon, because: x}]}", "bad-value"),
    ],
)
def test_what_is_wrong_is_told(drift: str, code: str) -> None:
    loaded = environment(f"  drift: {drift}\n")
    assert code in codes(loaded)
    assert loaded.environments == {}


def test_a_stack_can_be_left_out_for_a_while() -> None:
    text = "  drift: {off: true, until: 2026-12-24, because: migration}\n"
    (stack,) = environment(BERLIN, text).stacks
    assert stack.drift_off == DriftOff(
        until=datetime(2026, 12, 24, 23, tzinfo=UTC), because="migration"
    )
    (same,) = environment().stacks
    assert same.drift_off is None
    assert same.hash == stack.hash, "no apply acts on it"
    (on,) = environment("", text.replace("true", "false")).stacks
    assert on.drift_off is None


@pytest.mark.parametrize("text", ["{off: true}", "{off: true, until: 2026-12-24}", "true"])
def test_leaving_a_stack_out_takes_an_end_and_a_reason(text: str) -> None:
    assert environment("", f"  drift: {text}\n").stacks == ()

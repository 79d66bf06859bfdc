"""Tests for what a plan says a changed statement of a policy opens: it depends on the statement's effect."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gitbot.model.plan import Action
from gitbot.model.values import Unknown
from gitbot.providers.aws.catalog import open_catalog
from gitbot.reconciler.compare import compare
from gitbot.render.access import opened
from tests.unit.reconciler.planning_world import REDACT
from tests.unit.render.plans_by_hand import created

KEY = open_catalog().lookup("AWS::KMS::Key")
TLS = {"Bool": {"aws:SecureTransport": "false"}}
HOME = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
BOTH = {**TLS, **HOME}
GONE: dict[str, Any] = {}
BOB, ANN = "arn:aws:iam::1:user/bob", "arn:aws:iam::1:user/ann"

CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], bool, bool]] = {
    "a condition goes": ({"Condition": TLS}, GONE, True, False),
    "a condition comes": (GONE, {"Condition": TLS}, False, True),
    "one test of two goes": ({"Condition": BOTH}, {"Condition": TLS}, True, False),
    "one test more": ({"Condition": TLS}, {"Condition": BOTH}, False, True),
    "everybody": ({"Principal": {"AWS": BOB}}, {"Principal": {"AWS": "*"}}, True, False),
    "everybody, in words": ({"Principal": {"AWS": BOB}}, {"Principal": "*"}, True, False),
    "everybody, on a condition": ({"Principal": "*"}, {"Principal": "*", "Condition": TLS}, False, True),
    "not everybody": ({"Principal": "*"}, {"Principal": {"AWS": BOB}}, False, True),
    "every action": ({"Action": ["s3:GetObject"]}, {"Action": ["s3:*"]}, True, False),
    "fewer actions": ({"Action": ["s3:Get*", "s3:Put*"]}, {"Action": ["s3:Put*"]}, False, True),
    "all other actions": ({"Action": ["s3:GetObject"]}, {"Action": GONE, "NotAction": ["iam:Get"]}, True, True),
    "fewer exceptions": ({"NotAction": ["a:A", "a:B"]}, {"NotAction": ["a:B"]}, True, False),
    "more exceptions": ({"NotAction": ["a:B"]}, {"NotAction": ["a:A", "a:B"]}, False, True),
    "fewer are not meant": ({"NotPrincipal": {"AWS": [ANN, BOB]}}, {"NotPrincipal": {"AWS": [BOB]}}, True, False),
    "more are not meant": ({"NotPrincipal": {"AWS": [BOB]}}, {"NotPrincipal": {"AWS": [ANN, BOB]}}, False, True),
    "fewer things but these": ({"NotResource": ["a", "b"]}, {"NotResource": ["b"]}, True, False),
    "more things but these": ({"NotResource": ["b"]}, {"NotResource": ["a", "b"]}, False, True),
    "fewer things": ({"Resource": ["a", "b"]}, {"Resource": ["b"]}, False, True),
    "more things": ({"Resource": ["b"]}, {"Resource": ["a", "b"]}, False, False),
    "a thing that is not known yet": ({"Resource": ["b"]}, {"Resource": [Unknown(template="${b.Arn}")]}, False, False),
}  # fmt: skip
"""What changes in a statement, and whether that opens access where it allows, and where it denies."""


def _document(effect: str, parts: dict[str, Any], more: int = 0) -> dict[str, Any]:
    base = {"Sid": "One", "Effect": effect, "Principal": {"AWS": BOB}, "Action": ["s3:GetObject"], "Resource": ["b"]}  # fmt: skip
    for key in parts:
        base.pop(key.removeprefix("Not"), None)
    statement = {**base, **{key: part for key, part in parts.items() if part}}
    other = {**base, "Sid": "Two", "Effect": "Allow"}
    return {"Version": "2012-10-17", "Statement": [statement, *[other] * more]}


def _opens(before: Any, after: Any) -> tuple[str, ...]:
    """What a plan says that it opens which makes the policy of a key another one."""
    assert KEY is not None
    paths = compare(
        KEY,
        desired={"KeyPolicy": after},
        recorded={"KeyPolicy": after},
        observed={"KeyPolicy": before},
        redactor=REDACT,
    )
    assert paths
    return opened(replace(created("a"), action=Action.UPDATE, paths=paths))


@pytest.mark.parametrize("more", [0, 1], ids=["part by part", "the whole list"])
@pytest.mark.parametrize("text", [False, True], ids=["a map", "a text"])
@pytest.mark.parametrize("case", CHANGES)
def test_what_a_statement_opens_depends_on_its_effect(case: str, text: bool, more: int) -> None:
    was, now, allows, denies = CHANGES[case]
    for effect, opens in (("Allow", allows), ("Deny", denies)):
        before, after = _document(effect, was, more), _document(effect, now)
        known = "Unknown" not in repr(after)
        found = _opens(before, json.dumps(after) if text and known else after)
        assert bool(found) is opens, (effect, found)


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_statement_that_no_longer_denies_opens(effect: str) -> None:
    other = {"Allow": "Deny", "Deny": "Allow"}[effect]
    found = _opens(_document(effect, GONE), _document(other, GONE))
    assert bool(found) is (effect == "Deny")


def test_the_words_say_what_is_opened() -> None:
    assert _opens(_document("Deny", GONE), _document("Deny", {"Condition": TLS})) == (
        'access: a "Deny" is removed or narrower',
    )
    assert _opens(_document("Allow", {"Condition": TLS}), _document("Allow", GONE)) == (
        "access: Condition is removed",
    )

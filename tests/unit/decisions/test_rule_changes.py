"""Tests of one kind: the rules of an environment changed, and nobody was told.

Looser requirements, rights or another account got no comment and no check.
"""

from __future__ import annotations

from dataclasses import fields, make_dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from gitbot.decisions.commands.table import TABLE
from gitbot.decisions.rule_changes import rule_changes, same_place
from gitbot.model.desired import (
    ChangedPlan,
    Environment,
    Grant,
    Permission,
    Requirement,
    Roles,
    Trigger,
)
from gitbot.model.drift import DriftRules
from gitbot.model.expiry import ExpiryRules
from gitbot.model.hours import OffHours
from gitbot.model.lookups import LookupRule
from gitbot.model.rule_changes import Effect, RuleChange
from tests.unit.decisions.facts_by_hand import PROD

LOOSENS, TIGHTENS, CHANGES = Effect.LOOSENS, Effect.TIGHTENS, Effect.CHANGES
APPROVED = frozenset({Requirement.APPROVED, Requirement.NO_CONFLICT})
STRICT = replace(
    PROD,
    requirements=APPROVED,
    grants={"apply": Grant(permission=Permission.ADMIN)},
    roles=Roles(plan="p", apply="a"),
    variables={"size": 1},
    tags={"env": "prod"},
    secrets=("ssm:/a",),
)


LOOKS = LookupRule(type="AWS::EC2::VPC", identifiers=("vpc-*",), attributes=("VpcId", "Arn"))


@pytest.mark.parametrize(
    ("changes", "rule", "before", "after", "effect"),
    [
        pytest.param(
            {"secrets": ("ssm:/a", "ssm:/b")},
            "secrets",
            ["ssm:/a"],
            ["ssm:/a", "ssm:/b"],
            LOOSENS,
            id="specs-may-name-more-secrets",
        ),
        pytest.param(
            {"secrets": ()}, "secrets", ["ssm:/a"], [], TIGHTENS, id="specs-may-name-no-secret"
        ),
        pytest.param(
            {"lookups": (LOOKS,)},
            "lookups",
            None,
            "VpcId, Arn of AWS::EC2::VPC vpc-*",
            LOOSENS,
            id="specs-may-look-up-more",
        ),
        pytest.param(
            {"requirements": frozenset({Requirement.NO_CONFLICT})},
            "requirements",
            ["approved", "no-conflict"],
            ["no-conflict"],
            LOOSENS,
            id="no approval",
        ),
        pytest.param(
            {"requirements": APPROVED | {Requirement.CHECKS}},
            "requirements",
            ["approved", "no-conflict"],
            ["approved", "checks", "no-conflict"],
            TIGHTENS,
            id="checks too",
        ),
        pytest.param(
            {"off_hours": OffHours(text="off=(M-F,19)")},
            "offhours",
            None,
            "off=(M-F,19)",
            CHANGES,
            id="machines stop in the evening",
        ),
        pytest.param(
            {"drift": DriftRules(scan=None)}, "drift.every", "1h", "off", LOOSENS, id="drift off"
        ),
        pytest.param(
            {"requirements": frozenset({Requirement.CHECKS})},
            "requirements",
            ["approved", "no-conflict"],
            ["checks"],
            LOOSENS,
            id="others",
        ),
        pytest.param(
            {"changed_plan": ChangedPlan.APPLY},
            "apply.changedPlan",
            "hold",
            "apply",
            LOOSENS,
            id="changed plans",
        ),
        pytest.param(
            {"delete_on_remove": False}, "deleteOnRemove", True, False, TIGHTENS, id="what leaves"
        ),
        pytest.param(
            {"triggers": frozenset({Trigger.MERGE})},
            "apply.on",
            ["comment", "merge"],
            ["merge"],
            TIGHTENS,
            id="fewer triggers",
        ),
        pytest.param(
            {"region": "us-east-1"}, "region", "eu-west-1", "us-east-1", CHANGES, id="region"
        ),
        pytest.param({"account": "2"}, "account", "111111111111", "2", CHANGES, id="account"),
        pytest.param({"account": None}, "account", "111111111111", None, LOOSENS, id="any account"),
        pytest.param(
            {"roles": Roles(plan="p", apply="b")}, "roles.apply", "a", "b", CHANGES, id="a role"
        ),
        pytest.param(
            {"roles": Roles(apply="a")}, "roles.plan", "p", None, LOOSENS, id="no role for plans"
        ),
        pytest.param({"variables": {"size": 2}}, "variables.size", 1, 2, CHANGES, id="a variable"),
        pytest.param(
            {"variables": {"size": 1, "more": [1]}},
            "variables.more",
            None,
            [1],
            CHANGES,
            id="another variable",
        ),
        pytest.param({"tags": {}}, "tags.env", "prod", None, CHANGES, id="a tag"),
    ],
)
def test_each_rule_says_whether_it_is_looser(
    changes: dict[str, Any], rule: str, before: object, after: object, effect: Effect
) -> None:
    expected = RuleChange(rule=rule, before=before, after=after, effect=effect)
    assert rule_changes(STRICT, replace(STRICT, **changes)) == (expected,)


def grants(**given: Grant) -> Environment:
    return replace(STRICT, grants=given)


ADMIN, WRITE = Grant(permission=Permission.ADMIN), Grant(permission=Permission.WRITE)
ADA = Grant(permission=None, users=frozenset({"ada"}))


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        pytest.param(ADMIN, WRITE, LOOSENS, id="a lower permission"),
        pytest.param(WRITE, ADMIN, TIGHTENS, id="a higher permission"),
        pytest.param(ADA, replace(ADA, users=frozenset({"ada", "bob"})), LOOSENS, id="one more"),
        pytest.param(replace(ADA, users=frozenset({"ADA", "bob"})), ADA, TIGHTENS, id="one less"),
        pytest.param(ADA, replace(ADA, teams=frozenset({"acme/ml"})), LOOSENS, id="a team"),
        pytest.param(ADA, ADMIN, LOOSENS, id="all admins and not one person"),
        pytest.param(ADMIN, replace(ADMIN, permission=None), TIGHTENS, id="nobody"),
        pytest.param(
            WRITE, ADA, Effect.MAY_LOOSEN, id="one person and not everybody who may write"
        ),
        pytest.param(
            WRITE,
            replace(ADMIN, teams=frozenset({"acme/ml"})),
            Effect.MAY_LOOSEN,
            id="admins and a team",
        ),
        pytest.param(
            Grant(permission=Permission.READ), ADA, TIGHTENS, id="one of those who may read"
        ),
        pytest.param(
            replace(ADA, permission=Permission.WRITE), ADA, TIGHTENS, id="only who was named"
        ),
    ],
)
def test_a_right_is_looser_when_it_lets_anybody_more(
    before: Grant, after: Grant, effect: Effect
) -> None:
    found = {
        each.rule: each.effect for each in rule_changes(grants(unlock=before), grants(unlock=after))
    }
    assert found == {"permissions.unlock": effect}


def test_a_verb_without_an_entry_changes_with_apply() -> None:
    found = rule_changes(grants(apply=ADMIN), grants(apply=WRITE))
    verbs = [verb.name for verb in TABLE if verb.needs_right]
    assert [each.rule for each in found] == [f"permissions.{name}" for name in verbs]
    assert {each.after for each in found} == {"write access"}


def test_a_new_environment_is_compared_with_one_that_says_nothing() -> None:
    new = replace(PROD, changed_plan=ChangedPlan.APPLY, requirements=frozenset())
    found = {each.rule: each.effect for each in rule_changes(None, new)}
    assert found == {
        "region": CHANGES,
        "account": TIGHTENS,
        "apply.changedPlan": LOOSENS,
        "requirements": LOOSENS,
    }
    assert rule_changes(PROD, None) == ()
    assert rule_changes(PROD, replace(PROD, source=STRICT.source)) == ()


def test_a_rule_that_is_not_known_here_yet_is_listed_whole() -> None:
    later = make_dataclass(
        "Later", [("budget", str, "100")], bases=(Environment,), frozen=True, kw_only=True
    )
    given = {field.name: getattr(PROD, field.name) for field in fields(PROD)}
    before, after = later(**given), later(**given, budget="900")
    assert rule_changes(before, after) == (RuleChange(rule="budget", before="100", after="900"),)
    assert rule_changes(PROD, after) == (RuleChange(rule="budget", after="900"),)


@pytest.mark.parametrize(
    ("before", "same"),
    [
        pytest.param(PROD, True, id="the same"),
        pytest.param(replace(PROD, requirements=APPROVED), True, id="other rules"),
        pytest.param(replace(PROD, account="2"), False, id="another account"),
        pytest.param(replace(PROD, region="us-east-1"), False, id="another region"),
        pytest.param(replace(PROD, roles=Roles(apply="a")), False, id="another role"),
        pytest.param(None, False, id="not there yet"),
    ],
)
def test_whether_an_environment_leads_where_it_led_before(
    before: Environment | None, same: bool
) -> None:
    assert same_place(before, PROD) is same


HOUR = timedelta(hours=1)
EXPIRING = replace(
    PROD,
    expiry=ExpiryRules(default=24 * HOUR, longest=72 * HOUR, exempt=frozenset({"a"})),
)


@pytest.mark.parametrize(
    ("change", "rule", "before", "after", "effect"),
    [
        ({"default": None}, "default", "1d", None, CHANGES),
        ({"longest": None}, "max", "3d", None, LOOSENS),
        ({"longest": 48 * HOUR}, "max", "3d", "2d", TIGHTENS),
        ({"extensions": 4}, "extensions", "3", "4", LOOSENS),
        ({"warn": (48 * HOUR, HOUR)}, "warn", ["2d", "1d", "2h"], ["2d", "1h"], LOOSENS),
        ({"warn": (48 * HOUR,)}, "warn", ["2d", "1d", "2h"], ["2d"], TIGHTENS),
        ({"grace": HOUR}, "grace", "1d", "1h", LOOSENS),
        ({"exempt": frozenset({"a", "b"})}, "except", ["a"], ["a", "b"], LOOSENS),
        ({"exempt": frozenset[str]()}, "except", ["a"], [], TIGHTENS),
    ],
)
def test_less_notice_and_longer_lives_are_looser(
    change: dict[str, Any], rule: str, before: Any, after: Any, effect: Effect
) -> None:
    assert EXPIRING.expiry is not None
    other = replace(EXPIRING, expiry=replace(EXPIRING.expiry, **change))
    expected = RuleChange(rule=f"ttl.{rule}", before=before, after=after, effect=effect)
    assert rule_changes(EXPIRING, other) == (expected,)


def test_the_first_rules_of_expiry_are_listed_one_by_one() -> None:
    found = {change.rule: change.effect for change in rule_changes(PROD, EXPIRING)}
    assert found == {"ttl.default": CHANGES, "ttl.max": TIGHTENS, "ttl.except": LOOSENS}


def test_an_entry_of_lookups_that_goes_and_one_that_comes_are_told_apart() -> None:
    other = replace(LOOKS, attributes=("*",))
    found = rule_changes(replace(PROD, lookups=(LOOKS,)), replace(PROD, lookups=(other,)))
    assert [(one.before, one.after, one.effect) for one in found] == [
        (str(LOOKS), None, TIGHTENS),
        (None, "* of AWS::EC2::VPC vpc-*", LOOSENS),
    ]


def test_the_order_of_the_listed_secrets_is_no_rule() -> None:
    before = replace(STRICT, secrets=("ssm:/a", "ssm:/b"))
    assert rule_changes(before, replace(STRICT, secrets=("ssm:/b", "ssm:/a", "ssm:/b"))) == ()

"""Statements of policies pair by what names them, so that a plan tells what changes within one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from gitbot.model.names import Address
from gitbot.model.plan import Action, Cause, Change, PathChange
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.policy_kinds import POLICIES
from gitbot.reconciler.compare import compare
from gitbot.render.access import opened
from tests.unit.reconciler.planning_world import REDACT

TOPIC: Final = "AWS::SNS::TopicPolicy"
LIST: Final = "/PolicyDocument/Statement"
CONDITION: Final = {"StringEquals": {"aws:UserAgent": "x"}}
ANYBODY: Final = {
    "Sid": "s",
    "Effect": "Allow",
    "Principal": "*",
    "Action": "sns:Publish",
    "Resource": "*",
    "Condition": CONDITION,
}
ONE: Final = {
    "Sid": "s2",
    "Effect": "Allow",
    "Principal": {"AWS": "123456789012"},
    "Action": "sns:Subscribe",
    "Resource": "*",
}
OTHER: Final = {**ONE, "Sid": "s3", "Action": "sns:GetTopicAttributes"}
NO_NAME: Final = {name: one for name, one in ONE.items() if name != "Sid"}
CATALOG: Final = open_catalog()


def differ(
    before: list[Any],
    after: list[Any],
    cloud: list[Any] | None = None,
    ignore: tuple[str, ...] = (),
) -> tuple[PathChange, ...]:
    schema = CATALOG.lookup(TOPIC)
    assert schema is not None

    def policy(statements: list[Any]) -> Mapping[str, Any]:
        return {"PolicyDocument": {"Statement": statements}, "Topics": ["t"]}

    return compare(
        schema,
        desired=policy(after),
        recorded=policy(before),
        observed=policy(before if cloud is None else cloud),
        ignore=ignore,
        redactor=REDACT,
    )


def brief(paths: tuple[PathChange, ...]) -> list[tuple[str, Any, Any]]:
    return [(path.path, path.before, path.after) for path in paths]


def opens(paths: tuple[PathChange, ...]) -> tuple[str, ...]:
    return opened(Change(address=Address("it"), type=TOPIC, action=Action.UPDATE, paths=paths))


def test_another_action_of_one_statement_is_one_line_and_opens_nothing() -> None:
    found = differ([ANYBODY, ONE], [ANYBODY, {**ONE, "Action": "sns:GetTopicAttributes"}])
    assert [(one.before, one.after) for one in found] == [
        ("sns:Subscribe", "sns:GetTopicAttributes")
    ]
    assert (found[0].effect, opens(found)) == ("Allow", ())


@pytest.mark.parametrize("after", [{"Action": "sns:AddPermission"}, {"Sid": "named"}])
def test_a_statement_without_a_name_is_the_one_that_is_left_over(after: dict[str, str]) -> None:
    found = differ([ANYBODY, NO_NAME], [{**NO_NAME, **after}, ANYBODY])
    assert [one.path.split("/")[4] for one in found] == [*after]
    assert opens(found) == ()


def test_a_statement_that_gets_another_name_and_loses_its_condition_opens_access() -> None:
    free = {name: one for name, one in ANYBODY.items() if name != "Condition"}
    found = differ([ANYBODY, ONE], [ONE, {**free, "Sid": "a"}])
    assert [one.path.split("/")[4] for one in found] == ["Condition", "Sid"]
    assert opens(found) == ("access: Condition is removed",)


def test_a_statement_more_or_less_is_a_change_of_its_own() -> None:
    (more,) = differ([ANYBODY, ONE], [ANYBODY, ONE, OTHER])
    assert (more.added, more.after["Sid"], opens((more,))) == (True, "s3", ())  # type: ignore[index, call-overload]
    (less,) = differ([ANYBODY, ONE, OTHER], [ANYBODY, OTHER])
    assert (less.removed, less.before["Sid"], opens((less,))) == (True, "s2", ())  # type: ignore[index, call-overload]
    deny = {**OTHER, "Effect": "Deny"}
    assert opens(differ([ONE, deny], [ONE])) == ('access: a "Deny" is removed or narrower',)


def test_a_statement_that_somebody_added_is_drift_of_that_statement() -> None:
    found = differ([ANYBODY, ONE], [ANYBODY, ONE], [OTHER, ANYBODY, ONE])
    assert [(one.cause, one.removed) for one in found] == [(Cause.DRIFT, True)]


def test_of_every_policy_the_statements_have_names() -> None:
    for name, paths in POLICIES.items():
        schema = CATALOG.lookup(name)
        assert schema is not None
        lists = {f"{path}/Statement" for path in paths}
        assert lists <= schema.identities.keys() & schema.renames, name


def test_an_ignored_statement_and_all_ignored_ones_are_left_alone() -> None:
    after = [ANYBODY, {**ONE, "Action": "sns:AddPermission"}]
    assert differ([ANYBODY, ONE], after, ignore=(f"{LIST}/*/Action",)) == ()
    assert differ([ANYBODY, ONE], [ANYBODY, ONE], [OTHER, ANYBODY, ONE], (f"{LIST}/*",)) == ()

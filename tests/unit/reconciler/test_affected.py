"""Tests for the stacks that a pull request or an apply affects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitbot.decisions.wanted import NO_FACTS, wanted
from gitbot.model.desired import DesiredStack, Environment, LoadedTree, Roles
from gitbot.model.diagnostic import Diagnostic, Severity, SourceSpan
from gitbot.model.recorded import StackHeader
from gitbot.model.wanted import TimeFacts, Tombstone, Wanted
from gitbot.reconciler.affected import (
    affected_by_apply,
    affected_by_pull_request,
    environment_changes,
    environment_errors,
)
from tests.unit.reconciler.planning_world import ACCOUNT, STACK, header_of, record, stack, state

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DEV = Environment(
    name="dev",
    region="eu-west-1",
    account=ACCOUNT,
    source=SourceSpan(file="specs/dev/environment.yaml"),
)
BROKEN = Diagnostic(
    file="specs/dev/x.yaml", code="c", summary="s", detail="d", fix="f", environment="dev"
)


def tree(*stacks: DesiredStack, diagnostics: Sequence[Diagnostic] = ()) -> LoadedTree:
    return LoadedTree(environments={"dev": DEV}, stacks=stacks, diagnostics=tuple(diagnostics))


def dev(*stacks: DesiredStack, diagnostics: Sequence[Diagnostic] = ()) -> Wanted:
    return wanted(tree(*stacks, diagnostics=diagnostics), "dev", NO_FACTS, NOW)


def applied(name: str, hash_: str | None = "h1", **more: Any) -> StackHeader:
    own = {"id": replace(STACK, name=name), "desired_hash": hash_, **more}
    return header_of(state(record("a"), **own))


def test_a_pull_request_affects_the_stacks_that_it_adds_changes_and_removes() -> None:
    tip = dev(stack(name="same"), stack(name="changed"), stack(name="gone"))
    merged = dev(stack(name="same"), stack(name="changed", hash_="h2"), stack(name="added"))
    assert affected_by_pull_request(tip, merged) == ("added", "changed", "gone")


def test_a_stack_that_does_not_load_does_not_count_as_removed() -> None:
    tip = dev(stack(name="broken"))
    assert affected_by_pull_request(tip, dev(diagnostics=[BROKEN])) == ()
    warning = replace(BROKEN, severity=Severity.WARNING)
    assert affected_by_pull_request(tip, dev(diagnostics=[warning])) == ("broken",)


def test_stacks_come_after_those_that_they_use() -> None:
    merged = dev(stack(name="a", depends_on=["z"]), stack(name="z"), stack(name="b"))
    assert affected_by_pull_request(dev(), merged) == ("b", "z", "a")


@pytest.mark.parametrize(
    ("recorded", "affected"),
    [
        ([], ("web",)),
        ([applied("web")], ()),
        ([applied("web", "h0")], ("web",)),
        ([applied("web", None)], ("web",)),
        ([applied("web", complete=False)], ("web",)),
        ([applied("web"), applied("gone")], ("gone",)),
        ([applied("web"), applied("gone", complete=False)], ("gone",)),
        ([applied("web"), applied("gone", resources={})], ()),
        ([applied("web"), replace(applied("other"), id=replace(STACK, environment="prod"))], ()),
    ],
)
def test_an_apply_affects_stacks_that_differ_from_their_last_completed_apply(
    recorded: list[StackHeader], affected: tuple[str, ...]
) -> None:
    assert affected_by_apply(dev(stack(name="web")), recorded) == affected


def test_nothing_counts_as_gone_while_the_environment_has_errors() -> None:
    loaded = dev(stack(name="web", hash_="h2"), diagnostics=[BROKEN])
    assert affected_by_apply(loaded, [applied("web"), applied("gone")]) == ("web",)


def test_stacks_of_a_removed_environment_do_not_count_as_gone() -> None:
    loaded = wanted(LoadedTree(environments={}, stacks=()), "dev", NO_FACTS, NOW)
    assert affected_by_apply(loaded, [applied("gone")]) == ()


def test_a_stack_that_moved_its_name_is_not_gone() -> None:
    loaded = dev(stack(name="new", moved_from="web"))
    assert affected_by_apply(loaded, [applied("web")]) == ("new",)
    assert affected_by_apply(loaded, [applied("web"), applied("new")]) == ("web",)


@pytest.mark.parametrize(
    ("tip", "merged", "words"),
    [
        (DEV, DEV, ""),
        (DEV, replace(DEV, tags={"a": "b"}), ""),
        (DEV, None, ""),
        (None, DEV, "adds the environment"),
        (DEV, replace(DEV, account="2"), "account"),
        (DEV, replace(DEV, region="us-east-1"), "region"),
        (DEV, replace(DEV, roles=Roles(apply="arn:evil")), "roles"),
        (DEV, replace(DEV, account="2", roles=Roles(plan="x")), "account and roles"),
    ],
)
def test_account_region_and_roles_change_only_once_merged(
    tip: Environment | None, merged: Environment | None, words: str
) -> None:
    found = environment_changes(tip, merged)
    assert words in found
    assert bool(found) is bool(words)


def test_an_environment_with_resources_can_be_neither_removed_nor_moved() -> None:
    def codes(**environments: Environment) -> list[str]:
        loaded = LoadedTree(environments=environments, stacks=())
        return [found.code for found in environment_errors(loaded, [applied("web")])]

    assert codes(dev=DEV) == []
    assert codes() == ["environment-removed"]
    assert codes(dev=replace(DEV, region="us-east-1")) == ["environment-region-changed"]
    assert codes(dev=replace(DEV, account="2")) == ["environment-account-changed"]
    assert codes(dev=replace(DEV, account=None)) == []


def test_an_empty_environment_may_be_removed_and_a_broken_one_does_not_count_as_removed() -> None:
    empty = applied("web", resources={})
    assert environment_errors(LoadedTree(environments={}, stacks=()), [empty]) == ()
    broken = LoadedTree(environments={}, stacks=(), diagnostics=(BROKEN,))
    assert environment_errors(broken, [applied("web")]) == ()


@pytest.mark.parametrize(
    ("since", "by_apply", "by_pull_request"),
    [(timedelta(0), (), ()), (timedelta(seconds=1), ("old",), ())],
    ids=["in force", "not yet in force"],
)
def test_an_expired_stack_is_neither_wanted_nor_gone(
    since: timedelta, by_apply: tuple[str, ...], by_pull_request: tuple[str, ...]
) -> None:
    specs = tree(stack(name="old"))
    mark = specs.stacks[0].hash
    stones = {"dev": NOW + since, "prod": NOW}
    facts = TimeFacts(
        tombstones={(place, "old"): Tombstone(at=at, mark=mark) for place, at in stones.items()}
    )
    found = wanted(specs, "dev", facts, NOW)
    assert affected_by_apply(found, [applied("old", "h0")]) == by_apply
    assert affected_by_pull_request(found, wanted(specs, "dev", facts, NOW)) == by_pull_request
    # Its file goes at last: that is no deletion of a stack either.
    without = wanted(tree(), "dev", facts, NOW)
    assert affected_by_apply(without, [applied("old")]) == (("old",) if since else ())


def test_an_instance_of_a_stack_is_where_its_name_says() -> None:
    def held(name: str, region: str) -> StackHeader:
        own = {"id": replace(STACK, name=name, region=region), "desired_hash": "h1"}
        return header_of(state(record("a", region=region), **own))

    right = [held("web@us-east-1", "us-east-1"), held("web", "eu-west-1")]
    assert environment_errors(tree(), right) == ()
    (found,) = environment_errors(tree(), [held("web", "us-east-1")])
    assert found.code == "environment-region-changed"
    assert len(environment_errors(tree(), [held("web@us-east-1", "eu-west-1")])) == 1

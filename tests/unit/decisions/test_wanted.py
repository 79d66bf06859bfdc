"""What a tree and the time want of each stack."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gitbot.decisions.wanted import NO_FACTS, wanted
from gitbot.model.desired import DesiredResource, LoadedTree
from gitbot.model.diagnostic import Severity
from gitbot.model.drift import DriftRules, IgnoreRule
from gitbot.model.names import Address
from gitbot.model.wanted import TimeFacts, Tombstone, Wanted
from tests.unit.decisions.facts_by_hand import NOW, PROD, a_problem, a_stack, a_tree

WEB, DB = a_stack("web"), a_stack("db")
TREE = a_tree(WEB, DB, a_stack("web", "h9", "prod"))
BOTH = Wanted(environment="dev", stacks={"web": WEB, "db": DB})
ONE = Wanted(environment="dev", stacks={"db": DB}, entombed=frozenset({"web"}))
SOON = NOW + timedelta(microseconds=1)


def _tombstone(environment: str, at: datetime, mark: str = WEB.hash) -> TimeFacts:
    return TimeFacts(tombstones={(environment, "web"): Tombstone(at=at, mark=mark)})


@pytest.mark.parametrize(
    ("tree", "facts", "expected"),
    [
        pytest.param(TREE, NO_FACTS, BOTH, id="the environment's stacks and no other's"),
        pytest.param(
            TREE,
            _tombstone("dev", NOW),
            ONE,
            id="a tombstone counts from its instant on",
        ),
        pytest.param(TREE, _tombstone("dev", SOON), BOTH, id="it does not count before"),
        pytest.param(
            TREE,
            _tombstone("prod", NOW),
            BOTH,
            id="another environment's tombstone does not count",
        ),
        pytest.param(
            a_tree(DB),
            _tombstone("dev", NOW),
            ONE,
            id="a stack stays entombed when its file has gone at last",
        ),
        pytest.param(
            TREE,
            _tombstone("dev", NOW, "h0"),
            BOTH,
            id="a file that says something else revives it",
        ),
        pytest.param(
            TREE, _tombstone("dev", NOW, ""), BOTH, id="a file that was gone and is back revives it"
        ),
        pytest.param(
            a_tree(environments=()),
            NO_FACTS,
            Wanted(environment="dev", present=False),
            id="the tree does not have the environment",
        ),
    ],
)
def test_what_is_wanted(tree: LoadedTree, facts: TimeFacts, expected: Wanted) -> None:
    assert wanted(tree, "dev", facts, NOW) == expected


@pytest.mark.parametrize(
    ("tree", "complete"),
    [
        pytest.param(TREE, True, id="whole"),
        pytest.param(a_tree(diagnostics=[a_problem()]), False, id="with errors"),
        pytest.param(a_tree(diagnostics=[a_problem(None)]), False, id="with errors of no one"),
        pytest.param(a_tree(diagnostics=[a_problem("prod")]), True, id="with errors elsewhere"),
        pytest.param(
            a_tree(diagnostics=[a_problem("dev", Severity.WARNING)]), True, id="with warnings"
        ),
        pytest.param(a_tree(environments=()), False, id="absent"),
    ],
)
def test_whether_a_stack_that_is_missing_is_really_not_wanted(
    tree: LoadedTree, complete: bool
) -> None:
    assert wanted(tree, "dev", NO_FACTS, NOW).complete is complete


def test_resources_know_the_drift_that_their_environment_ignores_now() -> None:
    rule = IgnoreRule(
        stack="web", resource=Address("bucket"), path="/Tags", until=NOW, because="handover"
    )
    others = [replace(rule, stack="other"), replace(rule, resource=Address("logs"))]
    rules = DriftRules(ignore=(rule, *others))
    dev = replace(PROD, name="dev", drift=rules)
    stack = replace(
        WEB,
        resources={
            name: DesiredResource(
                address=name, type="AWS::S3::Bucket", properties={}, source=WEB.source
            )
            for name in (Address("bucket"), Address("vault"))
        },
    )
    tree = LoadedTree(environments={"dev": dev}, stacks=(stack,))
    before = wanted(tree, "dev", NO_FACTS, NOW - timedelta(seconds=1)).stacks["web"]
    assert before.resources[Address("bucket")].lifecycle.ignore_drift == (rule,)
    assert before.resources[Address("vault")].lifecycle.ignore_drift == ()
    assert wanted(tree, "dev", NO_FACTS, NOW).stacks["web"] == stack

"""Tests of what several plans of one stack do together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.plan import Action, Change, OutputChange, PathChange, Plan, SettingChange
from gitbot.model.schema import Disruption
from gitbot.reconciler.digest import digest
from gitbot.reconciler.union import union_digest


def a_change(address: str, action: Action = Action.UPDATE, **more: Any) -> Change:
    return Change(
        address=Address(address),
        type="Test::Machine",
        action=action,
        remote_id=None if action is Action.CREATE else RemoteId("i-1"),
        **more,
    )


def sets(address: str, *, action: Action = Action.UPDATE, **paths: Any) -> Change:
    changed = (PathChange(path=f"/{name}", after=value) for name, value in paths.items())
    return a_change(address, action, paths=tuple(changed))


def a_plan(*changes: Change, outputs: tuple[OutputChange, ...] = (), **more: Any) -> Plan:
    return Plan(
        stack=StackId(repository="1", environment="dev", name="web", region="eu-west-1"),
        commit=None,
        serial=1,
        lineage="l",
        desired_hash=None,
        changes=changes,
        outputs=outputs,
        **{"account": "1", **more},
    )


def ends(expiry: str, *changes: Change) -> Plan:
    return a_plan(*changes, lifetime=SettingChange(name="expiry", after=expiry))


RESTARTS = replace(sets("vm", Size="l"), disruption=Disruption.RESTART)
KEPT = a_change("vm", Action.NOOP, settings=(SettingChange(name="protect", before=True),))
RULE = PathChange(path="/Ingress/0", before={"P": 22}, removed=True)
OTHER_RULE = PathChange(path="/Ingress/0", before={"P": 80}, removed=True)


@pytest.mark.parametrize(
    ("agreed", "done"),
    [
        pytest.param([a_plan(sets("a", X=1))], a_plan(sets("a", X=1)), id="one alone"),
        pytest.param(
            [ends("ttl: 3d"), a_plan(sets("a", X=1)), ends("ttl: 4d"), a_plan(sets("b", Y=2))],
            ends("ttl: 4d", sets("a", X=1), sets("b", Y=2)),
            id="the last expiry counts",
        ),
        pytest.param(
            [a_plan(sets("a", X=1)), a_plan(sets("b", Y=2))],
            a_plan(sets("a", X=1), sets("b", Y=2)),
            id="two resources",
        ),
        pytest.param(
            [a_plan(sets("a", X=1)), a_plan(sets("a", Y=2))],
            a_plan(sets("a", X=1, Y=2)),
            id="two paths of one resource",
        ),
        pytest.param(
            [a_plan(sets("a", X=1)), a_plan(sets("a", X=2))],
            a_plan(sets("a", X=2)),
            id="the later of two values",
        ),
        pytest.param(
            [a_plan(RESTARTS), a_plan(sets("vm", Y=2))],
            a_plan(replace(sets("vm", Size="l", Y=2), disruption=Disruption.RESTART)),
            id="the stronger disruption",
        ),
        pytest.param(
            [a_plan(KEPT), a_plan(sets("vm", Y=2))],
            a_plan(replace(sets("vm", Y=2), settings=KEPT.settings)),
            id="a setting and a path",
        ),
        pytest.param(
            [
                a_plan(KEPT),
                a_plan(replace(KEPT, settings=(SettingChange(name="retain", after=1),))),
            ],
            a_plan(replace(KEPT, settings=(*KEPT.settings, SettingChange(name="retain", after=1)))),
            id="two settings",
        ),
        pytest.param(
            [a_plan(replace(KEPT, moved_from=Address("old"))), a_plan(sets("vm", Y=2))],
            a_plan(replace(sets("vm", Y=2), moved_from=Address("old"), settings=KEPT.settings)),
            id="a move and a path",
        ),
        pytest.param(
            [a_plan(a_change("a", paths=(RULE,))), a_plan(a_change("a", paths=(OTHER_RULE,)))],
            a_plan(a_change("a", paths=(RULE, replace(OTHER_RULE, path="/Ingress/1")))),
            id="two list elements that leave, by content",
        ),
        pytest.param(
            [
                a_plan(outputs=(OutputChange(name="x", definition=1),)),
                a_plan(outputs=(OutputChange(name="y", definition=2),)),
            ],
            a_plan(
                outputs=(
                    OutputChange(name="x", definition=1),
                    OutputChange(name="y", definition=2),
                )
            ),
            id="two outputs",
        ),
        pytest.param(
            [a_plan(sets("a", X=1)), a_plan()], a_plan(sets("a", X=1)), id="one that does nothing"
        ),
    ],
)
def test_what_was_agreed_to_apart_is_agreed_to_together(agreed: list[Plan], done: Plan) -> None:
    """Two pull requests merged within seconds had neither's digest, and were held."""
    assert union_digest(agreed) == digest(done)


CREATE = a_change("b", Action.CREATE, properties_hash="p")


@pytest.mark.parametrize(
    ("agreed", "done"),
    [
        pytest.param([], a_plan(), id="nothing was agreed to"),
        pytest.param(
            [a_plan(sets("a", X=1)), a_plan(sets("a", Y=2))],
            a_plan(sets("a", X=1, Y=3)),
            id="a value that is in none",
        ),
        pytest.param(
            [a_plan(sets("a", X=1)), a_plan(sets("a", Y=2))],
            a_plan(sets("a", X=1, Y=2, Z=3)),
            id="a path that is in none",
        ),
        pytest.param(
            [a_plan(sets("a", X=1)), a_plan(sets("a", X=2))],
            a_plan(sets("a", X=1)),
            id="the earlier of two values",
        ),
        pytest.param(
            [a_plan(sets("a", X=1)), a_plan(sets("b", Y=2))],
            a_plan(sets("a", X=1)),
            id="only a part",
        ),
        pytest.param(
            [a_plan(sets("a", X=1)), a_plan(CREATE)],
            a_plan(sets("a", X=1), replace(CREATE, properties_hash="q")),
            id="a new resource with more in it than was shown",
        ),
        pytest.param(
            [a_plan(sets("a", X=1)), a_plan(sets("a", Y=2))],
            a_plan(sets("a", action=Action.REPLACE, X=1, Y=2)),
            id="a replacement that neither showed",
        ),
        pytest.param(
            [a_plan(a_change("a", Action.DELETE)), a_plan(sets("a", Y=2))],
            a_plan(a_change("a", Action.DELETE)),
            id="a deletion of what the later one keeps",
        ),
        pytest.param(
            [a_plan(sets("a", X=1)), a_plan(sets("a", X=1), account="2")],
            a_plan(sets("a", X=1)),
            id="another account",
        ),
    ],
)
def test_what_no_plan_showed_is_not_agreed_to(agreed: list[Plan], done: Plan) -> None:
    assert union_digest(agreed) != digest(done)

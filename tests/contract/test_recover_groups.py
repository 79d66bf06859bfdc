"""Groups of IAM after a store was lost: they carry no tags and are part of nothing, so nothing tells whose they are."""

from __future__ import annotations

from pathlib import Path

from gitbot.bootstrap.engine import Opened
from gitbot.errors import SpecError
from gitbot.model.names import Address
from gitbot.model.plan import Action
from gitbot_sandbox.aws import LocalAws
from tests.contract.engine_world import apply, on, plans, recovered, stack, state_at, target
from tests.contract.test_recover import aws, opened

__all__ = ("aws", "opened")  # the fixtures of the neighbour

NAMED = """\
people:
  type: AWS::IAM::Group
  properties: {GroupName: people, Path: /ml/}
logs:
  type: AWS::Logs::LogGroup
  properties: {LogGroupName: recover-groups}
"""
UNNAMED = """\
others:
  type: AWS::IAM::Group
  properties: {Path: /ml/}
"""


def imported(resources: str, address: str, name: str) -> str:
    return resources.replace(f"{address}:\n", f"{address}:\n  lifecycle: {{import: {name}}}\n", 1)


def test_groups_are_named_and_taken_over_by_their_names(
    opened: Opened, aws: LocalAws, tmp_path: Path
) -> None:
    world = on(opened, state_at(opened, tmp_path / "groups.db"))
    apply(world, target(opened, stack(NAMED + UNNAMED)))
    (before,) = world.engine.state.read_all(target(opened, stack(NAMED)).key)
    lost = on(opened, state_at(opened, tmp_path / "lost.db"))

    (found,) = recovered(lost, target(opened, stack(NAMED + UNNAMED))).stacks
    assert found.after.resources.keys() == {Address("logs")}
    assert isinstance(found.refusal, SpecError)
    assert 'lifecycle: {import: "people"}' in found.refusal.diagnostics[0].fix

    files = imported(NAMED + UNNAMED, "people", "people")
    (found,) = recovered(lost, target(opened, stack(files))).stacks
    assert [one.address for one in found.twice] == ["others"]

    name = str(before.resources[Address("others")].remote_id)
    whole = target(opened, stack(imported(files, "others", name)))
    (plan,) = plans(lost, whole)
    changed = {one.address: one.action for one in plan.changes if one.action is not Action.NOOP}
    assert changed == {"people": Action.ADOPT, "others": Action.ADOPT}
    apply(lost, whole)
    (after,) = lost.engine.state.read_all(whole.key)
    assert {at: one.remote_id for at, one in after.resources.items()} == {
        at: one.remote_id for at, one in before.resources.items()
    }
    assert plans(lost, whole) == []
    groups = aws.client("iam").list_groups(PathPrefix="/ml/")["Groups"]
    assert {one["GroupName"] for one in groups} == {"people", name}

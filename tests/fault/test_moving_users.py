"""Kill an apply that replaces a group while another stack uses it, then run it again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gitbot_sandbox.aws import LocalAws
from tests.e2e.specs import group
from tests.e2e.test_across import user
from tests.fault.kill_world import KILLED, Edit, Killer, KillWorld

pytestmark = pytest.mark.full

ENVIRONMENT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec: {region: us-east-1, variables: {project: kill}}
"""
REPLACED: Edit = {"network.yaml": (("GroupName: ", "GroupName: new-"),)}
EACH = 3
"""Of how many boundaries one is tried: odd, to take turns between before and after."""


class TwoStacks(KillWorld):
    """A clone with a stack that has a group, and one that lets in who is in it."""

    def specs(self) -> Mapping[str, str]:
        """The first specs, by their names in ``specs/dev``."""
        return {
            "environment.yaml": ENVIRONMENT,
            "network.yaml": group("network"),
            "web.yaml": user(),
        }

    def ids(self) -> dict[str, str]:
        """The identifiers of the groups, by name."""
        found = self.aws.client("ec2").describe_security_groups()["SecurityGroups"]
        return {one["GroupName"]: one["GroupId"] for one in found if one["GroupName"] != "default"}


def about_to(aws: LocalAws, killer: Killer, folder: Path) -> TwoStacks:
    """A world in which the group of the first stack is about to be replaced."""
    folder.mkdir()
    world = TwoStacks(aws, killer, folder)
    assert world.gitbot("apply") == 0, world.report["printed"]
    world.edit(REPLACED)
    return world


def assert_moved(world: TwoStacks, before: Mapping[str, str]) -> None:
    """The world is whole: the user is the same object, and uses the new group alone."""
    world.assert_whole(2)
    after = world.ids()
    assert after.keys() == {"new-kill-dev-network", "kill-dev-web"}
    web, new = after["kill-dev-web"], after["new-kill-dev-network"]
    assert web == before["kill-dev-web"]
    assert new != before["kill-dev-network"]
    (made,) = world.aws.client("ec2").describe_security_groups(GroupIds=[web])["SecurityGroups"]
    (rule,) = made["IpPermissions"]
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [new]


@pytest.mark.timeout(3600)
def test_a_group_that_another_stack_uses_is_replaced_whenever_the_apply_is_killed(
    local_aws: LocalAws, killer: Killer, tmp_path: Path
) -> None:
    whole = about_to(local_aws, killer, tmp_path / "undisturbed")
    before = whole.ids()
    assert whole.gitbot("apply") == 0, whole.report["printed"]
    crossed = whole.report["crossed"]
    assert "after state give" in crossed
    assert_moved(whole, before)
    for point in range(1, len(crossed) + 1, EACH):
        world = about_to(local_aws, killer, tmp_path / str(point))
        before = world.ids()
        assert world.gitbot("apply", kill_at=point) == KILLED
        assert world.gitbot("apply") == 0, world.report["printed"]
        assert_moved(world, before)

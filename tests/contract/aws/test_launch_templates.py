"""Tests for the reading of launch templates: EC2 has no filter for their identifiers."""

from __future__ import annotations

from gitbot.model.names import RemoteId
from gitbot.model.observed import Absent, Observation, Present
from tests.contract.aws.test_identities import read_many
from tests.contract.aws.world import AwsWorld

TEMPLATE = "AWS::EC2::LaunchTemplate"


def test_a_template_is_read_without_all_others_of_the_account(world: AwsWorld) -> None:
    """One that is gone is absent, and no reason to fail, whether a few are read or many."""
    names = [f"template-{number}" for number in range(6)]
    first, *others = (
        {"LaunchTemplateName": name, "LaunchTemplateData": {"InstanceType": "t3.micro"}}
        for name in names
    )
    made = world.create(TEMPLATE, first)
    gone = RemoteId("lt-0123456789abcdef0")

    def told() -> tuple[Observation, int]:
        world.aws.forget_calls()
        observed = world.observe(TEMPLATE, made)
        return observed, sum(call.bytes_received for call in world.aws.calls)

    alone = told()
    more = [world.create(TEMPLATE, one, token=f"{n:032x}") for n, one in enumerate(others)]
    assert told() == alone
    for some in ([made, gone], [made, gone, *more]):
        together = read_many(world, TEMPLATE, some)
        there, observed = together[made], alone[0]
        assert isinstance(there, Present)
        assert isinstance(observed, Present)
        assert there.properties == observed.properties
        assert isinstance(together[gone], Absent)

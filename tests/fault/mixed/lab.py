"""A clone with a laboratory of many types, an empty cloud, and gitbot processes to kill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gitbot.model.names import Address
from gitbot_sandbox.aws import LocalAws
from tests.fault.kill_places import FreshPlace, in_a_file
from tests.fault.kill_world import SPECS, Edit, Killer, KillWorld, objects_of
from tests.fault.mixed.live import everything

LAB = Path(__file__).parent / "specs/lab.yaml"
Objects = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """What is applied while things go wrong; ``edit`` None: the first apply.

    ``replaced``: the resources whose objects are others afterwards. ``nothing``: none is left.
    """

    edit: Edit | None = None
    replaced: frozenset[str] = frozenset()
    nothing: bool = False


PHASES: Mapping[str, Phase] = {
    "create": Phase(),
    "change": Phase(
        replaced=frozenset({"ssh", "model", "config", "query"}),
        edit={
            "lab.yaml": (
                ("owner: ml-team", "owner: platform"),
                ("EnableDnsHostnames: true", "EnableDnsHostnames: false"),
                (
                    "AvailabilityZone: us-east-1a}",
                    "AvailabilityZone: us-east-1a, MapPublicIpOnLaunch: true}",
                ),
                ("203.0.113.5/32", "198.51.100.7/32"),
                ("MaxSessionDuration: 3600", "MaxSessionDuration: 7200"),
                ("InstanceType: g4dn.xlarge", "InstanceType: g5.xlarge"),
                ("InstanceType: t3.micro", "InstanceType: t3.small"),
                ("Throughput: 250", "Throughput: 300"),
                ("Status: Enabled", "Status: Suspended"),
                (
                    "BillingMode: PAY_PER_REQUEST",
                    "BillingMode: PAY_PER_REQUEST\n        PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}",
                ),
                ("ImageTagMutability: MUTABLE", "ImageTagMutability: IMMUTABLE"),
                ("ThroughputMode: elastic", "ThroughputMode: bursting"),
                ("Description: of the registry", "Description: of the images"),
                ("Value: g5.xlarge", "Value: g5.2xlarge"),
                ("Description: models", "Description: of models"),
                ("DisplayName: done", "DisplayName: ended"),
                ("VisibilityTimeout: 300", "VisibilityTimeout: 600"),
                ("RawMessageDelivery: false", "RawMessageDelivery: true"),
                ("RetentionInDays: 30", "RetentionInDays: 60"),
                ("Threshold: 10,", "Threshold: 20,"),
                ("rate(1 hour)", "rate(2 hours)"),
                ("Timeout: 10}", "Timeout: 20}"),
                ("serve:1", "serve:2"),
                ("Description: queries of the lab", "Description: questions"),
                ("select 1", "select 2"),
                ("Description: settings", "Description: switches"),
                ("Description: all of it", "Description: everything"),
            )
        },
    ),
    "destroy": Phase(edit={"lab.yaml": None}, nothing=True),
}


class Lab(KillWorld):
    """One clone, one place without state, one cloud in which only what AWS makes itself stands."""

    def __init__(
        self, aws: LocalAws, killer: Killer, folder: Path, place: FreshPlace = in_a_file
    ) -> None:
        super().__init__(aws, killer, folder, place)
        self._made_by_aws = everything(aws).keys()

    def specs(self) -> Mapping[str, str]:
        return {
            "environment.yaml": (SPECS / "dev/environment.yaml").read_text(),
            "lab.yaml": LAB.read_text(),
        }

    def about_to(self, phase: Phase) -> None:
        """Make what the phase changes; one of the machines sleeps then."""
        if phase.edit is None:
            return
        assert self.gitbot("apply") == 0, self.report["printed"]
        self.aws.client("ec2").stop_instances(InstanceIds=[self.known()[Address("idle")]])
        self.edit(phase.edit)

    def known(self) -> dict[Address, str]:
        """The identifier of each resource that state knows; nothing may be open there."""
        found = [one for state in self.states() for one in objects_of(state)]
        assert not any(one.tainted for one in found)
        known = {one.address: str(one.remote_id) for one in found}
        assert len(known) == len(found), "an object was left to be deleted"
        return known

    def objects(self) -> Objects:
        """Everything in the cloud that AWS did not make by itself, and its power."""
        found = everything(self.aws)
        return {key: power for key, power in found.items() if key not in self._made_by_aws}

    def assert_done(self, phase: Phase, before: Mapping[Address, str]) -> None:
        """The cloud has what the phase leaves, the same objects in the same power, and nothing else."""
        objects = self.objects()
        known = {(one.type, str(one.remote_id)) for s in self.states() for one in objects_of(s)}
        assert known == {*objects}
        if phase.nothing:
            assert not objects
            return
        after = self.known()
        kept = {address: own for address, own in before.items() if after[address] == own}
        replaced = {str(address) for address in before.keys() - kept.keys()}
        assert replaced == (phase.replaced if before else frozenset())
        power = {own: state for (_, own), state in objects.items() if state}
        asleep = "stopped" if before else "running"
        assert power == {after[Address("trainer")]: "running", after[Address("idle")]: asleep}
        assert self.gitbot("plan", "--detailed-exitcode") == 0, self.report["printed"]

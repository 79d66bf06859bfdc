"""Write the rules of a security group, one setter for each direction. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
Which rules a new group has: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from gitbot.errors import CloudError
from gitbot.model.schema import Removal
from gitbot.providers.aws.surfaces import Surface, Write
from gitbot.providers.aws.types.ec2.common import ignoring
from gitbot.providers.aws.types.ec2.family import Ec2Listing
from gitbot.providers.aws.types.ec2.rules import (
    ALLOW_ALL,
    ALLOW_ALL_IPV6,
    EGRESS,
    INGRESS,
    Direction,
    of_group,
    permission,
    rule_key,
    rules_of,
)

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

GROUPS = Ec2Listing(
    "describe_security_groups", "SecurityGroups", by="group-id", key=("group-name", "GroupName")
)


_VPCS = Ec2Listing("describe_vpcs", "Vpcs", by="vpc-id")
_COUNTS = ("associating", "associated")

Rules: TypeAlias = Sequence[Mapping[str, Any]]
Default: TypeAlias = Callable[["Connection", Mapping[str, Any]], Rules]


def _existing(aws: Connection, group_id: str) -> Mapping[str, Any]:
    group = next(GROUPS.by_id(aws, [group_id]), None)
    if group is None:
        raise CloudError(f"security group {group_id} is gone", code="InvalidGroup.NotFound")
    return group


def _rules(direction: Direction, without: Default) -> Write:
    """The setter of one direction; ``without`` gives the rules when the spec declares none."""

    def write(aws: Connection, group_id: str, value: Any) -> None:
        group = _existing(aws, group_id)
        wanted = without(aws, group) if value is None else value
        _Sync(aws, group_id, direction).make(rules_of(group, direction), wanted)

    return write


def _nothing(aws: Connection, group: Mapping[str, Any]) -> Rules:
    return []


def _everything(aws: Connection, group: Mapping[str, Any]) -> Rules:
    """The egress rules that EC2 gives a new group of the same VPC."""
    for vpc in _VPCS.by_id(aws, [group.get("VpcId", "")]):
        blocks = vpc.get("Ipv6CidrBlockAssociationSet", ())
        if any(one["Ipv6CidrBlockState"]["State"] in _COUNTS for one in blocks):
            return [*ALLOW_ALL, *ALLOW_ALL_IPV6]
    return ALLOW_ALL


@dataclass(frozen=True, slots=True)
class _Sync:
    """Makes the rules of one direction equal to the wanted ones."""

    aws: Connection
    group_id: str
    direction: Direction

    def make(self, observed: Iterable[Mapping[str, Any]], wanted: Any) -> None:
        have = {rule_key(rule): rule for rule in self._of_group(observed)}
        want = {rule_key(rule): rule for rule in self._of_group(wanted)}
        add = [want[key] for key in want if key not in have]
        remove = [have[key] for key in have if key not in want]
        try:
            self._authorize(add)
        except CloudError as error:
            # The group has as many rules as it may have: make room first.
            ignoring({"RulesPerSecurityGroupLimitExceeded"}, error)
            self._revoke(remove)
            self._authorize(add)
        else:
            self._revoke(remove)
        self._describe(
            [
                want[key]
                for key in want
                if key in have
                and (want[key].get("Description") or "") != (have[key].get("Description") or "")
            ]
        )

    def _of_group(self, rules: Any) -> list[Mapping[str, Any]]:
        return of_group(rules, self.direction, self.group_id)

    def _authorize(self, rules: Sequence[Mapping[str, Any]]) -> None:
        if not rules:
            return
        try:
            self._call(f"authorize_security_group_{self.direction.word}", rules)
        except CloudError as error:
            ignoring({"InvalidPermission.Duplicate"}, error)
            # One of the rules exists already, so the call added none: add each by itself.
            for rule in rules:
                try:
                    self._call(f"authorize_security_group_{self.direction.word}", [rule])
                except CloudError as again:
                    ignoring({"InvalidPermission.Duplicate"}, again)

    def _revoke(self, rules: Sequence[Mapping[str, Any]]) -> None:
        for rule in rules:
            try:
                self._call(f"revoke_security_group_{self.direction.word}", [rule])
            except CloudError as error:
                ignoring({"InvalidPermission.NotFound"}, error)

    def _describe(self, rules: Sequence[Mapping[str, Any]]) -> None:
        if rules:
            self._call(f"update_security_group_rule_descriptions_{self.direction.word}", rules)

    def _call(self, operation: str, rules: Sequence[Mapping[str, Any]]) -> None:
        permissions = [permission(rule, self.direction) for rule in rules]
        self.aws.call("ec2", operation, GroupId=self.group_id, IpPermissions=permissions)


SURFACES = (
    Surface(
        property=INGRESS.property,
        write=_rules(INGRESS, _nothing),
        removal=Removal(default=[], says="nothing may come in"),
    ),
    Surface(
        property=EGRESS.property,
        write=_rules(EGRESS, _everything),
        removal=Removal(
            default=ALLOW_ALL,
            says="AWS's own rule comes back: everything may go out, also over IPv6 where the VPC has it",
            asked=True,
        ),
    ),
)

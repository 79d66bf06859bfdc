"""Security groups that are to be deleted and are in use by what the plan leaves. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gitbot.model.observed import Deed, Making, Objection, Removing
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.question import Deeds, Question

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

GROUP: Final = "AWS::EC2::SecurityGroup"
_KEPT_BY: Final = ("AWS::EC2::Instance", "AWS::EC2::NetworkInterface", GROUP)
_SERVICE: Final = re.compile(r"\b(?:nat|vpce)-[0-9a-f]+")
_MOST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """A network interface with the group. ``instance``: what it is attached to; ``made_by``: the service whose
    it is, as its description says, or empty."""

    id: str
    instance: str = ""
    made_by: str = ""


def concerns(deed: Deed) -> bool:
    """Whether a security group is deleted."""
    return isinstance(deed, Removing) and deed.type == GROUP


def ask(facts: Facts, deeds: Deeds) -> Mapping[str, Sequence[Interface]]:
    """The interfaces of each group, in one call for all groups."""
    return facts.together("interfaces of groups", {str(d.remote_id) for d in deeds}, _interfaces)


def _interfaces(aws: Connection, groups: Collection[str]) -> Mapping[str, Sequence[Interface]]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html"""
    found: dict[str, list[Interface]] = {}
    wanted = [{"Name": "group-id", "Values": list(groups)}]
    for one in aws.pages("ec2", "describe_network_interfaces", "NetworkInterfaces", Filters=wanted):
        for group in one.get("Groups", ()):
            found.setdefault(str(group["GroupId"]), []).append(_interface(one))
    return found


def _interface(one: Mapping[str, Any]) -> Interface:
    return Interface(
        id=str(one["NetworkInterfaceId"]),
        instance=str(one.get("Attachment", {}).get("InstanceId") or ""),
        made_by=str(one.get("Description") or "a service") if one.get("RequesterManaged") else "",
    )


def say(
    answer: Mapping[str, Sequence[Interface]], concerned: Deeds, deeds: Deeds
) -> Iterator[Objection]:
    """A remark on each group that EC2 will not delete because of something that the plan leaves."""
    for deed in concerned:
        group = str(deed.remote_id)
        users = dict.fromkeys(
            words for one in answer.get(group, ()) if (words := _user(one, deeds)) is not None
        )
        if users:
            more = f" and {len(users) - _MOST} more" if len(users) > _MOST else ""
            yield Objection(
                address=deed.address,
                why=f"security group `{group}` is in use by {', '.join([*users][:_MOST])}{more}, which the plan of "
                "this stack leaves as it is. EC2 deletes no group that is in use.",
                fix="Stacks that use its outputs move by themselves. Take the group off anything else, or "
                "remove that, before this is applied.",
                remark=True,
            )


def _user(one: Interface, deeds: Deeds) -> str | None:
    """The user that the plan leaves with the group, in words; None where the plan may free the group."""
    touched = {str(deed.remote_id) for deed in deeds if _frees(deed)}
    if one.made_by:
        service = _SERVICE.search(one.made_by)
        if service is not None:
            return None if service[0] in touched else service[0]
        # Nothing tells whose it is: what is deleted or changed beside the group may be it.
        others = any(deed.type not in _KEPT_BY for deed in deeds)
        return None if others else f"{one.id} ({one.made_by})"
    user = one.instance or one.id
    return None if user in touched or one.id in touched else user


def _frees(deed: Deed) -> bool:
    """Whether the deed ends a use of a group, or may."""
    if isinstance(deed, Removing):
        return True
    lists = {"SecurityGroupIds", "SecurityGroups", "GroupSet"}
    return isinstance(deed, Making) and deed.changed is not None and bool(deed.changed & lists)


GROUPS_IN_USE = Question(concerns=concerns, ask=ask, say=say)

"""Say why a resource differs, from what the cloud's trail tells, and when to look again. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from gitbot.model.causes import Cause, CauseKind, Deed, Told
from gitbot.model.drift import Difference, Differs
from gitbot.model.names import Address
from gitbot.model.runs import Run, RunStatus

MOST_DEEDS = 3
"""How many calls a cause names, the newest ones."""
MOST_AT_ONCE = 20
"""How many resources one scan asks about: at two questions a second, about ten seconds."""
LOOK_BACK = timedelta(days=1)
"""How long before a difference was first seen its cause is looked for."""
AGAIN = (timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=30))
"""When to look again for a cause that is not known. CloudTrail tells of a call within about five
minutes on average, and sometimes later."""
SOON = timedelta(minutes=1)
"""When a scan goes on with what it had no time to ask about."""
RIGHT_AGAIN = timedelta(days=1)
"""When to look again after the right was missing."""

_EVICTED = "ec2:BidEvictedEvent"
_ENDS = ("Delete", "Terminate", "Release", "Detach", "Remove", "Disassociate", "Revoke")
_BEGINS = ("Create", "Run", "Allocate", "Import")
_CALLS: Mapping[str, tuple[str, ...]] = {
    "BlockDeviceMappings": ("ModifyVolume", "AttachVolume", "DetachVolume"),
    "InstanceTenancy": ("ModifyInstancePlacement",),
    "ManagedPolicyArns": ("AttachRolePolicy", "DetachRolePolicy"),
    "MaxSessionDuration": ("UpdateRole",),
    "Description": ("UpdateRole",),
    "Policies": ("PutRolePolicy", "DeleteRolePolicy"),
    "Roles": ("AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile"),
    "Volumes": ("ModifyVolume", "AttachVolume", "DetachVolume"),
}
"""The calls that change a property and do not have its name in theirs."""
_ATTRIBUTES = ("ModifyInstanceAttribute", "ModifySubnetAttribute", "ModifyVpcAttribute")
"""The calls that change one of many properties. CloudTrail does not say in a word which."""
_NOT_ATTRIBUTES = frozenset({"Tags", "SecurityGroupIngress", "SecurityGroupEgress"})


def wanted(
    differences: Iterable[Difference],
    causes: Mapping[Address, Cause],
    now: datetime,
    *,
    most: int = MOST_AT_ONCE,
) -> Mapping[Address, tuple[Difference, ...]]:
    """The resources whose causes are to be looked for now, ``most`` of them at most.

    Those that were never looked for come first, then those that wait longest.
    """
    found: list[tuple[datetime, Address, tuple[Difference, ...]]] = []
    by_address = sorted(differences, key=lambda one: one.address)
    for address, group in groupby(by_address, key=lambda one: one.address):
        some = tuple(group)
        at = next_look(some, causes.get(address), now)
        if at is not None and at <= now:
            found.append((at, address, some))
    found.sort(key=lambda each: each[:2])
    return {address: some for _, address, some in found[:most]}


def look_again(
    differences: Iterable[Difference], causes: Mapping[Address, Cause], now: datetime
) -> datetime | None:
    """When the next of these causes is to be looked for, at least ``SOON`` from now; None: never."""
    by_address = sorted(differences, key=lambda one: one.address)
    looks = (
        next_look(tuple(group), causes.get(address), now)
        for address, group in groupby(by_address, key=lambda one: one.address)
    )
    earliest = min((at for at in looks if at is not None), default=None)
    return None if earliest is None else max(earliest, now + SOON)


def next_look(
    differences: Sequence[Difference], known: Cause | None, now: datetime
) -> datetime | None:
    """When to look for the cause of these differences of one resource; None: it is settled."""
    since = first_seen(differences, now)
    if known is None or known.since != since:
        return since
    if known.kind is CauseKind.NO_RIGHT:
        return known.looked_at + RIGHT_AGAIN
    if known.sure or known.tries > len(AGAIN):
        return None
    return known.looked_at + AGAIN[known.tries - 1]


def first_seen(differences: Sequence[Difference], now: datetime) -> datetime:
    """When the newest of the differences was first seen: a new one needs a new look."""
    return max(one.since or now for one in differences)


def window(
    differences: Iterable[Difference], applied_at: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """From when to when to look. What was before the last apply explains nothing that is left."""
    oldest = min((one.since or now for one in differences), default=now)
    since = oldest - LOOK_BACK
    return (since if applied_at is None else max(since, applied_at)), now


def applied_since(
    applies: Iterable[tuple[Run, Collection[Address]]], addresses: Collection[Address]
) -> datetime | None:
    """The beginning of the applies that last brought each of the addresses to what is wanted.

    ``applies`` are newest first, with what each has changed. None when one of the addresses was not
    changed by any of them. Somebody can change a resource while the rest of an apply goes on, so its
    beginning counts; one that failed has not brought everything to what is wanted.
    """
    found: dict[Address, datetime] = {}
    for run, changed in applies:
        if run.status is RunStatus.APPLIED:
            for address in changed:
                found.setdefault(address, run.started_at)
    begins = [found[address] for address in addresses if address in found]
    return min(begins) if begins and len(begins) == len(addresses) else None


def cause_of(
    differences: Sequence[Difference], told: Told, known: Cause | None, now: datetime
) -> Cause:
    """The cause of the differences of one resource; there is at least one.

    ``known`` is what was found before. Its tries are counted on while the differences are the same.
    """
    since = first_seen(differences, now)
    found = _found(differences, told, since, now)
    if known is None or known.since != since:
        return found
    tried = replace(found, tries=known.tries + 1)
    unhelpful = found.kind in (CauseKind.UNKNOWN, CauseKind.NO_RIGHT)
    if unhelpful and known.deeds:
        return replace(known, tries=tried.tries, looked_at=now)
    return tried


def _found(differences: Sequence[Difference], told: Told, since: datetime, now: datetime) -> Cause:
    def cause(
        kind: CauseKind, deeds: Sequence[Deed] = (), code: str = "", sure: bool = True
    ) -> Cause:
        return Cause(
            kind=kind,
            since=since,
            looked_at=now,
            deeds=tuple(deeds[:MOST_DEEDS]),
            code=code,
            sure=sure,
        )

    if (by_cloud := _by_the_cloud(differences, told)) is not None:
        return cause(CauseKind.TAKEN_BACK, *by_cloud)
    if _ended(differences) and told.state_reason == "Client.InstanceInitiatedShutdown":
        return cause(CauseKind.FROM_INSIDE, code=told.state_reason)
    if told.refused:
        return cause(CauseKind.NO_RIGHT, code=told.refused)
    fitting = [deed for deed in told.deeds if any(_explains(deed, one) for one in differences)]
    others = [deed for deed in fitting if not deed.ours]
    if others:
        return cause(CauseKind.SOMEBODY, others)
    if fitting:
        return cause(CauseKind.OURSELVES, fitting)
    perhaps = [deed for deed in told.deeds if not deed.ours]
    if perhaps:
        return cause(CauseKind.SOMEBODY, perhaps, sure=False)
    return cause(CauseKind.UNKNOWN, sure=False)


def _by_the_cloud(
    differences: Sequence[Difference], told: Told
) -> tuple[Sequence[Deed], str] | None:
    """(deeds, code) when the cloud itself stopped or ended the machine."""
    if not _ended(differences):
        return None
    evicted = [deed for deed in told.deeds if deed.call == _EVICTED]
    if told.state_reason.startswith("Server."):
        return evicted, told.state_reason
    # EC2 forgets a machine an hour after its end.
    return (
        (evicted, "Server.SpotInstanceTermination") if evicted and not told.state_reason else None
    )


def _ended(differences: Sequence[Difference]) -> bool:
    return any(one.how in (Differs.GONE, Differs.STOPPED) for one in differences)


def _explains(deed: Deed, difference: Difference) -> bool:
    """Whether the call is one that makes such a difference."""
    name = deed.call.partition(":")[2]
    match difference.how:
        case Differs.GONE:
            return name.startswith(_ENDS) and "Tag" not in name
        case Differs.STOPPED:
            return name == "StopInstances"
        case Differs.UNMANAGED:
            return name.startswith(_BEGINS) and "Tag" not in name
        case _:
            return _changes(name, difference.path)


def _changes(name: str, path: str) -> bool:
    segment = path.partition("/")[2].partition("/")[0]
    if name in _CALLS.get(segment, ()):
        return True
    if segment not in _NOT_ATTRIBUTES and name in _ATTRIBUTES:
        return True
    stem = _stem(segment)
    return bool(stem) and stem in name.lower()


def _stem(segment: str) -> str:
    """The part of a property's name that the calls about it have in theirs, in lower case."""
    short = segment.removeprefix("Bucket").removesuffix("s")
    return short.removesuffix("Configuration").removesuffix("Document").lower()

"""Says which rights the roles of an environment need, as IAM policies. Pure.

Which types need which rights stands in the declarations of the types.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from gitbot.model.cloud import Purpose
from gitbot.model.lookups import LookupRule
from gitbot.model.secret_references import SecretStore
from gitbot.providers.aws.cloud_control.rights import (
    PASS_ROLE,
    decrypts_through,
    rights_of,
    takes_roles,
)
from gitbot.providers.aws.decoding import DECODES
from gitbot.providers.aws.foretelling.questions import rights_for
from gitbot.providers.aws.key_rights import decrypting, key_rights
from gitbot.providers.aws.linked_roles import linked_roles
from gitbot.providers.aws.lookup_table import PARAMETER
from gitbot.providers.aws.native import Declaration
from gitbot.providers.aws.rights import WITHIN, Rights, resources_within
from gitbot.providers.aws.secret_rights import (
    DECRYPT,
    READS_ENCRYPTED,
    secret_arn,
    secret_rights,
)
from gitbot.providers.aws.statements import allow, partition_of
from gitbot.providers.aws.types import NATIVE_TYPES

VERSION: Final = "2012-10-17"

TRAIL: Final = ("cloudtrail:LookupEvents", "tag:GetResources")
"""What scans for drift ask: the causes, and the objects with gitbot's tags. The rights have no
resources and no condition of their own:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html"""

MEASURES: Final = ("cloudwatch:GetMetricData",)
"""What it takes to ask by a metric whether machines work (``busy``)."""

COMMANDS: Final = ("ssm:GetCommandInvocation", "ssm:SendCommand")
"""What it takes to run a command on machines before they are stopped (``preStop``)."""

PARAMETERS: Final = ("ssm:GetParameter",)
"""What it takes to look parameters up."""

_EVERYWHERE: Final = frozenset({"budgets", "cloudtrail", "iam", "route53", "s3", "sts", "tag"})
"""Services whose names hold in every region, or whose rights have no condition of their own."""


def policy(
    types: Iterable[str],
    purpose: Purpose,
    *,
    region: str,
    handlers: Callable[[str], Mapping[str, Sequence[str]]],
    elsewhere: Collection[str] = (),
    measures: bool = False,
    commands: bool = False,
    keyed: Collection[str] = (),
    secrets: Collection[str] = (),
    lookups: Collection[LookupRule] = (),
    environment: str = "*",
) -> dict[str, Any]:
    """The policy of the role that plans, or of the one that applies, for these types.

    ``handlers`` gives the permissions of AWS's own handlers of a type, by verb: Cloud Control needs them, everywhere, since
    nobody says in which region they call. Services with native types are allowed in ``region`` and ``elsewhere`` alone, but for
    those whose names hold everywhere. Roles may be passed only to the services that the types give one to.
    ``measures``: a stack says by a metric whether its machines are busy. ``commands``: a stack has a ``preStop``. ``keyed``: types
    for whose objects specs name a key. ``secrets``, ``lookups``: what specs of the ``environment`` may name.
    """
    wanted, applies = sorted(set(types)), purpose is Purpose.APPLY
    others = [handlers(one) for one in wanted if one not in NATIVE_TYPES]
    declared, looked_at = _declared(wanted), _declared(one.type for one in lookups)
    rights = [*(one.rights for one in declared), *map(rights_of, others)]
    asks, regions = rights_for(wanted), sorted({region, *elsewhere})
    reads = {act for one in (*rights, *(one.rights for one in looked_at)) for act in one.reads}
    reads |= {*asks, *((DECODES,) if applies else TRAIL), *(MEASURES if measures else ())}
    through = _decrypting(declared, others)
    writes = _writing(rights, through) | {*(COMMANDS if commands else ())}
    here = _regional((*declared, *looked_at), asks)
    changes = _statements("Change", writes, _limited(writes, others), here, regions)
    gives = (*_roles(wanted, declared, others), *_keys(keyed, regions), *decrypting(through))
    return _document(
        *_reading(reads, others, here, regions),
        *((*changes, *gives) if applies else ()),
        *_looked_up(lookups, regions),
        *secret_rights(secrets, regions, environment, applies=applies),
    )


def _reading(
    reads: Collection[str],
    others: Collection[Mapping[str, Sequence[str]]],
    here: Collection[str],
    regions: Sequence[str],
) -> Iterator[Mapping[str, Any]]:
    """What both roles may read. What they decrypt for that is no secret."""
    plain = set(reads) - {DECRYPT}
    yield from _statements("Read", plain, _limited(plain, others), here, regions)
    if DECRYPT in reads:
        yield READS_ENCRYPTED


def _declared(types: Iterable[str]) -> list[Declaration]:
    """The native ones of the types. Of the others, AWS's own handlers say what they need."""
    return [NATIVE_TYPES[one].declaration for one in types if one in NATIVE_TYPES]


def _writing(rights: Iterable[Rights], through: Collection[str]) -> set[str]:
    """What is changed, without what is only decrypted ``through`` services: that is said apart."""
    return {act for one in rights for act in one.writes} - {*([DECRYPT] if through else ())}


def _decrypting(
    declared: Iterable[Declaration], others: Iterable[Mapping[str, Sequence[str]]]
) -> frozenset[str]:
    """The services through which alone the changes decrypt; empty where they do not, or nobody knows through which."""
    asked = [decrypts_through(one) for one in others if DECRYPT in rights_of(one).writes]
    known = all(asked) and not any(DECRYPT in one.rights.writes for one in declared)
    return frozenset().union(*asked) if known else frozenset()


def _keys(types: Collection[str], regions: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What the services of the types do with keys."""
    services = {one.rights.makes.partition(":")[0] for one in _declared(types)}
    return key_rights(services, regions)


def _roles(
    types: Collection[str],
    declared: Iterable[Declaration],
    others: Iterable[Mapping[str, Sequence[str]]],
) -> Iterator[dict[str, Any]]:
    """Which services may be given roles, and make roles of their own."""
    yield from _pass_role({one.passes_role_to for one in declared} - {""})
    yield from _pass_role_to_families({takes_roles(one) for one in others} - {""})
    yield from linked_roles(types)


def _document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": VERSION, "Statement": list(statements)}


def trust(principal: str) -> dict[str, Any]:
    """The trust policy of both roles: ``principal`` (an ARN), as which gitbot runs, may take them."""
    return _document(
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    )


def _statements(
    name: str,
    actions: Collection[str],
    limited: Mapping[str, Collection[str]],
    here: Collection[str],
    regions: Sequence[str],
) -> Iterator[dict[str, Any]]:
    only_here = {"Condition": _only_in(regions)}
    for service, some in limited.items():
        arns = [arn for one in regions for arn in resources_within(service, one, partition_of(one))]
        yield {**allow(f"{name}{service.capitalize()}", some), "Resource": arns, **only_here}
    anywhere = set(actions).difference(*limited.values())
    regional = {one for one in anywhere if one.partition(":")[0] in here}
    if regional:
        yield {**allow(f"{name}Here", regional), **only_here}
    if rest := anywhere - regional:
        yield allow(f"{name}Everywhere", rest)


def _only_in(regions: Sequence[str]) -> dict[str, Any]:
    named = regions[0] if len(regions) == 1 else list(regions)
    return {"StringEquals": {"aws:RequestedRegion": named}}


def _limited(
    actions: Collection[str], others: Iterable[Mapping[str, Sequence[str]]]
) -> Mapping[str, Collection[str]]:
    """The actions, by service, for which some resources are enough. AWS's own handlers do not say for which."""
    handled = {act for one in map(rights_of, others) for act in (*one.reads, *one.writes)}
    found = {
        service: {one for one in actions if one.partition(":")[0] == service} - handled
        for service in WITHIN
    }
    return {service: some for service, some in found.items() if some}


def _regional(declared: Iterable[Declaration], more: Iterable[str]) -> frozenset[str]:
    """The services of the types, and of more actions, that work in one region at a time."""
    actions = (act for one in declared for act in (*one.rights.reads, *one.rights.writes))
    return frozenset(act.partition(":")[0] for act in (*actions, *more)) - _EVERYWHERE


def _looked_up(rules: Collection[LookupRule], regions: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What looks parameters up. Without a right on their keys, nothing encrypted can be read."""
    names = {name for one in rules if one.type == PARAMETER for name in one.identifiers}
    if names:
        arns = {secret_arn(SecretStore.SSM, name, region) for name in names for region in regions}
        yield {**allow("LookParametersUp", PARAMETERS), "Resource": sorted(arns)}


def _pass_role(services: Collection[str]) -> Iterator[dict[str, Any]]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""
    if services:
        given = {"StringEquals": {"iam:PassedToService": sorted(services)}}
        yield {**allow("GiveRolesToServices", ()), "Action": PASS_ROLE, "Condition": given}


def _pass_role_to_families(patterns: Collection[str]) -> Iterator[dict[str, Any]]:
    """Roles for services that the schemas of their types do not name, but only hint at."""
    if patterns:
        given = {"StringLike": {"iam:PassedToService": sorted(patterns)}}
        yield {
            **allow("GiveRolesThroughCloudControl", ()),
            "Action": PASS_ROLE,
            "Condition": given,
        }

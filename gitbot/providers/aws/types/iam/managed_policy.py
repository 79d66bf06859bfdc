"""AWS::IAM::ManagedPolicy as a table. Shell.

ManagedPolicyName (generated when absent), Description, Path: replace. PolicyDocument (a new version, which becomes
the default one; of five, the oldest other one is deleted first), Users, Roles, Groups (each managed as a whole once
declared): changed in place. Attributes: PolicyArn, PolicyId, DefaultVersionId, IsAttachable. It carries ownership tags,
though the registry's type has no Tags property. What its spec does not name and has it must go before it.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.errors import TransientError
from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.policy_documents import normalised_policy, policy_text
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Join, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.tagging import Marks, is_generated
from gitbot.providers.aws.types.iam.family import IAM, TAKEN, tags
from gitbot.providers.aws.types.iam.holders import FEW, GROUPS, PAGE, ROLES, USERS, Holder

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

MOST_VERSIONS = 5
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html"""
_HOLDERS = {"Users": USERS, "Roles": ROLES, "Groups": GROUPS}
_DOCUMENT = "PolicyDocument"
_NAME = Name(property="ManagedPolicyName", longest=128)
_SENDS = ("ManagedPolicyName", "Description", "Path", _DOCUMENT)
_DETAILS = "get_account_authorization_details"


def _local(aws: Connection) -> Iterator[Described]:
    return aws.pages("iam", "list_policies", "Policies", Scope="Local", PaginationConfig=PAGE)


def _with_name(aws: Connection, operation: Operation) -> Iterable[str]:
    """Names are unique in an account, whatever the path that is a part of the ARN."""
    wanted = _NAME.of(operation)
    return [one["Arn"] for one in _local(aws) if one["PolicyName"] == wanted]


def _generated(aws: Connection, marks: Marks) -> Iterable[str]:
    longest = _NAME.longest
    return [
        one["Arn"]
        for one in _local(aws)
        if is_generated(one["PolicyName"], marks.addresses, longest)
    ]


_LISTING = Plain(
    dialect=IAM,
    call="get_policy",
    answer="Policy",
    asks=named("PolicyArn"),
    name=_NAME,
    keyed=_with_name,
    marked=_generated,
)


def _details(aws: Connection, policies: Mapping[str, Described]) -> Iterator[Described]:
    """The documents of the policies; of many, also who has them."""
    if len(policies) <= FEW:
        versions = {arn: one["DefaultVersionId"] for arn, one in policies.items()}
        documents = aws.each(lambda arn: _document(aws, arn, versions[arn]), versions)
        return (
            {"Arn": arn, "Shows": {_DOCUMENT: one}}
            for arn, one in zip(versions, documents, strict=True)
        )
    kinds = ["LocalManagedPolicy"]
    found = aws.pages("iam", _DETAILS, "Policies", Filter=kinds, PaginationConfig=PAGE)
    having = {name: _having(holder.details(aws), holder) for name, holder in _HOLDERS.items()}
    return (
        {
            "Arn": one["Arn"],
            "Shows": {
                _DOCUMENT: next(v for v in one["PolicyVersionList"] if v["IsDefaultVersion"])[
                    "Document"
                ],
                **{name: its.get(one["Arn"], []) for name, its in having.items()},
            },
        }
        for one in found
    )


def _having(details: Iterable[Described], holder: Holder) -> Mapping[str, list[str]]:
    """The names of those that have a policy, by its ARN."""
    found: dict[str, list[str]] = {}
    for one in details:
        for policy in one.get("AttachedManagedPolicies", ()):
            found.setdefault(policy["PolicyArn"], []).append(one[holder.parameter])
    return found


def _versions(aws: Connection, arn: str) -> Sequence[Described]:
    return list(aws.pages("iam", "list_policy_versions", "Versions", PolicyArn=arn))


def _document(aws: Connection, arn: str, version: str) -> Any:
    named = {"PolicyArn": arn, "VersionId": version}
    return aws.call("iam", "get_policy_version", **named)["PolicyVersion"]["Document"]


def _write_document(aws: Connection, arn: str, value: Any) -> None:
    versions = _versions(aws, arn)
    if _says(aws, arn, versions, value):
        return
    if len(versions) >= MOST_VERSIONS:
        others = [one for one in versions if not one["IsDefaultVersion"]]
        oldest = min(others, key=lambda one: int(one["VersionId"].lstrip("v")))
        named = {"PolicyArn": arn, "VersionId": oldest["VersionId"]}
        aws.call("iam", "delete_policy_version", **named)
    named = {"PolicyArn": arn, "PolicyDocument": policy_text(value)}
    try:  # a second call would make a second version, or find the policy full
        aws.call_once("iam", "create_policy_version", **named, SetAsDefault=True)
    except TransientError:
        if not _says(aws, arn, _versions(aws, arn), value):
            raise


def _says(aws: Connection, arn: str, versions: Sequence[Described], value: Any) -> bool:
    """Whether the default version has this document."""
    default = next(one["VersionId"] for one in versions if one["IsDefaultVersion"])
    return bool(normalised_policy(_document(aws, arn, default)) == normalised_policy(value))


def _entities(aws: Connection, arn: str, holder: Holder, **more: str) -> list[str]:
    """The names of those of a kind that have the policy."""
    kind = holder.noun.capitalize()
    call = ("list_entities_for_policy", f"Policy{kind}s")
    found = aws.pages("iam", *call, PolicyArn=arn, EntityFilter=kind, **more)
    return [one[holder.parameter] for one in found]


def _surface(name: str, holder: Holder) -> Surface:
    """The roles, users or groups that the policy is attached to."""

    def read(aws: Connection, arn: str) -> list[str]:
        return _entities(aws, arn, holder, PolicyUsageFilter="PermissionsPolicy")

    def write(aws: Connection, arn: str, value: Any) -> None:
        wanted, observed = set(value or ()), set(read(aws, arn))
        for each in sorted(wanted - observed):
            holder.attach(aws, each, arn)
        for each in sorted(observed - wanted):
            holder.detach(aws, each, arn)

    removal = Removal(default=[], says=f"it is detached from all {name.lower()}")
    return Surface(property=name, read=read, write=write, removal=removal)


def _made(operation: Operation) -> Properties:
    given = {name: operation.properties.get(name) for name in _SENDS}
    given[_DOCUMENT] = policy_text(given[_DOCUMENT])
    return {name: value for name, value in given.items() if value is not None}


def _delete_versions(aws: Connection, policy: Described) -> None:
    for one in _versions(aws, policy["Arn"]):
        if not one["IsDefaultVersion"]:
            named = {"PolicyArn": policy["Arn"], "VersionId": one["VersionId"]}
            aws.call("iam", "delete_policy_version", **named)


def _others(aws: Connection, policy: Described, given: Properties) -> Sequence[str]:
    """Who has the policy, attached or as a boundary, and is not in the spec."""
    return [
        f"{holder.noun} {one}"
        for name, holder in _HOLDERS.items()
        for one in _entities(aws, policy["Arn"], holder)
        if one not in given.get(name, ())
    ]


def normalise(properties: Properties) -> Properties:
    """The properties with the document in the form for comparison."""
    more = {_DOCUMENT: normalised_policy(properties[_DOCUMENT])} if _DOCUMENT in properties else {}
    return {**properties, **more}


_SHOWS = shown(
    *("Path", "Description", "PolicyId", "DefaultVersionId", "IsAttachable"),
    PolicyArn="Arn",
    ManagedPolicyName="PolicyName",
)
_SURFACES = (
    Surface(property=_DOCUMENT, write=_write_document),
    *(_surface(name, holder) for name, holder in _HOLDERS.items()),
)
_CREATE = Create(
    call="create_policy",
    sends=_SENDS,
    parameters=_made,
    gives=lambda answer, _: str(answer["Policy"]["Arn"]),
    name=_NAME,
    taken=TAKEN,
)
_LOOKS = (
    *(_DETAILS, "get_policy_version", "list_policies", "list_policy_versions"),
    "list_entities_for_policy",
)
_CALLS = (
    *("create_policy_version", "delete_policy_version"),
    *(f"{verb}_{one.noun}_policy" for one in _HOLDERS.values() for verb in ("attach", "detach")),
)
_DELETE = Delete(
    call="delete_policy",
    clears=tuple(_HOLDERS),
    first=_delete_versions,
    barred=True,
    others=_others,
)

MANAGED_POLICY = native_type(
    Table(
        name="AWS::IAM::ManagedPolicy",
        noun="policy",
        dialect=IAM,
        listing=_LISTING,
        identifier=itemgetter("Arn"),
        shows=_SHOWS,
        addresses=shown(PolicyArn="Arn"),
        spells={"ManagedPolicyName": "PolicyName"},
        create=_CREATE,
        delete=_DELETE,
        tags=tags("policy", shown(PolicyArn="Arn"), declared=""),
        surfaces=_SURFACES,
        joins=(Join(calls=_details, gives=lambda one: ((one["Arn"], one["Shows"]),)),),
        looks=_LOOKS,
        calls=_CALLS,
        natural_key=("ManagedPolicyName",),
        kept_in_use=True,
        normalise=normalise,
        follows={"DefaultVersionId": (_DOCUMENT,)},
        refine=refining({_DOCUMENT: {"minLength": 1}}),
    )
)

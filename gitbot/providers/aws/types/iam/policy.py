"""AWS::IAM::Policy as a table: one inline policy of one role, user or group. Shell.

PolicyName, and Roles, Users or Groups (exactly one name in exactly one of them: its policy is the object): replace.
PolicyDocument: changed in place. Attributes: Id (``role/NAME/POLICY``). CloudFormation lets one policy be that of
many; gitbot takes one, so that it can be read, adopted and told apart. A policy has no tags: it belongs to whom the
role, user or group belongs to.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.schema import Parent, PartOf
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.owner_policies import DOCUMENT, normalised
from gitbot.providers.aws.policy_documents import policy_text
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.tagging import Marks
from gitbot.providers.aws.types.iam.family import IAM
from gitbot.providers.aws.types.iam.holders import FEW, GONE, GROUPS, ROLES, USERS, Holder

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_HOLDERS = {"Roles": ROLES, "Users": USERS, "Groups": GROUPS}
_KINDS = {holder.noun: name for name, holder in _HOLDERS.items()}


def _id_of(properties: Properties) -> str:
    [(holder, name)] = [
        (holder, str(one)) for key, holder in _HOLDERS.items() for one in properties.get(key) or ()
    ]
    return f"{holder.noun}/{name}/{properties['PolicyName']}"


@dataclass(frozen=True, slots=True)
class _Listing:
    """Reads few policies by their names, and many in pages of the account."""

    calls: tuple[str, ...]
    index: Index | None = None

    def by_id(self, aws: Connection, ids: Iterable[str]) -> Iterator[Described]:
        """See ``table.Listing``."""
        wanted = [one for one in ids if one.count("/") == 2 and one.split("/")[0] in _KINDS]
        if len(wanted) <= FEW:
            found = aws.each(lambda one: _one(aws, *one.split("/")), wanted)
            return (one for one in found if one is not None)
        return (
            _described(holder, detail[holder.parameter], one["PolicyName"], one[DOCUMENT])
            for holder in _HOLDERS.values()
            if any(one.startswith(f"{holder.noun}/") for one in wanted)
            for detail in holder.details(aws)
            for one in detail.get(f"{holder.noun.capitalize()}PolicyList", ())
        )

    def by_operation(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``."""
        return iter(())

    def by_marks(self, aws: Connection, marks: Marks) -> Iterator[Described]:
        """See ``table.Listing``."""
        return iter(())

    def by_key(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``."""
        return self.by_id(aws, [_id_of(operation.properties)])


def _described(holder: Holder, name: str, policy: str, document: Any) -> Described:
    return {
        "Id": f"{holder.noun}/{name}/{policy}",
        _KINDS[holder.noun]: [name],
        "PolicyName": policy,
        DOCUMENT: document,
    }


def _one(aws: Connection, noun: str, name: str, policy: str) -> Described | None:
    holder = _HOLDERS[_KINDS[noun]]
    try:
        return _described(holder, name, policy, holder.document(aws, name, policy))
    except CloudError as error:
        if error.code == GONE:
            return None
        raise


def _names(policy: Properties) -> dict[str, str]:
    """The parameters that name the policy in calls."""
    noun, name, own = _id_of(policy).split("/")
    return {_HOLDERS[_KINDS[noun]].parameter: name, "PolicyName": own}


def _made(operation: Operation) -> Properties:
    given = operation.properties
    return {**_names(given), DOCUMENT: policy_text(given[DOCUMENT])}


def _call(call: str, named: Properties) -> str:
    """The call for a user or group, which is named like that for a role."""
    noun = next(one.noun for one in _HOLDERS.values() if one.parameter in named)
    return call.replace("_role_", f"_{noun}_")


_REFINE = refining(
    {
        **{name: {"minItems": 1, "maxItems": 1} for name in _HOLDERS},
        **{f"{name}/*": {"minLength": 1} for name in _HOLDERS},
        "": {"requiredXor": list(_HOLDERS)},
    }
)
_READS = tuple(dict.fromkeys(call for holder in _HOLDERS.values() for call in holder.reads))
_PUTS = tuple(f"{verb}_{noun}_policy" for noun in _KINDS for verb in ("put", "delete"))
_TYPES = {name: f"AWS::IAM::{one.noun.capitalize()}" for name, one in _HOLDERS.items()}
_ROLE, *_OTHERS = (Parent(type=type_, reference=name) for name, type_ in _TYPES.items())
_OF_ROLE, *_OF_OTHERS = (
    PartOf(owner=type_, reference=name, property="Policies") for name, type_ in _TYPES.items()
)
_CREATE = Create(
    call="put_role_policy",
    sends=("PolicyName", *_HOLDERS, DOCUMENT),
    parameters=_made,
    gives=lambda _, given: _id_of(given),
    repeats=True,
)

POLICY = native_type(
    Table(
        name="AWS::IAM::Policy",
        noun="inline policy",
        dialect=IAM,
        listing=_Listing(calls=_READS),
        identifier=itemgetter("Id"),
        shows=lambda one: one,
        addresses=_names,
        variant=_call,
        create=_CREATE,
        delete=Delete(call="delete_role_policy"),
        updates=(
            Update(
                call="put_role_policy",
                sends=(DOCUMENT,),
                parameters=lambda new, _: {DOCUMENT: policy_text(new[DOCUMENT])},
            ),
        ),
        calls=_PUTS,
        natural_key=("PolicyName", *_HOLDERS),
        normalise=normalised,
        parent=replace(_ROLE, others=tuple(_OTHERS)),
        part_of=replace(_OF_ROLE, others=tuple(_OF_OTHERS)),
        refine=_REFINE,
    )
)

"""Read and write the policies of roles, users and groups, and read all of them in pages of the account. Shell.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.schema import Removal
from gitbot.providers.aws.policy_documents import normalised_policy, policy_text
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

GONE = "NoSuchEntity"
FEW = 10
"""Read up to this many objects by name. For more, listing the account costs less."""
PAGE = {"PageSize": 1000}


def ignoring_gone(call: Callable[[], Any]) -> None:
    """Make a call. It is no error if the object is gone already."""
    try:
        call()
    except CloudError as error:
        if error.code != GONE:
            raise


@dataclass(frozen=True, slots=True)
class Holder:
    """A kind of object that has policies. ``noun`` is its name in calls: ``role``, ``user``, ``group``."""

    noun: str

    @property
    def parameter(self) -> str:
        """The parameter and property with an object's name."""
        return f"{self.noun.capitalize()}Name"

    @property
    def reads(self) -> tuple[str, ...]:
        """The calls that read policies."""
        noun = self.noun
        return (
            "get_account_authorization_details",
            *(f"list_attached_{noun}_policies", f"list_{noun}_policies", f"get_{noun}_policy"),
        )

    @property
    def writes(self) -> tuple[str, ...]:
        """The calls that write policies."""
        noun = self.noun
        return (
            *(f"attach_{noun}_policy", f"detach_{noun}_policy"),
            *(f"put_{noun}_policy", f"delete_{noun}_policy"),
        )

    @property
    def surfaces(self) -> tuple[Surface, ...]:
        """The two properties with policies, each managed as a whole once it is declared."""
        return (
            Surface(
                property="ManagedPolicyArns",
                read=lambda aws, name: list(self.attached(aws, name)),
                write=self.write_attached,
                removal=Removal(default=[], says="all managed policies are detached"),
            ),
            Surface(
                property="Policies",
                read=self.inline,
                write=self.write_inline,
                removal=Removal(default=[], says="all inline policies are deleted"),
            ),
        )

    def details(self, aws: Connection) -> Iterator[Mapping[str, Any]]:
        """All objects of the kind, with their policies."""
        kind = self.noun.capitalize()
        call = ("get_account_authorization_details", f"{kind}DetailList")
        return aws.pages("iam", *call, Filter=[kind], PaginationConfig=PAGE)

    def attached(self, aws: Connection, name: str) -> Iterator[str]:
        """ARNs of the managed policies that are attached to the object."""
        call = (f"list_attached_{self.noun}_policies", "AttachedPolicies")
        for policy in aws.pages("iam", *call, **self._named(name)):
            yield policy["PolicyArn"]

    def names(self, aws: Connection, name: str) -> Sequence[str]:
        """The names of its inline policies."""
        call = (f"list_{self.noun}_policies", "PolicyNames")
        return list(aws.pages("iam", *call, **self._named(name)))

    def inline(self, aws: Connection, name: str) -> list[dict[str, Any]]:
        """Its inline policies."""
        return [
            {"PolicyName": one, "PolicyDocument": self.document(aws, name, one)}
            for one in self.names(aws, name)
        ]

    def document(self, aws: Connection, name: str, policy: str) -> Any:
        """The document of an inline policy. Raises CloudError with ``GONE`` if there is none."""
        named = {**self._named(name), "PolicyName": policy}
        return aws.call("iam", f"get_{self.noun}_policy", **named)["PolicyDocument"]

    def write_attached(self, aws: Connection, name: str, value: Any) -> None:
        """Attach these managed policies, and detach all others."""
        observed = set(self.attached(aws, name))
        wanted = set(value or ())
        for arn in sorted(wanted - observed):
            self.attach(aws, name, arn)
        for arn in sorted(observed - wanted):
            self.detach(aws, name, arn)

    def attach(self, aws: Connection, name: str, arn: str) -> None:
        """Attach a managed policy."""
        aws.call("iam", f"attach_{self.noun}_policy", **self._named(name), PolicyArn=arn)

    def detach(self, aws: Connection, name: str, arn: str) -> None:
        """Detach a managed policy, if it is attached."""
        named = {**self._named(name), "PolicyArn": arn}
        ignoring_gone(lambda: aws.call("iam", f"detach_{self.noun}_policy", **named))

    def write_inline(self, aws: Connection, name: str, value: Any) -> None:
        """Put these inline policies on the object, and delete all others."""
        observed = {
            one["PolicyName"]: normalised_policy(one["PolicyDocument"])
            for one in self.inline(aws, name)
        }
        wanted = {one["PolicyName"]: one["PolicyDocument"] for one in value or ()}
        for policy, document in wanted.items():
            if policy not in observed or normalised_policy(document) != observed[policy]:
                self.put(aws, name, policy, document)
        for policy in sorted(set(observed) - set(wanted)):
            self.drop(aws, name, policy)

    def put(self, aws: Connection, name: str, policy: str, document: Any) -> None:
        """Put an inline policy on the object."""
        named = {**self._named(name), "PolicyName": policy}
        aws.call("iam", f"put_{self.noun}_policy", **named, PolicyDocument=policy_text(document))

    def drop(self, aws: Connection, name: str, policy: str) -> None:
        """Delete an inline policy, if there is one."""
        named = {**self._named(name), "PolicyName": policy}
        ignoring_gone(lambda: aws.call("iam", f"delete_{self.noun}_policy", **named))

    def _named(self, name: str) -> dict[str, str]:
        return {self.parameter: name}


ROLES, USERS, GROUPS = Holder("role"), Holder("user"), Holder("group")


def held(detail: Mapping[str, Any]) -> dict[str, Any]:
    """The policies of an object, from the account's details."""
    inline = next((detail[key] for key in detail if key.endswith("PolicyList")), ())
    return {
        "ManagedPolicyArns": [
            one["PolicyArn"] for one in detail.get("AttachedManagedPolicies", ())
        ],
        "Policies": [
            {"PolicyName": one["PolicyName"], "PolicyDocument": one["PolicyDocument"]}
            for one in inline
        ],
    }


def normalised_inline(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties with the documents of ``Policies`` in the form for comparison."""
    done = dict(properties)
    if isinstance(done.get("Policies"), (list, tuple)):
        done["Policies"] = [_normalised(one) for one in done["Policies"]]
    return done


def _normalised(policy: Any) -> Any:
    if not isinstance(policy, Mapping) or "PolicyDocument" not in policy:
        return policy
    return {**policy, "PolicyDocument": normalised_policy(policy["PolicyDocument"])}


refine = refining(
    {
        "/Policies": {"uniqueKeys": ["PolicyName"]},
        "/Policies/*/PolicyName": {"minLength": 1},
        "/Policies/*/PolicyDocument": {"minLength": 1},
    }
)
"""Tightens the schema of a type that has policies."""

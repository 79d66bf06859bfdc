"""AWS::SecretsManager::Secret as a table. Shell.

Name (generated when absent), GenerateSecretString (Secrets Manager makes the value, once): replace.
SecretString, Description, KmsKeyId, ReplicaRegions, Tags: changed in place. No value is ever read.
Attributes: Id, the ARN. A deleted secret can be restored for 30 days, and its name is taken until then.
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.model.tags import LINEAGE_TAG
from gitbot.providers.aws.believing import Memory
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

SECRETS = Dialect(service="secretsmanager", absent=frozenset({"ResourceNotFoundException"}))
_NAME = Name(property="Name", longest=512)
_MOST_VALUES = 10
_AWS_KEY = "alias/aws/secretsmanager"
_SENDS = ("Name", "Description", "KmsKeyId", "SecretString", "GenerateSecretString")


def _arn(aws: Connection, name: str) -> str | None:
    one = next(iter(_LISTING.by_id(aws, [name])), None)
    return str(one["ARN"]) if one is not None and one["Name"] == name else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Secrets(Plain):
    """Secrets by their ARN: those of many that the list has as state has them, and a call for each other.

    The list lags up to five minutes behind, and does not tell copies in other regions.
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
    """

    def _described(self, aws: Connection, ids: list[str]) -> Iterable[Described | None]:
        listed = self._listed(aws, self.memory) if self.memory is not None else {}
        rest = [own for own in ids if own not in listed]
        return [*listed.values(), *Plain._described(self, aws, rest)]

    def _listed(self, aws: Connection, memory: Memory) -> dict[str, Described]:
        """The secrets that the list has as state has them, by ARN."""
        by = ("tag-value", memory.lineages)
        if len(memory.lineages) > _MOST_VALUES:
            by = ("tag-key", [LINEAGE_TAG])
        listed = aws.pages(
            *("secretsmanager", "list_secrets", "SecretList"),
            Filters=[{"Key": by[0], "Values": by[1]}],
            MaxResults=100,
        )
        return {one["ARN"]: one for one in listed if memory.agrees(one, _shows(one))}


_LISTING = _Secrets(
    dialect=SECRETS,
    call="describe_secret",
    asks=named("SecretId"),
    tags=PlainTags(dialect=SECRETS, target=lambda one: {"SecretId": one["ARN"]}),
    name=_NAME,
    id_of=_arn,
    index=Index("secretsmanager:secret", str),
)


def _generated(aws: Connection, operation: Operation) -> Mapping[str, Any]:
    """The value that Secrets Manager makes, alone or as one key of the template."""
    wanted: Any = operation.properties.get("GenerateSecretString")
    if wanted is None:
        return {}
    own = ("SecretStringTemplate", "GenerateStringKey")
    how = {name: value for name, value in wanted.items() if name not in own}
    made = aws.call("secretsmanager", "get_random_password", **how)["RandomPassword"]
    if "GenerateStringKey" in wanted:
        template = json.loads(wanted.get("SecretStringTemplate") or "{}")
        made = json.dumps({**template, wanted["GenerateStringKey"]: made})
    return {"SecretString": made}


def _sent(operation: Operation) -> Mapping[str, Any]:
    given = operation.properties
    return {k: given[k] for k in _SENDS[:4] if given.get(k) is not None}


def _replicas(one: Described) -> list[dict[str, Any]]:
    """The copies in other regions; the key of AWS is not told, as a spec does not name it."""
    found = []
    for replica in one.get("ReplicationStatus") or ():
        key = replica.get("KmsKeyId")
        more = {"KmsKeyId": key} if key not in (None, _AWS_KEY) else {}
        found.append({"Region": replica["Region"], **more})
    return found


def _replicate(aws: Connection, secret: str, value: Any) -> None:
    wanted = [dict(one) for one in value or ()]
    observed = _replicas(aws.call("secretsmanager", "describe_secret", SecretId=secret))
    gone = [one["Region"] for one in observed if one not in wanted]
    new = [one for one in wanted if one not in observed]
    if gone:
        call = "remove_regions_from_replication"
        aws.call("secretsmanager", call, SecretId=secret, RemoveReplicaRegions=gone)
    if new:
        call = "replicate_secret_to_regions"
        aws.call("secretsmanager", call, SecretId=secret, AddReplicaRegions=new)


def _shows(one: Described) -> Properties:
    key = one.get("KmsKeyId") or _AWS_KEY
    told = shown("Name", "Description", Id="ARN")(one)
    return {**told, "KmsKeyId": key, "ReplicaRegions": _replicas(one)}


def _is_replicated(one: Described) -> bool:
    return all(each["Status"] != "InProgress" for each in one.get("ReplicationStatus") or ())


def _failed(one: Described) -> str:
    status = one.get("ReplicationStatus") or ()
    return "; ".join(
        str(each.get("StatusMessage")) for each in status if each["Status"] == "Failed"
    )


_RESETS = {
    "Description": Removal(default="", says="the description is emptied"),
    "KmsKeyId": Removal(default=_AWS_KEY, says="new values are encrypted with a key of AWS"),
}
_SURFACES = (
    Surface(
        property="ReplicaRegions",
        write=_replicate,
        removal=Removal(default=[], says="the copies in other regions are deleted"),
    ),
)
_REFINED = refining(
    {
        "/KmsKeyId": {"minLength": 1},
        "/ReplicaRegions": {"uniqueKeys": ["Region"]},
        "/ReplicaRegions/*/Region": {"minLength": 1},
    }
)
_CALLS = ("get_random_password", "remove_regions_from_replication", "replicate_secret_to_regions")


_CREATE = Create(
    call="create_secret",
    sends=_SENDS,
    parameters=_sent,
    asks=_generated,
    gives=lambda answer, _: str(answer["ARN"]),
    name=_NAME,
    token="ClientRequestToken",
    taken=frozenset({"ResourceExistsException"}),
)


SECRET = native_type(
    Table(
        name="AWS::SecretsManager::Secret",
        noun="secret",
        dialect=SECRETS,
        listing=_LISTING,
        identifier=itemgetter("ARN"),
        shows=_shows,
        addresses=lambda one: {"SecretId": one["ARN"]},
        create=_CREATE,
        exists=lambda one: one.get("DeletedDate") is None,
        ready=_is_replicated,
        failed=_failed,
        delete=Delete(call="delete_secret", clears=("ReplicaRegions",)),
        tags=_LISTING.tags,
        updates=(Update(call="update_secret", sends=_SENDS[1:4]),),
        resets=_RESETS,
        surfaces=_SURFACES,
        looks=("list_secrets",),
        calls=_CALLS,
        identities={"/ReplicaRegions": ("Region",)},
        write_only=("/SecretString", "/GenerateSecretString"),
        refine=_REFINED,
        natural_key=("Name",),
        name_lingers="Secrets Manager keeps the name of a deleted secret until it cannot be restored any more.",
        losses=Losses(gone="its value is lost, once it can no longer be restored"),
    )
)

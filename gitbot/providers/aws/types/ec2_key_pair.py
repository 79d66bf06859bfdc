"""AWS::EC2::KeyPair over the EC2 API. Shell.

KeyName, PublicKeyMaterial (an OpenSSH public key, ``ssh-ed25519 …`` or ``ssh-rsa …``): replace. Tags.
The public key is required: the private half of a key that AWS makes would have to be kept as a
secret, and gitbot keeps none. Attributes: KeyPairId, KeyFingerprint.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportKeyPair.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError, ConflictError, UserError
from gitbot.model.cloud import Operation
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Absent, Found, Observation, Present, ReadRequest
from gitbot.model.schema import Removal
from gitbot.providers.aws.native import Declaration, NativeType
from gitbot.providers.aws.tagging import found, tag_map
from gitbot.providers.aws.types.ec2_common import (
    chunks,
    ignoring,
    put_tags,
    tag_specifications,
    update_tags,
)
from gitbot.providers.aws.waiting import wait_until

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection


class KeyPairHandler:
    """Key pairs; see ``native.Handler``. Their natural key is the name."""

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        public = any("PublicKeyMaterial" in request.surfaces for request in requests)
        pairs = _described(aws, [request.remote_id for request in requests], public=public)
        return {
            request.address: (
                Present(
                    remote_id=request.remote_id, properties=_properties(pairs[request.remote_id])
                )
                if request.remote_id in pairs
                else Absent()
            )
            for request in requests
        }

    def create(self, aws: Connection, operation: Operation) -> RemoteId:
        name = str(operation.properties["KeyName"])
        material = operation.properties.get("PublicKeyMaterial")
        if not material:
            raise UserError(
                f"{operation.address}: PublicKeyMaterial is required. Without it AWS would make the "
                "private key, and gitbot would have to keep it as a secret. Make a pair with "
                "`ssh-keygen -t ed25519` and put the public half into the spec."
            )
        try:
            aws.call(
                "ec2",
                "import_key_pair",
                KeyName=name,
                PublicKeyMaterial=str(material).encode(),
                TagSpecifications=tag_specifications(operation, "key-pair"),
            )
        except CloudError as error:
            ignoring({"InvalidKeyPair.Duplicate"}, error)
            present = self.find(aws, operation)
            if present is None or present.operation != operation.token:
                raise ConflictError(
                    f"{operation.address}: the region has a key pair named {name} already. Choose "
                    f"another KeyName, or take it over with `lifecycle: {{import: {name}}}`."
                ) from error
        return RemoteId(name)

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        wait_until(
            f"key pair {remote_id} to be seen by AWS",
            lambda: bool(_described(aws, [remote_id])),
            operation.deadline,
        )

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        if "Tags" in operation.changed | operation.removed:
            update_tags(aws, operation, _key_pair_id(aws, remote_id))

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        # DeleteKeyPair succeeds for a name that does not exist.
        aws.call("ec2", "delete_key_pair", KeyName=remote_id)

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        name = str(operation.properties["KeyName"])
        pair = _described(aws, [name]).get(name)
        return None if pair is None else found(name, tag_map(pair.get("Tags")))

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        put_tags(aws, _key_pair_id(aws, remote_id), operation.ownership)


def _key_pair_id(aws: Connection, name: str) -> str:
    """Tags go by the id, not by the name."""
    pair = _described(aws, [name]).get(name)
    if pair is None:
        raise CloudError(f"key pair {name} is gone", code="InvalidKeyPair.NotFound")
    return str(pair["KeyPairId"])


def _described(
    aws: Connection, names: Iterable[str], *, public: bool = False
) -> dict[str, Mapping[str, Any]]:
    return {
        pair["KeyName"]: pair
        for chunk in chunks(names)
        for pair in aws.call(
            "ec2",
            "describe_key_pairs",
            Filters=[{"Name": "key-name", "Values": chunk}],
            IncludePublicKey=public,
        )["KeyPairs"]
    }


def _properties(pair: Mapping[str, Any]) -> dict[str, Any]:
    done = {
        "KeyName": pair["KeyName"],
        "KeyType": pair.get("KeyType"),
        "KeyPairId": pair["KeyPairId"],
        "KeyFingerprint": pair.get("KeyFingerprint"),
        "PublicKeyMaterial": pair.get("PublicKey"),
        "Tags": list(pair.get("Tags", ())),
    }
    return {key: value for key, value in done.items() if value is not None}


def normalise_key_pair(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The key pair's properties as they are compared: a key without its comment."""
    material = properties.get("PublicKeyMaterial")
    if not isinstance(material, str):
        return properties
    return {**properties, "PublicKeyMaterial": " ".join(material.split()[:2])}


def _refine(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema["properties"]
    material = {**properties["PublicKeyMaterial"], "pattern": r"^ssh-(rsa|ed25519)\s+\S+(\s.*)?$"}
    return {
        **schema,
        "properties": {**properties, "PublicKeyMaterial": material},
        "required": [*schema.get("required", ()), "PublicKeyMaterial"],
    }


KEY_PAIR = NativeType(
    declaration=Declaration(
        name="AWS::EC2::KeyPair",
        handled=frozenset({"/KeyName", "/PublicKeyMaterial", "/Tags"}),
        # Unlike CloudFormation, tags can be changed in place.
        create_only=("/KeyName", "/PublicKeyMaterial"),
        removals={"/Tags": Removal(default=None, says="the tags are deleted")},
        normalise=normalise_key_pair,
        natural_key="KeyName",
        refine=_refine,
    ),
    handler=KeyPairHandler(),
)

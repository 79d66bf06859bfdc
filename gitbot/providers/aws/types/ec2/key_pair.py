"""AWS::EC2::KeyPair as a table. Shell.

KeyName, PublicKeyMaterial (an OpenSSH public key, ``ssh-ed25519 …`` or ``ssh-rsa …``), KeyType (that of the public key,
which alone decides it): replace. Tags.
The public key is required: the private half of a key that AWS makes would have to be kept as a
secret, and gitbot keeps none. Attributes: KeyPairId, KeyFingerprint.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportKeyPair.html
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from gitbot.errors import UserError
from gitbot.model.cloud import Operation
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing, Ec2Tags

_KEY = "PublicKeyMaterial"


def _import(operation: Operation) -> dict[str, Any]:
    material = operation.properties.get(_KEY)
    if not material:
        raise UserError(
            f"{operation.address}: PublicKeyMaterial is required. Without it AWS would make the "
            "private key, and gitbot would have to keep it as a secret. Make a pair with "
            "`ssh-keygen -t ed25519` and put the public half into the spec."
        )
    name = operation.properties["KeyName"]
    return {"KeyName": name, _KEY: str(material).encode()}


def _shows(pair: Described) -> Properties:
    named = shown("KeyName", "KeyType", "KeyPairId", "KeyFingerprint")(pair)
    return {**named, _KEY: pair.get("PublicKey")}


def normalise_key_pair(properties: Properties) -> Properties:
    """The properties in the form for comparison: a key without its comment."""
    material = properties.get(_KEY)
    if not isinstance(material, str):
        return properties
    return {**properties, _KEY: " ".join(material.split()[:2])}


def _refine(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema["properties"]
    material = {**properties[_KEY], "pattern": r"^ssh-(rsa|ed25519)\s+\S+(\s.*)?$"}
    kinds = [
        {
            "if": {"required": [_KEY], "properties": {_KEY: {"pattern": f"^ssh-{kind}"}}},
            "then": {"properties": {"KeyType": {"const": kind}}},
        }
        for kind in ("rsa", "ed25519")
    ]
    return {
        **schema,
        "properties": {**properties, _KEY: material},
        "required": [*schema.get("required", ()), _KEY],
        "allOf": [*schema.get("allOf", ()), *kinds],
    }


_LISTING = Ec2Listing(
    *("describe_key_pairs", "KeyPairs"),
    by="key-name",
    key=("key-name", "KeyName"),
    paged=False,
    parameters={"IncludePublicKey": True},
)

KEY_PAIR = native_type(
    Table(
        name="AWS::EC2::KeyPair",
        noun="key pair",
        dialect=EC2,
        listing=_LISTING,
        identifier=itemgetter("KeyName"),
        shows=_shows,
        create=Create(
            call="import_key_pair",
            sends=("KeyName", _KEY, "KeyType"),
            parameters=_import,
            gives=lambda _, properties: properties["KeyName"],
            taken=frozenset({"InvalidKeyPair.Duplicate"}),
        ),
        delete=Delete(call="delete_key_pair", parameters=shown("KeyName")),
        # CloudFormation replaces a key pair to change its tags; EC2 can change them in place.
        tags=Ec2Tags("key-pair", "KeyPairId"),
        natural_key=("KeyName",),
        filled=("KeyType",),
        instead={
            "/KeyFormat": "Leave it out: it is about a private key that AWS makes, and gitbot imports public ones."
        },
        normalise=normalise_key_pair,
        refine=_refine,
    )
)

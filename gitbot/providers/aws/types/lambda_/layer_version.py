"""AWS::Lambda::LayerVersion as a table. Shell.

LayerName (generated when absent; a name or an ARN), Content, Description, CompatibleRuntimes, CompatibleArchitectures,
LicenseInfo: replaces, because a published version never changes. The new version is published first, then functions
of the stack get it, then the old one is deleted. Content cannot be read; it cannot change either. Lambda reads its
S3Bucket with the caller's rights: gitbot's role for applies needs ``s3:GetObject`` on that bucket.
Attributes: LayerVersionArn. A version has no tags and is part of nothing: only state says whose it is.
https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersion.html
https://docs.aws.amazon.com/lambda/latest/api/API_DeleteLayerVersion.html
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.lambda_.family import LAMBDA
from gitbot.providers.aws.types.lambda_.layer_traces import LISTS, NAME, TRACE, address, told

_SENDS = (
    *("LayerName", "Content", "Description", "CompatibleRuntimes", "CompatibleArchitectures"),
    *("LicenseInfo",),
)


def _last(name: Any) -> Any:
    return name.rpartition(":")[2] if isinstance(name, str) else name


def _shows(one: Described) -> Properties:
    own = {"LayerName": _last(one["LayerArn"]), "LayerVersionArn": one["LayerVersionArn"]}
    return {**told(one), **own}


def _normalised(properties: Properties) -> Properties:
    """A layer may be named by its ARN."""
    named = "LayerName" in properties
    return {**properties, **({"LayerName": _last(properties["LayerName"])} if named else {})}


LAYER_VERSION = native_type(
    Table(
        name="AWS::Lambda::LayerVersion",
        noun="layer version",
        dialect=LAMBDA,
        listing=Plain(dialect=LAMBDA, call="get_layer_version", asks=address),
        identifier=itemgetter("LayerVersionArn"),
        shows=_shows,
        addresses=lambda one: address(one["LayerVersionArn"]),
        create=Create(
            call="publish_layer_version",
            sends=_SENDS,
            gives=lambda answer, _: str(answer["LayerVersionArn"]),
            name=NAME,
            trace=TRACE,
        ),
        delete=Delete(call="delete_layer_version"),
        looks=(LISTS,),
        normalise=_normalised,
        write_only=("/Content",),
        fate=lambda _: ("Functions that use this version keep it until they get another one.",),
    )
)

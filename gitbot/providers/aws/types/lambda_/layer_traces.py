"""Tell which version of a layer a call published whose reply was lost. Shell.

Each call adds a version, whoever makes it, and takes neither tags nor a token. So state keeps the number of the newest
version before the call. A later one is the call's if it is the only one that is alike, down to the size of its archive.
A layer whose name gitbot generates has no versions of anybody else.
https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
https://docs.aws.amazon.com/lambda/latest/api/API_ListLayerVersions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import TAKE_OUT_OF_STATE, UNTRACEABLE, Operation
from gitbot.providers.aws.asking import ask, ask_pages
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.table import Described, Properties
from gitbot.providers.aws.traces import Trace
from gitbot.providers.aws.types.lambda_.family import LAMBDA

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

NAME = Name(property="LayerName", longest=140)
LISTS = "list_layer_versions"
_LISTS_OF_NAMES = ("CompatibleRuntimes", "CompatibleArchitectures")


def told(one: Described) -> dict[str, Any]:
    """The properties that a version shows; Lambda leaves out what is empty."""
    return {
        **{name: one.get(name) or "" for name in ("Description", "LicenseInfo")},
        **{name: list(one.get(name) or ()) for name in _LISTS_OF_NAMES},
    }


def address(remote_id: str) -> dict[str, Any]:
    """The parameters that name the version with this ARN. Raises CloudError for what is none."""
    layer, _, number = remote_id.rpartition(":")
    if not (layer and number.isdecimal()):
        raise CloudError(f"`{remote_id}` is not the ARN of a version of a layer.", code="NoSuchId")
    return {"LayerName": layer, "VersionNumber": int(number)}


def _newest(aws: Connection, operation: Operation) -> str:
    """The number of the newest version before the call; empty where all will be the operation's own."""
    name = operation.properties.get(NAME.property)
    return str(max((one["Version"] for one in _versions(aws, name)), default=0)) if name else ""


def _versions(aws: Connection, name: Any) -> list[Any]:
    return ask_pages(aws, LAMBDA, LISTS, "LayerVersions", LayerName=name)


def _published(aws: Connection, operation: Operation) -> str | None:
    """The ARN of the version that the operation's call published; None: it published none.

    Raises:
        CloudError: a version may be the one, and nothing tells.
    """
    given, own = operation.properties, NAME.of(operation)
    generated = not given.get(NAME.property)
    if operation.receipt is None and not generated:
        return None  # what is there was not asked yet, and the call comes after that
    since = int(operation.receipt or 0)
    newer = [one for one in _versions(aws, own) if one["Version"] > since]
    if generated:
        return next((str(one["LayerVersionArn"]) for one in newer), None)
    alike = [one for one in newer if _is_alike(given, one)]
    archive = _archive(aws, given.get("Content")) if alike else None
    fits = {str(one["LayerVersionArn"]): _has(aws, one, archive) for one in alike}
    possible = [arn for arn, fit in fits.items() if fit is not False]
    if len(possible) > 1 or None in fits.values():
        raise _untold(operation, own, possible)
    return possible[0] if possible else None


def _is_alike(given: Properties, one: Described) -> bool:
    wanted, shown = told(given), told(one)
    return all(
        sorted(value) == sorted(shown[name]) if name in _LISTS_OF_NAMES else value == shown[name]
        for name, value in wanted.items()
    )


def _archive(aws: Connection, content: Any) -> Mapping[str, Any] | None:
    """The size and time of the archive in S3; None where it is gone, hidden or may not be read.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    if not content:
        return None
    named = {"Bucket": content["S3Bucket"], "Key": content["S3Key"]}
    version = content.get("S3ObjectVersion")
    try:
        told = aws.call("s3", "head_object", **named, **({"VersionId": version} if version else {}))
    except CloudError:
        return None
    return {"size": told["ContentLength"], "at": told["LastModified"]}


def _has(aws: Connection, one: Described, archive: Mapping[str, Any] | None) -> bool | None:
    """Whether the version was made of the archive; None: the archive is another one since then, or cannot be read."""
    if archive is None:
        return None
    whole = ask(aws, LAMBDA, "get_layer_version", **address(str(one["LayerVersionArn"])))
    if whole["Content"]["CodeSize"] == archive["size"]:
        return True
    made_at = datetime.strptime(str(one["CreatedDate"]), "%Y-%m-%dT%H:%M:%S.%f%z")
    return None if archive["at"] > made_at else False


def _untold(operation: Operation, layer: str, possible: list[str]) -> CloudError:
    one = len(possible) == 1
    why = (
        "its archive in S3 was replaced since then, or cannot be read"
        if one
        else "all that AWS tells of them is the same"
    )
    return CloudError(
        f"{operation.address}: Lambda's answer was lost when gitbot published a version of layer `{layer}`, and nobody "
        f"can tell whether {'it is' if one else 'which is it:'} {', '.join(possible)}: {why}. Delete what is nobody "
        f"else's; functions that use it keep a copy. {TAKE_OUT_OF_STATE}",
        code=UNTRACEABLE,
    )


TRACE = Trace(before=_newest, made=_published)

"""Ask SSM and Secrets Manager for the versions of secrets, and open secrets for one call. Shell.

Versions: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
and https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html, which never
answer with a value. Values: GetParameter and GetSecretValue, which answer with the version too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

from gitbot.errors import CloudError
from gitbot.model.secret_references import (
    SecretProblem,
    SecretReference,
    SecretStore,
    SecretValue,
)
from gitbot.providers.aws.connection import Connection
from gitbot.providers.aws.refusals import DENIALS

MOST_NAMES: Final = 50
"""How many names a filter of DescribeParameters takes."""
_CURRENT = "AWSCURRENT"
_MISSING = frozenset({"ParameterNotFound", "ParameterVersionNotFound", "ResourceNotFoundException"})


def ask_versions(
    aws: Connection, references: Sequence[SecretReference]
) -> dict[str, str | SecretProblem]:
    """The version of each secret, or what is wrong with it. No value is read.

    Raises:
        TransientError: AWS did not answer.
    """
    found: dict[str, str | SecretProblem] = {}
    parameters = [one for one in references if one.store is SecretStore.SSM]
    for start in range(0, len(parameters), MOST_NAMES):
        found |= _parameter_versions(aws, parameters[start : start + MOST_NAMES])
    for one, version in _by_secret(aws, references, _secret_version):
        found[one.text] = version
    return found


def open_secrets(
    aws: Connection, references: Sequence[SecretReference]
) -> dict[str, SecretValue | SecretProblem]:
    """The value of each secret, or what is wrong with it.

    Raises:
        TransientError: AWS did not answer.
    """
    found: dict[str, SecretValue | SecretProblem] = {}
    for one in references:
        if one.store is SecretStore.SSM:
            found[one.text] = _parameter(aws, one)
    for one, answer in _by_secret(aws, references, _secret):
        found[one.text] = answer if isinstance(answer, SecretProblem) else _value(one, answer)
    return found


def _parameter_versions(
    aws: Connection, references: Sequence[SecretReference]
) -> dict[str, str | SecretProblem]:
    names = sorted({one.name for one in references})
    filters = [{"Key": "Name", "Option": "Equals", "Values": names}]
    try:
        told = list(aws.pages("ssm", "describe_parameters", "Parameters", ParameterFilters=filters))
    except CloudError as error:
        return {one.text: _refused(one, error, aws) for one in references}
    versions = {str(each["Name"]): int(each["Version"]) for each in told}
    return {one.text: _version_of(one, versions, aws) for one in references}


def _version_of(
    one: SecretReference, versions: dict[str, int], aws: Connection
) -> str | SecretProblem:
    newest = versions.get(one.name)
    if newest is None:
        return _absent(one, aws)
    if one.version is None:
        return str(newest)
    if 0 < int(one.version) <= newest:
        return str(int(one.version))
    return SecretProblem(
        detail=f"{one.bare} has no version {one.version}; its newest version is {newest}.",
        fix="Name a version that it has, or leave the version out for the newest one.",
    )


def _parameter(aws: Connection, one: SecretReference) -> SecretValue | SecretProblem:
    name = one.name if one.version is None else f"{one.name}:{one.version}"
    try:
        told = aws.call("ssm", "get_parameter", Name=name, WithDecryption=True)["Parameter"]
    except CloudError as error:
        return _refused(one, error, aws)
    return SecretValue(value=str(told["Value"]), version=str(told["Version"]))


def _by_secret(
    aws: Connection, references: Sequence[SecretReference], ask: Any
) -> Iterable[tuple[SecretReference, Any]]:
    """The answer about each secret of Secrets Manager; each is asked for once."""
    stored = sorted(
        (one for one in references if one.store is SecretStore.MANAGER), key=lambda one: one.name
    )
    for _, some in groupby(stored, key=lambda one: one.name):
        alike = list(some)
        answer = ask(aws, alike[0])
        for one in alike:
            yield one, answer


def _secret_version(aws: Connection, one: SecretReference) -> str | SecretProblem:
    try:
        told = aws.call("secretsmanager", "describe_secret", SecretId=one.name)
    except CloudError as error:
        return _refused(one, error, aws)
    if "DeletedDate" in told:
        return _going(one)
    for version, stages in sorted((told.get("VersionIdsToStages") or {}).items()):
        if _CURRENT in stages:
            return str(version)
    return SecretProblem(
        detail=f"{one.bare} has no value yet.", fix="Put a value into it in Secrets Manager."
    )


def _secret(aws: Connection, one: SecretReference) -> Any:
    try:
        return aws.call("secretsmanager", "get_secret_value", SecretId=one.name)
    except CloudError as error:
        return _refused(one, error, aws)


def _value(one: SecretReference, told: Any) -> SecretValue | SecretProblem:
    text = told.get("SecretString")
    if not isinstance(text, str):
        return SecretProblem(
            detail=f"{one.bare} is binary, and a spec can use only text.",
            fix="Store it as text, for example in Base64.",
        )
    value = text if one.key is None else _at_key(text, one.key)
    if value is None:
        return SecretProblem(
            detail=f'{one.bare} has no text or number under the key "{one.key}" of a JSON object.',
            fix="Correct the key after #, or store the secret as a JSON object that has it.",
        )
    return SecretValue(value=value, version=str(told["VersionId"]))


def _at_key(text: str, key: str) -> str | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    value = found.get(key) if isinstance(found, dict) else None
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return value if isinstance(value, str) else None


def _refused(one: SecretReference, error: CloudError, aws: Connection) -> SecretProblem:
    if error.code in _MISSING:
        return _absent(one, aws)
    if error.code == "InvalidRequestException":
        return _going(one)
    if error.code in DENIALS:
        return SecretProblem(
            detail=f"{one.text} may not be read: {error}",
            fix="Allow that to the role of the environment, and kms:Decrypt where the secret has a "
            "key of its own.",
        )
    return SecretProblem(
        detail=f"{one.text} cannot be read: {error}", fix="Correct that, and plan again."
    )


def _absent(one: SecretReference, aws: Connection) -> SecretProblem:
    what = one.bare if one.version is None else f"{one.bare}, version {one.version},"
    return SecretProblem(
        detail=f"{what} does not exist in account {aws.account}, region {aws.region}.",
        fix="Create it there, or correct the name.",
    )


def _going(one: SecretReference) -> SecretProblem:
    return SecretProblem(
        detail=f"{one.bare} is to be deleted, so Secrets Manager does not give its value.",
        fix="Restore it, or name another secret.",
    )

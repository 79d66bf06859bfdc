"""Ask SSM and Secrets Manager for the versions of secrets, and open secrets for one call. Shell.

Versions: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
and https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html, which never
answer with a value. Where a label of SSM points, and the version of another account's parameter, AWS
tells only with the value: GetParameter without decryption; the value is dropped at once. Values:
GetParameter and GetSecretValue, which answer with the version too.
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
    here, found = _here(aws, references)
    parameters = [one for one in here if one.store is SecretStore.SSM]
    closed = [one for one in parameters if _told_with_value(one, aws)]
    open_ = [one for one in parameters if one not in closed]
    for start in range(0, len(open_), MOST_NAMES // 2):  # an ARN may mean two names
        found |= _parameter_versions(aws, open_[start : start + MOST_NAMES // 2])
    found |= {one.text: _version_with_value(aws, one) for one in closed}
    for one, told in _by_secret(aws, here, _described):
        found[one.text] = told if isinstance(told, SecretProblem) else _secret_version(one, told)
    return found


def open_secrets(
    aws: Connection, references: Sequence[SecretReference]
) -> dict[str, SecretValue | SecretProblem]:
    """The value of each secret, or what is wrong with it.

    Raises:
        TransientError: AWS did not answer.
    """
    here, elsewhere = _here(aws, references)
    found: dict[str, SecretValue | SecretProblem] = {**elsewhere}
    for one in here:
        if one.store is SecretStore.SSM:
            found[one.text] = _parameter(aws, one)
    for one, answer in _by_secret(aws, here, _secret):
        found[one.text] = answer if isinstance(answer, SecretProblem) else _value(one, answer)
    return found


def _here(
    aws: Connection, references: Sequence[SecretReference]
) -> tuple[list[SecretReference], dict[str, Any]]:
    """The references to secrets of this region, and what is wrong with the others."""
    elsewhere = {
        one.text: SecretProblem(
            detail=f"{one.text} is in {one.region}, and the stack in {aws.region}.",
            fix="Name a secret of the same region, by its ARN there or by its name.",
        )
        for one in references
        if one.region not in (None, aws.region)
    }
    return [one for one in references if one.text not in elsewhere], elsewhere


def _told_with_value(one: SecretReference, aws: Connection) -> bool:
    return one.labelled or one.account not in (None, aws.account)


def _version_with_value(aws: Connection, one: SecretReference) -> str | SecretProblem:
    try:
        told = aws.call("ssm", "get_parameter", Name=_named(one), WithDecryption=False)
    except CloudError as error:
        if error.code in DENIALS:
            return SecretProblem(
                detail=f"Where {one.text} points may not be asked: {error}",
                fix="AWS tells that only to who may call ssm:GetParameter for it: allow that to "
                "`roles.plan`, or name a version by its number.",
            )
        return _refused(one, error, aws)
    return str(told["Parameter"]["Version"])


def _named(one: SecretReference) -> str:
    return one.name if one.version is None else f"{one.name}:{one.version}"


def _parameter_versions(
    aws: Connection, references: Sequence[SecretReference]
) -> dict[str, str | SecretProblem]:
    names = sorted({name for one in references for name in _names(one)})
    filters = [{"Key": "Name", "Option": "Equals", "Values": names}]
    try:
        told = list(aws.pages("ssm", "describe_parameters", "Parameters", ParameterFilters=filters))
    except CloudError as error:
        return {one.text: _refused(one, error, aws) for one in references}
    versions = {str(each["Name"]): int(each["Version"]) for each in told}
    return {one.text: _version_of(one, versions, aws) for one in references}


def _names(one: SecretReference) -> tuple[str, ...]:
    """The names that the reference may mean: the ARNs of ``db`` and ``/db`` are the same."""
    if one.account is None:
        return (one.name,)
    name = one.name.partition(":parameter/")[2]
    return (f"/{name}",) if "/" in name else (name, f"/{name}")


def _version_of(
    one: SecretReference, versions: dict[str, int], aws: Connection
) -> str | SecretProblem:
    newest = next((versions[name] for name in _names(one) if name in versions), None)
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
    try:
        told = aws.call("ssm", "get_parameter", Name=_named(one), WithDecryption=True)["Parameter"]
    except CloudError as error:
        return _refused(one, error, aws)
    return SecretValue(value=str(told["Value"]), version=str(told["Version"]))


def _by_secret(
    aws: Connection, references: Sequence[SecretReference], ask: Any
) -> Iterable[tuple[SecretReference, Any]]:
    """The answer about each secret of Secrets Manager; each version is asked for once."""
    stored = sorted(
        (one for one in references if one.store is SecretStore.MANAGER), key=_name_and_version
    )
    for _, some in groupby(stored, key=_name_and_version):
        alike = list(some)
        answer = ask(aws, alike[0])
        for one in alike:
            yield one, answer


def _name_and_version(one: SecretReference) -> tuple[str, str]:
    return one.name, one.version or ""


def _described(aws: Connection, one: SecretReference) -> Any:
    try:
        return aws.call("secretsmanager", "describe_secret", SecretId=one.name)
    except CloudError as error:
        return _refused(one, error, aws)


def _secret_version(one: SecretReference, told: Any) -> str | SecretProblem:
    if "DeletedDate" in told:
        return _going(one)
    stages = told.get("VersionIdsToStages") or {}
    if one.by_id:
        return str(one.version) if one.version in stages else _without_stage(one)
    wanted = one.version or _CURRENT
    for version, some in sorted(stages.items()):
        if wanted in some:
            return str(version)
    if one.version is None:
        return SecretProblem(
            detail=f"{one.bare} has no value yet.", fix="Put a value into it in Secrets Manager."
        )
    known = sorted({stage for some in stages.values() for stage in some})
    return SecretProblem(
        detail=f"{one.bare} has no version with the stage {one.version}; its stages are "
        f"{', '.join(known) or 'none'}.",
        fix="Name one of them, or leave the stage out for the current version.",
    )


def _without_stage(one: SecretReference) -> SecretProblem:
    return SecretProblem(
        detail=f"{one.bare} has no version {one.version} that has a stage.",
        fix="Secrets Manager deletes versions without a stage: give it one, or name another.",
    )


def _secret(aws: Connection, one: SecretReference) -> Any:
    which = (
        {} if one.version is None else {"VersionId" if one.by_id else "VersionStage": one.version}
    )
    try:
        return aws.call("secretsmanager", "get_secret_value", SecretId=one.name, **which)
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

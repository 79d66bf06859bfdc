"""Says which rights it takes to ask for secrets and to open them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from gitbot.model.secret_references import SecretStore, pattern_parts
from gitbot.model.tags import STACK_TAG
from gitbot.providers.aws.statements import allow, partition_of

_NAMES: Final[Mapping[SecretStore, str]] = {
    SecretStore.SSM: "Parameters",
    SecretStore.MANAGER: "Secrets",
}
_VERSIONS: Final[Mapping[SecretStore, tuple[str, ...]]] = {
    SecretStore.SSM: (),
    SecretStore.MANAGER: ("secretsmanager:DescribeSecret",),
}
_VALUES: Final[Mapping[SecretStore, tuple[str, ...]]] = {
    SecretStore.SSM: ("ssm:GetParameter",),
    SecretStore.MANAGER: ("secretsmanager:GetSecretValue",),
}
DECRYPT: Final = "kms:Decrypt"
READS_ENCRYPTED: Final[Mapping[str, Any]] = {
    **allow("ReadEncrypted", [DECRYPT]),
    "Condition": {
        "Null": {f"kms:EncryptionContext:{one}": "true" for one in ("PARAMETER_ARN", "SecretARN")}
    },
}
"""What AWS's own handlers of some types decrypt to read an object, but no parameter and no secret.

https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
"""


def secret_rights(
    patterns: Collection[str], regions: Sequence[str], environment: str, *, applies: bool
) -> Iterator[dict[str, Any]]:
    """What asks for the versions of secrets, and for the role that applies what opens them.

    Of secrets that stacks make themselves, no version is asked for.
    """
    kept = [one for one in patterns if not _is_own(one)]
    yield from _named(kept, regions, applies=applies)
    if not applies:
        return
    stores = {pattern_parts(one)[0] for one in patterns}
    if len(kept) < len(patterns):
        yield _of_stacks(regions, environment)
    if stores:
        by = [f"{one}.{region}.amazonaws.com" for one in sorted(stores) for region in regions]
        yield {
            **allow("DecryptSecrets", [DECRYPT]),
            "Condition": {"StringEquals": {"kms:ViaService": by}},
        }


def _named(
    patterns: Collection[str], regions: Sequence[str], *, applies: bool
) -> Iterator[dict[str, Any]]:
    """DescribeParameters cannot be limited to some parameters; it tells names and no values. Where a
    label points, and the version of another account's parameter, only GetParameter tells.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
    """
    named: dict[SecretStore, set[str]] = {}
    closed: set[str] = set()
    for pattern in patterns:
        store, name, version = pattern_parts(pattern)
        arns = {secret_arn(store, name, region) for region in regions}
        named.setdefault(store, set()).update(arns)
        labelled = bool(version) and not version.isdigit()
        if store is SecretStore.SSM and (labelled or name.startswith("arn:")):
            closed |= arns
    if SecretStore.SSM in named:
        yield allow("SeeVersionsOfParameters", ["ssm:DescribeParameters"])
    if closed and not applies:
        seen = {**allow("SeeLabelsOfParameters", ["ssm:GetParameter"]), "Resource": sorted(closed)}
        yield seen
    for store, arns in sorted(named.items()):
        actions = [*_VERSIONS[store], *(_VALUES[store] if applies else ())]
        if actions:
            yield {**allow(f"Use{_NAMES[store]}", actions), "Resource": sorted(arns)}


def _is_own(pattern: str) -> bool:
    """Whether the pattern is of secrets that stacks make themselves: their addresses in parentheses."""
    return pattern_parts(pattern)[1].startswith("(")


def _of_stacks(regions: Sequence[str], environment: str) -> dict[str, Any]:
    """What opens secrets that stacks of the environment made: their tag says whose they are.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
    """
    return {
        **allow("UseSecretsOfStacks", _VALUES[SecretStore.MANAGER]),
        "Resource": [secret_arn(SecretStore.MANAGER, "*", region) for region in regions],
        "Condition": {"StringLike": {f"aws:ResourceTag/{STACK_TAG}": f"{environment}/*"}},
    }


def secret_arn(store: SecretStore, name: str, region: str) -> str:
    """The ARN of what the store keeps under this name, in any account; a name may be an ARN."""
    if name.startswith("arn:"):
        return name
    partition = partition_of(region)
    if store is SecretStore.SSM:
        return f"arn:{partition}:ssm:{region}:*:parameter/{name.removeprefix('/')}"
    # Secrets Manager ends the ARN of a secret with a dash and six characters of its own.
    end = "" if name.endswith("*") else "-??????"
    return f"arn:{partition}:secretsmanager:{region}:*:secret:{name}{end}"

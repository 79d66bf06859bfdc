"""Read and write the lifecycle policy and the resource policy of a repository. Shell.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutLifecyclePolicy.html
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.schema import Removal
from gitbot.providers.aws.policy_documents import normalised_policy, policy_text
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.text_attributes import parsed

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

READS = ("get_lifecycle_policy", "get_repository_policy")
WRITES = (
    *("put_lifecycle_policy", "delete_lifecycle_policy"),
    *("set_repository_policy", "delete_repository_policy"),
)
_NONE = frozenset({"LifecyclePolicyNotFoundException", "RepositoryPolicyNotFoundException"})


def _optional(aws: Connection, call: str, name: str) -> Any:
    """The answer about the repository's policy; None if it has none."""
    try:
        return aws.call("ecr", call, repositoryName=name)
    except CloudError as error:
        if error.code not in _NONE:
            raise
        return None


def _lifecycle(aws: Connection, name: str) -> Any:
    answer = _optional(aws, "get_lifecycle_policy", name)
    return None if answer is None else {"LifecyclePolicyText": answer["lifecyclePolicyText"]}


def _put_lifecycle(aws: Connection, name: str, value: Any) -> None:
    text = (value or {}).get("LifecyclePolicyText")
    if text:
        aws.call("ecr", "put_lifecycle_policy", repositoryName=name, lifecyclePolicyText=text)
    else:
        _optional(aws, "delete_lifecycle_policy", name)


def _policy(aws: Connection, name: str) -> Any:
    answer = _optional(aws, "get_repository_policy", name)
    return None if answer is None else json.loads(answer["policyText"])


def _put_policy(aws: Connection, name: str, value: Any) -> None:
    if value is not None:
        text = policy_text(value)
        aws.call("ecr", "set_repository_policy", repositoryName=name, policyText=text)
    else:
        _optional(aws, "delete_repository_policy", name)


SURFACES = (
    Surface(
        property="LifecyclePolicy",
        read=_lifecycle,
        write=_put_lifecycle,
        removal=Removal(default=None, says="images are kept for ever"),
    ),
    Surface(
        property="RepositoryPolicyText",
        read=_policy,
        write=_put_policy,
        removal=Removal(default=None, says="only this account has access"),
    ),
)


def in_one_form(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties in the form for comparison: both policies parsed."""
    done = dict(properties)
    if properties.get("RepositoryPolicyText") is not None:
        done["RepositoryPolicyText"] = normalised_policy(properties["RepositoryPolicyText"])
    policy = properties.get("LifecyclePolicy")
    if isinstance(policy, Mapping) and "LifecyclePolicyText" in policy:
        text = parsed(policy["LifecyclePolicyText"])
        done["LifecyclePolicy"] = {**policy, "LifecyclePolicyText": text}
    return done

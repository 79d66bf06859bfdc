"""Make moto read a policy whose ``Statement`` is one map, and one of a template, as AWS does. Shell.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.policies import listed


def patch() -> None:
    """Make all patches of this module."""
    from moto.ecr.models import ECRBackend
    from moto.events.models import EventBus
    from moto.kms import responses
    from moto.kms.models import KmsBackend
    from moto.sns.models import Topic
    from moto.sqs.models import Queue

    wrap(responses, "validate_policy", _of_a_key)
    wrap(KmsBackend, "create_key", _as_text)
    wrap(ECRBackend, "_validate_registry_policy_action", _of_a_registry)
    wrap(EventBus, "add_policy", _of_a_bus)
    for kind in (Queue, Topic):
        wrap(kind, "policy", _kept_as_a_list)


def _of_a_key(original: Any) -> Any:
    def validate_policy(key: Any, action: str) -> None:
        original(SimpleNamespace(arn=key.arn, policy=listed(key.policy)), action)

    return validate_policy


def _as_text(original: Any) -> Any:
    """Defect: the policy of a key that a template makes is no text."""

    def create_key(self: Any, policy: Any, *given: Any, **named: Any) -> Any:
        text = json.dumps(policy) if isinstance(policy, Mapping) else policy
        return original(self, text, *given, **named)

    return create_key


def _of_a_registry(original: Any) -> Any:
    def _validate_registry_policy_action(self: Any, policy_text: str) -> None:
        original(self, listed(policy_text))

    return _validate_registry_policy_action


def _of_a_bus(original: Any) -> Any:
    def add_policy(self: Any, policy: Any) -> None:
        original(self, json.loads(listed(policy)))

    return add_policy


def _kept_as_a_list(original: Any) -> Any:
    """Defect: nothing can be added to a policy of one map."""

    def set_policy(self: Any, policy: Any) -> None:
        original.fset(self, listed(policy) if policy else policy)

    return original.setter(set_policy)

"""Make moto's Lambda take every source of events and keep what a mapping is given, and keep a function's
policy as AWS does. Shell.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from moto.awslambda.exceptions import LambdaClientError as Refusal
from moto.awslambda.models import EventSourceMapping, LambdaBackend, LayerVersion, lambda_backends
from moto.awslambda.policy import Policy

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.states import begin, described
from gitbot_sandbox.aws.tag_index import index

_CONDITIONS = {
    "SourceArn": ("ArnLike", "AWS:SourceArn"),
    "SourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}
_KEPT = {
    "AmazonManagedKafkaEventSourceConfig": "kafka_config",
    "DocumentDBEventSourceConfig": "document_db_config",
    "ProvisionedPollerConfig": "poller_config",
}
_OTHERS = ("kafka", "mq", "rds")
"""Services whose sources moto refuses; DocumentDB's ARNs have the name of RDS."""


def patch() -> None:
    """Make all patches of this module."""
    wrap(Policy, "add_statement", _as_aws_keeps)
    wrap(LambdaBackend, "create_event_source_mapping", _any_source)
    wrap(LambdaBackend, "update_event_source_mapping", _all_kept)
    wrap(LambdaBackend, "get_event_source_mapping", _moving_on)
    wrap(LambdaBackend, "list_event_source_mappings", _by_function)
    wrap(EventSourceMapping, "get_configuration", _with_state)
    index(lambda_backends, "lambda:event-source-mapping", _mappings)


def _conflict(message: str) -> Exception:
    refusal = Refusal("ResourceConflictException", message)
    refusal.code = 409
    return refusal


def _as_aws_keeps(original: Any) -> Any:
    """Defects: a statement identifier may be there twice, some conditions are lost, and an account is
    not shown as its root."""

    def add_statement(self: Any, raw: str, qualifier: str | None = None) -> Any:
        if isinstance(self.parent, LayerVersion):
            return original(self, raw, qualifier)
        asked = {"StatementId": str(uuid4()), **json.loads(raw)}  # CloudFormation gives none
        if any(one["Sid"] == asked["StatementId"] for one in self.statements):
            raise _conflict(f"The statement id ({asked['StatementId']}) provided already exists.")
        conditions: dict[str, dict[str, Any]] = {}
        for name, (test, key) in _CONDITIONS.items():
            if name in asked:
                value = asked[name]
                conditions.setdefault(test, {})[key] = (
                    str(value).lower() if isinstance(value, bool) else value
                )
        made = {
            "Sid": asked["StatementId"],
            "Effect": "Allow",
            "Principal": _principal(asked["Principal"]),
            "Action": asked["Action"],
            "Resource": ":".join(filter(None, (self.parent.function_arn, qualifier))),
            **({"Condition": conditions} if conditions else {}),
        }
        self.statements.append(made)
        return made, self.revision

    return add_statement


def _principal(asked: str) -> Any:
    if asked == "*":
        return "*"
    if asked.isdigit():
        return {"AWS": f"arn:aws:iam::{asked}:root"}
    return {"Service" if asked.endswith(".amazonaws.com") else "AWS": asked}


def _mapping(spec: dict[str, Any]) -> Any:
    """A mapping of a source that moto does not know."""
    free = {"event_source_arn": None, "batch_size": None}
    made: Any = type("Mapping", (EventSourceMapping,), free)
    return made({**spec, "BatchSize": spec.get("BatchSize", 100)})


def _any_source(original: Any) -> Any:
    """Defects: sources other than queues and streams are refused, and a pair may have two mappings."""

    def create(self: Any, spec: dict[str, Any]) -> Any:
        function = self.get_function(spec["FunctionName"])
        source = spec["EventSourceArn"]
        for one in self._event_source_mappings.values():
            if (one.event_source_arn, one.function_arn) == (source, function.function_arn):
                raise _conflict(
                    f'The event source arn (" {source} ") and function (" {function.function_name} ") '
                    "provided mapping already exists. Please update or delete the existing mapping with "
                    f"UUID {one.uuid}"
                )
        if source.split(":")[2] in _OTHERS:
            place = {"RegionName": self.region_name, "AccountId": self.account_id}
            made = _mapping({**spec, **place, "FunctionArn": function.function_arn})
            self._event_source_mappings[made.uuid] = made
        else:
            made = original(self, spec)
        _pass(made, "Creating")
        return made

    return create


def _pass(mapping: Any, state: str) -> None:
    mapping.state = state

    def then(_: str) -> None:
        mapping.state = ""

    begin(mapping, then)


def _all_kept(original: Any) -> Any:
    """Defects: some settings are ignored, and an update is done at once."""

    def update(self: Any, uuid: str, spec: dict[str, Any]) -> Any:
        made = original(self, uuid, spec)
        if made is not None:
            for name, own in _KEPT.items():
                if name in spec:
                    setattr(made, own, spec[name])
            _pass(made, "Updating")
        return made

    return update


def _moving_on(original: Any) -> Any:
    def get(self: Any, uuid: str) -> Any:
        made = original(self, uuid)
        if made is not None:
            described(made)
        return made

    return get


def _by_function(original: Any) -> Any:
    """Defect: a function is known only by the name with which the mapping was made."""

    def listed(self: Any, event_source_arn: str, function_name: str) -> Any:
        found = original(self, event_source_arn, "")
        if not function_name:
            return found
        arn = self.get_function(function_name).function_arn
        return [one for one in found if one.function_arn == arn]

    return listed


def _with_state(original: Any) -> Any:
    def get_configuration(self: Any) -> dict[str, Any]:
        shown: dict[str, Any] = original(self)
        return {**shown, "State": getattr(self, "state", "") or shown["State"]}

    return get_configuration


def _mappings(backend: Any) -> Iterator[tuple[str, Any]]:
    for one in backend._event_source_mappings.values():
        yield one.arn, one.tags

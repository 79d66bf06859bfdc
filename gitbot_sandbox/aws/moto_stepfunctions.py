"""Make moto's Step Functions refuse, count revisions and forget as AWS does. Shell.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from gitbot_sandbox.aws.moto_patch import by_name, forgets_tags, wrap

_COMPARED = {
    "loggingConfiguration": ("loggingConfiguration", {"level": "OFF"}),
    "tracingConfiguration": ("tracingConfiguration", {"enabled": False}),
    "encryptionConfiguration": ("encryptionConfiguration", {"type": "AWS_OWNED_KEY"}),
    "sm_type": ("type", "STANDARD"),
    "definition": ("definition", None),
}
"""What must be the same where a machine is created again: moto's name for it, and its default."""


def patch() -> None:
    """Make all patches of this module."""
    from moto.stepfunctions.models import StepFunctionBackend as Backend
    from moto.stepfunctions.responses import StepFunctionResponse as Response

    wrap(Backend, "create_state_machine", _same_or_refused)
    wrap(Backend, "update_state_machine", _checked)
    wrap(Backend, "delete_state_machine", forgets_tags(lambda _, arn: [arn]))
    wrap(Response, "_describe_state_machine", _with_revision)


def _refusal(code: str, message: str) -> Exception:
    from moto.core.exceptions import JsonRESTError

    return JsonRESTError(code, message)


def _check(backend: Any, definition: str | None, role: str | None) -> None:
    """Defects: a definition that is none, and a role that does not exist, are accepted."""
    if definition is not None:
        try:
            wrong = not {"StartAt", "States"} <= set(json.loads(definition))
        except (ValueError, TypeError):
            wrong = True
        if wrong:
            raise _refusal("InvalidDefinition", "Invalid State Machine Definition")
    if role is not None:
        from moto.iam.exceptions import NotFoundException
        from moto.iam.models import iam_backends

        try:
            iam_backends[backend.account_id][backend.partition].get_role_by_arn(role)
        except NotFoundException:
            raise _refusal(
                "AccessDeniedException",
                "Neither the global service principal states.amazonaws.com, nor the regional one is "
                "authorized to assume the provided role.",
            ) from None


def _same_or_refused(original: Any) -> Any:
    """Defect: a name that is taken gives the machine that has it, whatever is asked for."""

    def create_state_machine(self: Any, *given: Any, **named: Any) -> Any:
        asked = by_name(original, *given, **named)
        _check(self, asked["definition"], asked["roleArn"])
        wanted = {own: asked.get(name) or default for name, (own, default) in _COMPARED.items()}
        for present in self.state_machines:
            if present.name == asked["name"] and present.made_with != wanted:
                why = f"State Machine Already Exists: '{present.arn}'"
                raise _refusal("StateMachineAlreadyExists", why)
        made = original(self, **asked)
        made.made_with = {own: getattr(made, own) for own, _ in _COMPARED.values()}
        return made

    return create_state_machine


def _checked(original: Any) -> Any:
    """Defect: an update makes no revision."""

    def update_state_machine(self: Any, arn: str, **asked: Any) -> Any:
        _check(self, asked["definition"], asked["role_arn"])
        machine = original(self, arn, **asked)
        machine.made_with = {own: getattr(machine, own) for own, _ in _COMPARED.values()}
        machine.revision = str(uuid.uuid4())
        return machine

    return update_state_machine


def _with_revision(original: Any) -> Any:
    """Defect: the revision is not shown."""

    def describe(self: Any, state_machine_arn: str) -> Any:
        answer = original(self, state_machine_arn)
        machine = self.stepfunction_backend.describe_state_machine(state_machine_arn)
        if hasattr(machine, "revision"):
            answer.result["revisionId"] = machine.revision
        return answer

    return describe

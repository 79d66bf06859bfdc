"""Let users of moto's IAM have credentials for single services, such as those for Git. Shell.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html
"""

from __future__ import annotations

import secrets
from functools import wraps
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.iam.exceptions import LimitExceededException, NotFoundException
from moto.iam.models import User
from moto.iam.responses import IamResponse

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patches of this module."""
    calls = (
        *(create_service_specific_credential, list_service_specific_credentials),
        delete_service_specific_credential,
    )
    for call in calls:
        setattr(IamResponse, call.__name__, call)
    wrap(User, "__init__", _without_credentials)


def _without_credentials(original: Any) -> Any:
    """Hole: ``moto_iam_users`` asks for them when a user is deleted."""

    @wraps(original)
    def __init__(self: Any, *given: Any, **named: Any) -> None:
        original(self, *given, **named)
        self.service_specific_credentials = {}

    return __init__


def create_service_specific_credential(self: Any) -> ActionResult:
    """Hole: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html"""
    user, service = (
        self.backend.get_user(self._get_param("UserName")),
        self._get_param("ServiceName"),
    )
    there = user.service_specific_credentials
    if sum(one["ServiceName"] == service for one in there.values()) >= 2:
        raise LimitExceededException("Cannot exceed quota for ServiceSpecificCredentials: 2")
    made = {
        "UserName": user.name,
        "ServiceName": service,
        "ServiceUserName": f"{user.name}-at-{user.account_id}",
        "ServiceSpecificCredentialId": f"ACCA{secrets.token_hex(8).upper()}",
        "Status": "Active",
        "CreateDate": utcnow(),
    }
    there[made["ServiceSpecificCredentialId"]] = made
    shown = {**made, "ServicePassword": secrets.token_urlsafe()}
    return ActionResult({"ServiceSpecificCredential": shown})


def list_service_specific_credentials(self: Any) -> ActionResult:
    """Hole: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html"""
    user = self.backend.get_user(self._get_param("UserName"))
    return ActionResult(
        {"ServiceSpecificCredentials": [*user.service_specific_credentials.values()]}
    )


def delete_service_specific_credential(self: Any) -> ActionResult:
    """Hole: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceSpecificCredential.html"""
    user = self.backend.get_user(self._get_param("UserName"))
    own = self._get_param("ServiceSpecificCredentialId")
    if user.service_specific_credentials.pop(own, None) is None:
        raise NotFoundException(f"Service specific credential {own} not found")
    return EmptyResult()

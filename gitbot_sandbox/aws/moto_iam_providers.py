"""Let moto's IAM change the clients of identity providers, and find their certificates, as AWS does. Shell."""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse

from gitbot_sandbox.aws.moto_patch import wrap

_FOUND = "9e99a48a9960b14926bb7f3b02e22da2b0ab7280"


def patch() -> None:
    """Make the patches of this module."""
    IamResponse.add_client_id_to_open_id_connect_provider = _add  # type: ignore[attr-defined]
    IamResponse.remove_client_id_from_open_id_connect_provider = _remove  # type: ignore[attr-defined]
    wrap(IAMBackend, "create_open_id_connect_provider", _with_thumbprint)


def _provider(self: Any) -> Any:
    return self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))


def _add(self: Any) -> ActionResult:
    """Hole: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html"""
    provider, client = _provider(self), self._get_param("ClientID")
    provider.client_id_list = [*dict.fromkeys((*provider.client_id_list, client))]
    return EmptyResult()


def _remove(self: Any) -> ActionResult:
    """Hole: https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html"""
    provider, client = _provider(self), self._get_param("ClientID")
    provider.client_id_list = [one for one in provider.client_id_list if one != client]
    return EmptyResult()


def _with_thumbprint(original: Any) -> Any:
    """Defect: where no thumbprint is given, AWS asks the provider for the one of its certificate.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
    """

    @wraps(original)
    def create(self: Any, url: str, thumbprint_list: Any, client_id_list: Any, tags: Any) -> Any:
        return original(self, url, thumbprint_list or [_FOUND], client_id_list, tags)

    return create

"""Name the actions of services whose IAM knows the methods of HTTP and no operations. Pure.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_NAMES: Final[Mapping[str, str]] = {"apigatewayv2": "apigateway"}
"""boto3's names of the services, with IAM's."""
_METHODS: Final[Mapping[str, str]] = {
    "create": "POST",
    "delete": "DELETE",
    "disable": "DELETE",
    "export": "GET",
    "get": "GET",
    "import": "PUT",
    "list": "GET",
    "preview": "POST",
    "publish": "POST",
    "put": "PUT",
    "reimport": "PUT",
    "reset": "DELETE",
    "tag": "POST",
    "untag": "DELETE",
    "update": "PATCH",
}
"""The method of a call by the first word of its name."""
_FIRST_WORD: Final = re.compile(r"[A-Za-z][a-z]*")


def http_action(service: str, call: str) -> str | None:
    """The action of a call of boto3's service, ``create_api`` or ``CreateApi``; None: IAM knows it by its name."""
    found = _FIRST_WORD.match(call)
    if service not in _NAMES or found is None:
        return None
    return f"{_NAMES[service]}:{_METHODS[found[0].lower()]}"

"""Refuse and show as API Gateway does. Shell.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.apigatewayv2.exceptions import APIGatewayV2Error


def serve(path: str) -> None:
    """Let moto's server serve a path, for both kinds of APIs as it has them at one address."""
    from moto.apigateway import urls as both
    from moto.apigatewayv2 import urls
    from moto.apigatewayv2.responses import ApiGatewayV2Response

    for one in (urls, both):
        one.url_paths["{0}" + path] = ApiGatewayV2Response.dispatch


def bad(message: str) -> Exception:
    """The error for a request that is not valid."""
    return APIGatewayV2Error("BadRequestException", message)


def conflict(message: str) -> Exception:
    """The error for a request against the state of what there is."""
    return _Conflict("ConflictException", message)


def missing(message: str) -> Exception:
    """The error for something that is not there."""
    return _Missing("NotFoundException", message)


class _Conflict(APIGatewayV2Error):
    code = 409


class _Missing(APIGatewayV2Error):
    code = 404


def filled(told: Mapping[str, Any]) -> dict[str, Any]:
    """What API Gateway shows: it leaves out what has no value."""
    return {name: value for name, value in told.items() if value not in (None, "")}

"""Name the operation of a call to a REST service by its method and path. Pure but for botocore's files."""

from __future__ import annotations

import re
from functools import cache

_MODELS = {"elasticfilesystem": "efs", "apigateway": "apigatewayv2"}
"""The names of models where they are not what the calls are signed for."""


def operation_named(service: str, method: str, path: str) -> str | None:
    """The operation; None if the service's description has none with this path."""
    for verb, pattern, name in _operations(service):
        if verb == method and pattern.fullmatch(path):
            return name
    return None


@cache
def _operations(service: str) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Method, path and name of all operations; those with the fewest parameters come first."""
    from botocore.exceptions import UnknownServiceError
    from botocore.loaders import Loader

    try:
        model = Loader().load_service_model(_MODELS.get(service, service), "service-2")
    except UnknownServiceError:
        return ()
    found = [(one["http"], name) for name, one in model["operations"].items() if "http" in one]
    found.sort(key=lambda one: one[0]["requestUri"].count("{"))
    return tuple(
        (http["method"], _pattern(http["requestUri"]), name)
        for http, name in found
        if http["requestUri"] != "/"
    )


def _pattern(uri: str) -> re.Pattern[str]:
    """What paths look like for a template: ``/file-systems/{FileSystemId}``, ``/tags/{Arn+}``.

    An ARN and the key of a route may have a slash, whatever the template says.
    """
    parts = re.split(r"(\{[^}]*\})", uri.split("?")[0].rstrip("/"))
    return re.compile("".join(map(_step, parts)) + "/?")


def _step(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    slashes = part.endswith("+}") or any(one in part.lower() for one in ("arn", "routekey"))
    return ".+" if slashes else "[^/]+"

"""Bring the actions and conditions of listeners into the form in which they are compared. Pure.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.table import Properties

TYPES = {
    "fixed-response": "FixedResponseConfig",
    "redirect": "RedirectConfig",
    "authenticate-cognito": "AuthenticateCognitoConfig",
    "authenticate-oidc": "AuthenticateOidcConfig",
}
"""The types of actions that say all in one map, and the map's name."""
_SHORT = {"path-pattern": "PathPatternConfig", "host-header": "HostHeaderConfig"}
"""The fields of conditions whose values may stand without a map, and the map's name."""
_REDIRECT = {
    "Protocol": "#{protocol}",
    "Port": "#{port}",
    "Host": "#{host}",
    "Path": "/#{path}",
    "Query": "#{query}",
}
_SIGN_IN = {
    "Scope": "openid",
    "SessionCookieName": "AWSELBAuthSessionCookie",
    "SessionTimeout": 604800,
    "OnUnauthenticatedRequest": "authenticate",
}
_FORWARD = {"TargetGroupStickinessConfig": {"Enabled": False}, "TargetGroups/*/Weight": 1}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "RedirectConfig": _REDIRECT,
    "AuthenticateCognitoConfig": _SIGN_IN,
    "AuthenticateOidcConfig": _SIGN_IN,
    "ForwardConfig": _FORWARD,
}


_SIGNING_IN = ("AuthenticateCognitoConfig", "AuthenticateOidcConfig")
_SAYING = (
    *("FixedResponseConfig/MessageBody", "RedirectConfig/Port", "RedirectConfig/Query"),
    *(f"{config}/{one}" for config in _SIGNING_IN for one in ("Scope", "SessionCookieName")),
    *(f"{_SIGNING_IN[0]}/UserPool{one}" for one in ("Arn", "ClientId", "Domain")),
    *(f"{_SIGNING_IN[1]}/{one}Endpoint" for one in ("Authorization", "Token", "UserInfo")),
    *(f"{_SIGNING_IN[1]}/{one}" for one in ("Issuer", "ClientId", "ClientSecret")),
)
"""The texts that are never empty."""


def defaults(declared: str) -> dict[str, Removal]:
    """``removals`` for the settings of actions that AWS fills in."""
    return {
        f"/{declared}/*/{config}/{name}": Removal(default=value, says="the default of AWS")
        for config, settings in _DEFAULTS.items()
        for name, value in settings.items()
    }


def handled(declared: str) -> tuple[str, ...]:
    """The paths of actions that are handled: all but the validation of tokens."""
    parts = ("Type", "Order", "TargetGroupArn", "ForwardConfig", *TYPES.values())
    return tuple(f"/{declared}/*/{one}" for one in parts)


def told_apart(declared: str) -> dict[str, tuple[str, ...]]:
    """``identities``: an action of another type is another action, whose settings go with it."""
    return {f"/{declared}": ("Type",)}


def hidden(declared: str) -> tuple[str, ...]:
    """The paths of actions that nobody can read."""
    at = f"/{declared}/*/AuthenticateOidcConfig"
    return (f"{at}/ClientSecret", f"{at}/UseExistingClientSecret")


def limits(declared: str) -> dict[str, Properties]:
    """What AWS wants of actions beyond the registry's schema."""
    at = f"{declared}/*"
    own = [_wants(kind, {"required": [config]}) for kind, config in TYPES.items()]
    one_of = {"anyOf": [{"required": ["TargetGroupArn"]}, {"required": ["ForwardConfig"]}]}
    return {
        declared: {"minItems": 1},
        at: {"allOf": [*own, _wants("forward", one_of)]},
        f"{at}/Type": {"enum": ["forward", *TYPES]},
        f"{at}/TargetGroupArn": {"minLength": 1},
        f"{at}/ForwardConfig": {"required": ["TargetGroups"]},
        f"{at}/ForwardConfig/TargetGroups": {"minItems": 1},
        f"{at}/ForwardConfig/TargetGroups/*": {"required": ["TargetGroupArn"]},
        f"{at}/ForwardConfig/TargetGroups/*/TargetGroupArn": {"minLength": 1},
        f"{at}/ForwardConfig/TargetGroupStickinessConfig": {"required": ["Enabled"]},
        f"{at}/FixedResponseConfig/ContentType": {
            "enum": [
                *("text/plain", "text/css", "text/html"),
                *("application/javascript", "application/json"),
            ]
        },
        **{f"{at}/{path}": {"minLength": 1} for path in _SAYING},
        **{f"{at}/{config}/SessionTimeout": {"pattern": "^[0-9]+$"} for config in _SIGNING_IN},
    }


def _wants(kind: str, then: Properties) -> Properties:
    return {"if": {"properties": {"Type": {"const": kind}}}, "then": then}


def actions(properties: Properties, declared: str) -> Properties:
    """The properties with the actions in the form in which they are compared, by their order."""
    formed = each(properties, declared, _action)
    given = formed.get(declared)
    if formed is properties or not all(isinstance(one, Mapping) for one in given or ()):
        return formed
    placed = [{"Order": place, **one} for place, one in enumerate(given or (), 1)]
    if all(isinstance(one["Order"], int) for one in placed):
        placed.sort(key=itemgetter("Order"))
    return {**formed, declared: placed}


def each(
    properties: Properties, declared: str, form: Callable[[Mapping[str, Any]], Any]
) -> Properties:
    """The properties with each map of a list in this form."""
    given = properties.get(declared)
    if not isinstance(given, (list, tuple)):
        return properties
    formed = [form(one) if isinstance(one, Mapping) else one for one in given]
    return {**properties, declared: formed}


def _action(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The action with its target groups in one form, and times as numbers."""
    one = {name: _timed(value) for name, value in given.items()}
    arn = one.pop("TargetGroupArn", None)
    if arn is None or "ForwardConfig" in one:
        return one
    return {**one, "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": arn}]}}


def _timed(config: Any) -> Any:
    seconds = config.get("SessionTimeout") if isinstance(config, Mapping) else None
    if isinstance(seconds, str) and seconds.isdigit():
        return {**config, "SessionTimeout": int(seconds)}
    return config


def condition(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The condition with its values in one form."""
    field = given.get("Field")
    config = _SHORT.get(field) if isinstance(field, str) else None
    if config is None or config in given or "Values" not in given:
        return {name: value for name, value in given.items() if name != "Values" or not config}
    rest = {name: value for name, value in given.items() if name != "Values"}
    return {**rest, config: {"Values": given["Values"]}}

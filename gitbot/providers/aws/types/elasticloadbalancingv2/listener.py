"""AWS::ElasticLoadBalancingV2::Listener as a table. Shell.

LoadBalancerArn: replaces. Port, Protocol, DefaultActions, Certificates (the default one; HTTPS and TLS need it),
SslPolicy, AlpnPolicy, MutualAuthentication, ListenerAttributes (those in the spec; one is not taken out, but set),
Tags: changed in place. Attributes: ListenerArn. Not handled: the validation of tokens.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.elasticloadbalancingv2.actions import (
    actions,
    defaults,
    handled,
    hidden,
    limits,
    told_apart,
)
from gitbot.providers.aws.types.elasticloadbalancingv2.family import (
    ELB,
    PAIR,
    PAIRS,
    attributes,
    by_key,
    listing,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_ACTIONS, _ATTRIBUTES = "DefaultActions", "ListenerAttributes"
_SETS = (
    *("Port", "Protocol", "SslPolicy", "Certificates", _ACTIONS),
    *("AlpnPolicy", "MutualAuthentication"),
)
_ENCRYPTED = ("HTTPS", "TLS")
_DEFAULTS: Mapping[str, Any] = {
    "SslPolicy": "ELBSecurityPolicy-2016-08",
    "AlpnPolicy": ["None"],
    "MutualAuthentication": {"Mode": "off"},
}
"""What an encrypted listener has instead of what is taken out."""
_RESETS = {
    "SslPolicy": Removal(default=_DEFAULTS["SslPolicy"], says="the default of the API", asked=True),
    "Certificates": Removal(default=None, says="a protocol without encryption needs none"),
    "AlpnPolicy": Removal(default=None, says="no protocol is negotiated"),
    "MutualAuthentication": Removal(
        default=_DEFAULTS["MutualAuthentication"], says="clients need no certificate", asked=True
    ),
}


def _alike(aws: Connection, operation: Operation) -> Iterable[str]:
    """The listener of the port: there can be one."""
    given = operation.properties
    of_balancer = {"LoadBalancerArn": str(given["LoadBalancerArn"])}
    found = aws.pages("elbv2", "describe_listeners", "Listeners", **of_balancer)
    return [str(one["ListenerArn"]) for one in found if one.get("Port") == given.get("Port")]


_LISTING = listing(
    *("listener", "describe_listeners", "Listeners", "ListenerArn", None), keyed=_alike
)


def _shows(one: Described) -> Properties:
    arns = [{"CertificateArn": each["CertificateArn"]} for each in one.get("Certificates") or ()]
    own = shown("ListenerArn", "LoadBalancerArn", *_SETS)(one)
    protocols = [each for each in one.get("AlpnPolicy") or () if each != "None"]
    return {**own, "Certificates": arns or None, "AlpnPolicy": protocols or None}


def _made(operation: Operation) -> Properties:
    given = operation.properties
    sent = ("LoadBalancerArn", *_SETS)
    return actions({name: given[name] for name in sent if given.get(name) is not None}, _ACTIONS)


def _changed(values: Properties, one: Described) -> Properties:
    """The parameters of an update. What belongs to encryption goes by itself where a protocol has none."""
    encrypted = (values.get("Protocol") or one.get("Protocol")) in _ENCRYPTED
    wanted = {name: value for name, value in values.items() if value is not None}
    reset = {
        name: default
        for name, default in _DEFAULTS.items()
        if encrypted and name in values and name not in wanted
    }
    return actions({**wanted, **reset}, _ACTIONS)


def _normalised(properties: Properties) -> Properties:
    return actions(by_key(properties, _ATTRIBUTES), _ACTIONS)


_LIMITS: Mapping[str, Properties] = {
    **limits(_ACTIONS),
    "": {
        "if": {"required": ["Protocol"], "properties": {"Protocol": {"enum": [*_ENCRYPTED]}}},
        "then": {"required": ["Certificates"]},
    },
    "Certificates": {"minItems": 1, "maxItems": 1},
    "Certificates/*": {"required": ["CertificateArn"]},
    "Certificates/*/CertificateArn": {"minLength": 1},
    "AlpnPolicy": {"minItems": 1, "maxItems": 1},
    "AlpnPolicy/*": {
        "enum": ["HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred"],
    },
    "SslPolicy": {"minLength": 1},
    "MutualAuthentication": {"required": ["Mode"]},
    "MutualAuthentication/Mode": {"enum": ["off", "passthrough", "verify"]},
    _ATTRIBUTES: PAIRS,
    f"{_ATTRIBUTES}/*": PAIR,
}
_CREATE = Create(
    call="create_listener",
    sends=("LoadBalancerArn", *_SETS),
    parameters=_made,
    gives=lambda answer, _: str(answer["Listeners"][0]["ListenerArn"]),
    taken=frozenset({"DuplicateListener"}),
    repeats=True,
)

LISTENER = native_type(
    Table(
        name="AWS::ElasticLoadBalancingV2::Listener",
        noun="listener",
        dialect=ELB,
        listing=_LISTING,
        shows=_shows,
        addresses=shown("ListenerArn"),
        create=_CREATE,
        updates=(Update(call="modify_listener", sends=_SETS, parameters=_changed),),
        resets=_RESETS,
        removals=defaults(_ACTIONS),
        surfaces=(attributes(_ATTRIBUTES, "listener", "ListenerArn"),),
        handled=handled(_ACTIONS),
        write_only=hidden(_ACTIONS),
        delete=Delete(call="delete_listener"),
        tags=_LISTING.tags,
        looks=("describe_listener_attributes",),
        calls=("modify_listener_attributes",),
        natural_key=("LoadBalancerArn", "Port"),
        normalise=_normalised,
        partial=(f"/{_ATTRIBUTES}",),
        identities=told_apart(_ACTIONS),
        sets=(f"/{_ACTIONS}/*/ForwardConfig/TargetGroups",),
        refine=refining(_LIMITS),
    )
)

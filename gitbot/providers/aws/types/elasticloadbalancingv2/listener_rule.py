"""AWS::ElasticLoadBalancingV2::ListenerRule as a table. Shell.

ListenerArn: replaces. Priority, Conditions, Actions, Tags: changed in place. Attributes: RuleArn, IsDefault.
Not handled: the validation of tokens, transforms, and regular expressions in conditions.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.elasticloadbalancingv2.actions import (
    actions,
    condition,
    defaults,
    each,
    handled,
    hidden,
    limits,
    told_apart,
)
from gitbot.providers.aws.types.elasticloadbalancingv2.family import ELB, listing

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_ACTIONS, _CONDITIONS = "Actions", "Conditions"
_SENDS = ("ListenerArn", "Priority", _CONDITIONS, _ACTIONS)
_FIELDS = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}


def _priority(one: Described) -> int | None:
    return int(one["Priority"]) if str(one["Priority"]).isdigit() else None


def _alike(aws: Connection, operation: Operation) -> Iterable[str]:
    """The rule of the priority: there can be one."""
    given = operation.properties
    of_listener = {"ListenerArn": str(given["ListenerArn"])}
    found = aws.pages("elbv2", "describe_rules", "Rules", **of_listener)
    return [str(one["RuleArn"]) for one in found if _priority(one) == given["Priority"]]


_LISTING = listing(*("listener-rule", "describe_rules", "Rules", "RuleArn", None), keyed=_alike)


def _shows(one: Described) -> Properties:
    listener = one["RuleArn"].replace(":listener-rule/", ":listener/").rpartition("/")[0]
    own = shown("RuleArn", "IsDefault", _CONDITIONS, _ACTIONS)(one)
    return {**own, "ListenerArn": listener, "Priority": _priority(one)}


def _prefer(aws: Connection, rule: str, value: Any) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetRulePriorities.html"""
    priority = {"RuleArn": rule, "Priority": int(value)}
    aws.call("elbv2", "set_rule_priorities", RulePriorities=[priority])


def _made(operation: Operation) -> Properties:
    given = operation.properties
    return actions({name: given[name] for name in _SENDS if given.get(name) is not None}, _ACTIONS)


def _changed(values: Properties, _: Described) -> Properties:
    return actions(values, _ACTIONS)


def _normalised(properties: Properties) -> Properties:
    return each(actions(properties, _ACTIONS), _CONDITIONS, condition)


def _needs(field: str, config: str) -> Properties:
    """A condition has the map of its field; two fields may have values alone."""
    values = [{"required": ["Values"]}] if field in ("host-header", "path-pattern") else []
    then = {"anyOf": [{"required": [config]}, *values]}
    return {"if": {"properties": {"Field": {"const": field}}}, "then": then}


_LIMITS: Mapping[str, Properties] = {
    "": {"required": ["ListenerArn", "Priority", _CONDITIONS, _ACTIONS]},
    **limits(_ACTIONS),
    _CONDITIONS: {"minItems": 1},
    f"{_CONDITIONS}/*": {
        "required": ["Field"],
        "allOf": [_needs(field, config) for field, config in _FIELDS.items()],
    },
    f"{_CONDITIONS}/*/Field": {"enum": [*_FIELDS]},
    f"{_CONDITIONS}/*/Values": {"minItems": 1},
    **{f"{_CONDITIONS}/*/{config}": {"required": ["Values"]} for config in _FIELDS.values()},
    **{f"{_CONDITIONS}/*/{config}/Values": {"minItems": 1} for config in _FIELDS.values()},
    f"{_CONDITIONS}/*/HttpHeaderConfig": {"required": ["HttpHeaderName", "Values"]},
    f"{_CONDITIONS}/*/HttpHeaderConfig/HttpHeaderName": {"minLength": 1},
    f"{_CONDITIONS}/*/QueryStringConfig/Values/*": {"required": ["Value"]},
    f"{_CONDITIONS}/*/QueryStringConfig/Values/*/Value": {"minLength": 1},
}
_HANDLED = (
    *(f"/{_CONDITIONS}/*/{one}" for one in ("Field", "Values")),
    *(f"/{_CONDITIONS}/*/{config}/Values" for config in _FIELDS.values()),
    f"/{_CONDITIONS}/*/HttpHeaderConfig/HttpHeaderName",
)

LISTENER_RULE = native_type(
    Table(
        name="AWS::ElasticLoadBalancingV2::ListenerRule",
        noun="listener rule",
        dialect=ELB,
        listing=_LISTING,
        shows=_shows,
        addresses=shown("RuleArn"),
        create=Create(
            call="create_rule",
            sends=_SENDS,
            parameters=_made,
            gives=lambda answer, _: str(answer["Rules"][0]["RuleArn"]),
            taken=frozenset({"PriorityInUse"}),
        ),
        updates=(Update(call="modify_rule", sends=(_CONDITIONS, _ACTIONS), parameters=_changed),),
        surfaces=(Surface(property="Priority", write=_prefer),),
        removals=defaults(_ACTIONS),
        identities=told_apart(_ACTIONS),
        handled=(*_HANDLED, *handled(_ACTIONS)),
        write_only=hidden(_ACTIONS),
        delete=Delete(call="delete_rule"),
        tags=_LISTING.tags,
        calls=("set_rule_priorities",),
        natural_key=("ListenerArn", "Priority"),
        normalise=_normalised,
        refine=refining(_LIMITS),
    )
)

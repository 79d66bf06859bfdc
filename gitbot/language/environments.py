"""Reads environment.yaml into an Environment, and lists the names its stacks may use. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gitbot.language.drift_fields import check_drift, drift_rules
from gitbot.language.environment_fields import ENVIRONMENT
from gitbot.language.expiry import expiry_rules
from gitbot.language.fields import BUILT_IN_ENV
from gitbot.language.freeze_windows import read_windows
from gitbot.language.hours import off_hours_of
from gitbot.language.lookup_fields import lookup_rules
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems, quoted
from gitbot.language.promotion_fields import check_promotion, promotion_rules
from gitbot.language.shape import read
from gitbot.language.tags import check_reserved
from gitbot.language.templates import ExpressionError, parse_template
from gitbot.model.codec import MARK
from gitbot.model.desired import (
    ChangedPlan,
    Environment,
    Grant,
    Permission,
    Requirement,
    Roles,
    Trigger,
)
from gitbot.model.freeze import Window
from gitbot.model.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentScope:
    """What stacks see of their environment.

    ``environment`` is None when its file is missing or wrong. Its stacks are then only checked, and
    may use any ``env`` name.
    """

    name: str
    environment: Environment | None = None

    @property
    def values(self) -> Mapping[str, Value] | None:
        """The values of ``env.*``; None when the environment is not known."""
        known = self.environment
        if known is None:
            return None
        built_in = {"name": known.name, "region": known.region, "account": known.account}
        return {
            **known.variables,
            **{name: value for name, value in built_in.items() if value is not None},
        }


def load_environment(document: Node, folder: str, problems: Problems) -> Environment | None:
    """The Environment that the document declares; None when it has a problem."""
    before = len(problems.found)
    fields: dict[str, Any] = read(document, ENVIRONMENT, "", problems) or {}
    spec: dict[str, Any] = fields.get("spec") or {}
    place = partial(document.get, "spec")
    _check_name(document, fields, folder, problems)
    _check_tags(document, spec, problems)
    variables = _variables(document, spec, problems)
    _check_rules(document, spec, problems)
    expiry = expiry_rules(document, spec, problems)
    freezes = _freezes(document, spec, problems) if len(problems.found) == before else ()
    off_hours = off_hours_of(spec.get("offhours"), place("offhours"), "spec.offhours", problems)
    check_promotion(spec.get("promotesFrom"), place("promotesFrom"), folder, problems)
    if len(problems.found) > before:
        return None
    timezone = spec.get("timezone", "UTC")
    return Environment(
        name=folder,
        region=spec["region"],
        account=spec.get("account"),
        roles=Roles(**(spec.get("roles") or {})),
        variables=variables,
        tags=spec.get("tags") or {},
        delete_on_remove=spec.get("deleteOnRemove", True),
        triggers=_triggers(spec),
        changed_plan=ChangedPlan((spec.get("apply") or {}).get("changedPlan", ChangedPlan.HOLD)),
        requirements=_requirements(spec),
        grants=_grants(spec),
        timezone=timezone,
        off_hours=off_hours,
        drift=drift_rules(spec.get("drift"), timezone),
        expiry=expiry,
        freezes=freezes,
        secrets=tuple(spec.get("secrets", ())),
        promotes_from=promotion_rules(spec.get("promotesFrom")),
        modules=spec.get("modules"),
        lookups=lookup_rules(spec.get("lookups")),
        source=problems.span(document),
    )


def _check_rules(document: Node, spec: Mapping[str, Any], problems: Problems) -> None:
    _check_triggers(document, spec, problems)
    check_drift(spec.get("drift"), document.get("spec", "drift"), problems)


def _check_triggers(document: Node, spec: Mapping[str, Any], problems: Problems) -> None:
    place = document.get("spec", "apply", "on")
    if place is not None and (spec.get("apply") or {}).get("on") == ():
        problems.add(
            "bad-value",
            place,
            "spec.apply.on is empty, so nothing would ever start an apply.",
            "Write merge, comment or both, or leave it out for both.",
        )


def _freezes(document: Node, spec: Mapping[str, Any], problems: Problems) -> tuple[Window, ...]:
    place, entries = document.get("spec", "freeze"), spec.get("freeze")
    if place is None or not entries:
        return ()
    return read_windows(entries, place, spec.get("timezone", "UTC"), problems)


def _check_name(document: Node, fields: Mapping[str, Any], folder: str, problems: Problems) -> None:
    name = (fields.get("metadata") or {}).get("name")
    if name is not None and name != folder:
        problems.add(
            "environment-name",
            document.get("metadata", "name"),
            f"This file declares the environment {quoted(name)}, but is in specs/{folder}/.",
            f"Write {folder}, or move the folder.",
        )


def _check_tags(document: Node, spec: Mapping[str, Any], problems: Problems) -> None:
    place, tags = document.get("spec", "tags"), spec.get("tags") or {}
    check_reserved({key: place.key_mark(key) for key in tags} if place else {}, "tag", problems)


def _triggers(spec: Mapping[str, Any]) -> frozenset[Trigger]:
    """What makes gitbot apply; anything that can, where the spec does not say."""
    applying = spec.get("apply") or {}
    return frozenset(Trigger(one) for one in applying.get("on", tuple(Trigger)))


def _requirements(spec: Mapping[str, Any]) -> frozenset[Requirement]:
    """What must hold before an apply; an empty list asks for nothing."""
    given = spec.get("requirements")
    return frozenset(map(Requirement, (Requirement.NO_CONFLICT,) if given is None else given))


def _grants(spec: Mapping[str, Any]) -> dict[str, Grant]:
    """Who may do what, by verb."""
    given = spec.get("permissions") or {}
    return {verb: _grant(entry) for verb, entry in given.items() if entry}


def _grant(given: Mapping[str, Any]) -> Grant:
    """The grant of an entry of ``permissions``. Without ``permission``, only people are named."""
    permission = given.get("permission")
    return Grant(
        permission=None if permission is None else Permission(permission),
        users=frozenset(given.get("users", ())),
        teams=frozenset(given.get("teams", ())),
    )


def _variables(document: Node, spec: Mapping[str, Any], problems: Problems) -> dict[str, Value]:
    place = document.get("spec", "variables")
    found: dict[str, Value] = {}
    for name, node in (spec.get("variables") or {}).items():
        if name in BUILT_IN_ENV and place is not None:
            problems.add(
                "bad-name",
                place.key_mark(name),
                f"gitbot itself sets env.{name}.",
                "Choose another name.",
            )
        found[name] = _plain(node, problems)
    return found


def _plain(node: Node, problems: Problems) -> Any:
    """The plain value of the tree; ``$${`` becomes ``${``. An expression is added as a problem."""
    if isinstance(node.value, dict):
        if MARK in node.value:
            problems.add(
                "reserved-key",
                node.key_mark(MARK),
                f"gitbot itself marks values with {quoted(MARK)}.",
                "Choose another key.",
            )
        return {key: _plain(child, problems) for key, child in node.items()}
    if isinstance(node.value, list):
        return [_plain(child, problems) for child in node.value]
    if not isinstance(node.value, str) or "${" not in node.value:
        return node.value
    try:
        template = parse_template(node.value)
    except ExpressionError as error:
        problems.add(error.code, node, error.detail, error.fix)
        return node.value
    if not all(isinstance(part, str) for part in template.parts):
        problems.add(
            "no-expression-here",
            node,
            "An environment's variables are plain values; expressions are not evaluated in them.",
            'Write the value out, or "$${" for a literal "${".',
        )
    return "".join(part for part in template.parts if isinstance(part, str))

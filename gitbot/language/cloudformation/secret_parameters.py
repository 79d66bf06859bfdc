"""Keeps values of parameters, mappings and properties that are or may be secret out of the specs that templates become. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from gitbot.language.adopted_secrets import LeftOut, without_secrets
from gitbot.language.cloudformation.names import Spell
from gitbot.language.nodes import Node
from gitbot.language.types import Types
from gitbot.model.secret_looks import may_be_secret
from gitbot.model.values import map_leaves

_TELLING: Final = ("default", "enum")
"""What a declaration says of the value itself."""


def secret_parameters(template: Node, values: Mapping[str, str]) -> tuple[str, ...]:
    """The parameters whose values or defaults are secret, by ``NoEcho``, or may be, by their names and looks."""
    declared = template.get("Parameters")
    return tuple(
        name
        for name, node in (declared.items() if declared is not None else ())
        if has_no_echo(node)
        or any(may_be_secret(name, text) for text in (values.get(name, ""), _default(node)))
    )


def has_no_echo(parameter: Node) -> bool:
    """Whether CloudFormation shows asterisks for the value."""
    flag = parameter.get("NoEcho")
    return flag is not None and str(flag.value).lower() == "true"


def _default(parameter: Node) -> str:
    default = parameter.get("Default")
    return default.value if default is not None and isinstance(default.value, str) else ""


def apart(spec: dict[str, Any], spell: Spell) -> tuple[str, ...]:
    """Make variables of the values of mappings that may be secret, by their names and looks; returns their keys."""
    found: list[str] = []
    for key, mapped in spec["locals"].items():
        for first, below in mapped.items() if isinstance(mapped, dict) else ():
            for second, value in below.items():
                if _may_be_secret((key, first, second), value):
                    found.append(spell(f"{key}_{first}_{second}"))
                    kind = "list<string>" if isinstance(value, list) else "string"
                    spec["variables"][found[-1]] = {"type": kind, "default": value}
                    below[second] = f"${{vars.{found[-1]}}}"
    return tuple(found)


def _may_be_secret(names: Collection[str], value: Any) -> bool:
    texts = value if isinstance(value, list) else [value]
    return any(
        may_be_secret(str(name), text) for name in names for text in texts if isinstance(text, str)
    )


def withhold(
    spec: dict[str, Any], secret: Collection[str], values: Collection[str], below: str
) -> tuple[list[str], list[str]]:
    """Take what is said of the values of these variables out of the ``spec``.

    Returns the names of the secrets that stand in their place, and the variables that have lost a value or default:
    only a text becomes a reference to a secret, ``below`` this path of the Parameter Store, and none where that
    is empty. ``values`` are the variables that have a value.
    """
    named: list[str] = []
    left: list[str] = []
    for key in secret:
        variable = spec["variables"].get(key)
        if variable is None:
            continue
        told = [field for field in _TELLING if variable.pop(field, None) is not None]
        variable["sensitive"] = True
        if below and variable["type"] == "string":
            named.append(f"{below}/{key}")
            spec.setdefault("values", {})[key] = f'${{secret("ssm:{named[-1]}")}}'
        elif told or key in values:
            left.append(key)
    return named, left


def withhold_texts(spec: dict[str, Any], types: Types, below: str) -> list[str]:
    """Put a reference in place of each literal text of a property that is or may be secret; returns their names.

    The names are ``below`` this path of the Parameter Store.
    """
    named: list[str] = []

    def written(value: Any) -> Any:
        if not isinstance(value, LeftOut):
            return value
        named.append(value.name)
        return value.written

    for key, resource in spec["resources"].items():
        type_, properties = types.get(resource["type"]), resource.get("properties")
        if type_ is not None and isinstance(properties, dict):
            safe = without_secrets(properties, type_.schema, f"{below}/{key}", _is_literal)
            resource["properties"] = map_leaves(safe, written)
    return named


def _is_literal(name: str, own: str, text: str) -> bool:
    return "${" not in text.replace("$${", "")

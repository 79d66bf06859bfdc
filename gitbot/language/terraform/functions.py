"""Terraform's functions, by name, as CEL. Pure.

What they do there: https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from gitbot.language.terraform.values import Cel, LostError, Merged, cel_of, grouped


def _same(value: Any) -> Any:
    return value


def _call(name: str) -> Callable[[Any], Any]:
    return lambda value: Cel(f"{name}({cel_of(value)})")


def _join(separator: Any, values: Any) -> Any:
    return Cel(f"join({cel_of(values)}, {cel_of(separator)})")


def _merge(*maps: Any) -> Any:
    flat = [part for one in maps for part in (one.parts if isinstance(one, Merged) else (one,))]
    parts: list[Any] = []
    for one in flat:
        if isinstance(one, dict) and parts and isinstance(parts[-1], dict):
            parts[-1] = {**parts[-1], **one}
        elif one not in (None, {}):
            parts.append(one)
    whole = len(parts) == 1 and isinstance(parts[0], dict)
    return (parts[0] if whole else Merged(tuple(parts))) if parts else {}


def _concat(*lists: Any) -> Any:
    if all(isinstance(one, list) for one in lists):
        return [item for one in lists for item in one]
    return Cel(" + ".join(cel_of(one) for one in lists))


def _lookup(values: Any, key: Any, default: Any) -> Any:
    literal = isinstance(values, dict)
    of, name = cel_of(values) if literal else grouped(cel_of(values)), grouped(cel_of(key))
    return Cel(f"{name} in {of} ? {of}[{name}] : {cel_of(default)}")


def _element(values: Any, index: Any) -> Any:
    of = cel_of(values) if isinstance(values, list) else grouped(cel_of(values))
    return Cel(f"{of}[{grouped(cel_of(index))} % size({of})]")


def _cidrsubnet(block: Any, bits: Any, number: Any) -> Any:
    of, at = cel_of(block), grouped(cel_of(number))
    host = f'32 - int(split({of}, "/")[1]) - {grouped(cel_of(bits))}'
    return Cel(f"subnets({of}, {at} + 1, {host})[{at}]")


def _coalesce(*values: Any) -> Any:
    *first, last = [cel_of(one) for one in values]
    return Cel("".join(f'{one} != null && {one} != "" ? {one} : ' for one in first) + last)


def _keys(values: Any) -> Any:
    return Cel(f"{grouped(cel_of(values))}.map(key, key)")


def _values(values: Any) -> Any:
    of = grouped(cel_of(values))
    return Cel(f"{of}.map(key, {of}[key])")


def _compact(values: Any) -> Any:
    return Cel(f'{grouped(cel_of(values))}.filter(one, one != null && one != "")')


def _asks(name: str) -> Callable[[Any, Any], Any]:
    return lambda text, part: Cel(f"{grouped(cel_of(text))}.{name}({cel_of(part)})")


def _replace(text: Any, old: Any, new: Any) -> Any:
    if isinstance(old, str) and len(old) > 1 and old.startswith("/") and old.endswith("/"):
        raise LostError("replace() with a pattern between slashes has no counterpart")
    return Cel(f"replace({cel_of(text)}, {cel_of(old)}, {cel_of(new)})")


def _tonumber(value: Any) -> Any:
    if isinstance(value, str):
        return int(value) if value.lstrip("-").isdigit() else float(value)
    return value if isinstance(value, (int, float)) else Cel(f"int({cel_of(value)})")


def _format(pattern: Any, *values: Any) -> Any:
    parts = pattern.split("%s") if isinstance(pattern, str) else []
    if len(parts) != len(values) + 1 or any("%" in part for part in parts):
        raise LostError("format() is written as one text with ${…} only where all verbs are %s")
    texts = [f"string({cel_of(one)})" for one in values]
    found = [cel_of(parts[0])]
    for text, part in zip(texts, parts[1:], strict=True):
        found += [text, cel_of(part)]
    return Cel(" + ".join(one for one in found if one != '""'))


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "base64encode": _call("base64"),
        "cidrsubnet": _cidrsubnet,
        "coalesce": _coalesce,
        "compact": _compact,
        "concat": _concat,
        "contains": lambda values, value: Cel(f"{cel_of(value)} in {cel_of(values)}"),
        "element": _element,
        "endswith": _asks("endsWith"),
        "format": _format,
        "join": _join,
        "jsonencode": _call("json"),
        "keys": _keys,
        "length": _call("size"),
        "lookup": _lookup,
        "lower": _call("lower"),
        "merge": _merge,
        "nonsensitive": _same,
        "replace": _replace,
        "startswith": _asks("startsWith"),
        "split": lambda separator, text: Cel(f"split({cel_of(text)}, {cel_of(separator)})"),
        "tolist": _same,
        "tomap": _same,
        "tonumber": _tonumber,
        "toset": _same,
        "tostring": _call("string"),
        "trimspace": _call("trim"),
        "upper": _call("upper"),
        "values": _values,
    }
)

"""Writes values as YAML that the language reads back as the same values. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from gitbot.language.yaml_scalars import resolve

_PLAIN_START = re.compile(r"[A-Za-z0-9_/.$(+\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_DASHED = re.compile(r"-[^\s\-]")
_PLAIN = re.compile(r"[ -~\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*\Z")
_LITERAL = re.compile(r"[\n\t -~\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*\Z")
_ODD = re.compile(r"[^ -~\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
# Knows what YAML 1.1 takes for booleans, dates and base-60 numbers.
_ELDER: Any = yaml.resolver.Resolver()


def as_literal(value: Any) -> Any:
    """The value with every ``${`` escaped, so that the language takes it for text.

    A literal ``${`` is written ``$${`` in a spec.
    """
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, Mapping):
        return {key: as_literal(below) for key, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_literal(below) for below in value]
    return value


def flow(value: Any) -> str:
    """The value on one line, as it may stand within brackets."""
    if isinstance(value, Mapping):
        pairs = (f"{scalar(key, within=True)}: {flow(below)}" for key, below in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(below) for below in value) + "]"
    return scalar(value, within=True)


def scalar(value: Any, *, within: bool = False, quote: str | None = None) -> str:
    """The scalar on one line; ``within``: inside of brackets.

    ``quote`` is how to write a string where that is possible: ``'``, ``"`` or bare (empty). Without
    it a string is quoted also where only tools that read YAML 1.1 take it for something else.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return json.dumps(value, allow_nan=False)
    text = str(value)
    if quote == "'" and _ODD.search(text) is None:
        return single(text)
    if quote == '"':
        return double(text)
    if _may_be_plain(text, within) and (quote == "" or not _is_elder(text)):
        return text
    is_simple = _ODD.search(text) is None and "'" not in text
    return single(text) if is_simple and ('"' in text or "\\" in text) else double(text)


def single(text: str) -> str:
    """The text in single quotes. It must have neither line breaks nor control characters."""
    return "'" + text.replace("'", "''") + "'"


def double(text: str) -> str:
    """The text in double quotes, with escapes."""
    safe = "".join(_ESCAPES.get(one, one) for one in text)
    return '"' + _ODD.sub(lambda found: _escape(ord(found.group())), safe) + '"'


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def literal_lines(text: str, indent: str) -> list[str] | None:
    """The header and the lines of the text as a ``|`` block; None when it cannot be one."""
    lines = text.split("\n")
    if len(lines) < 2 or _LITERAL.match(text) is None or not text.strip():
        return None
    if lines[0][:1] in (" ", "\t", "") or lines[-1].strip(" \t") != lines[-1]:
        return None
    keep = text.endswith("\n\n")
    header = "|+" if keep else "|" if text.endswith("\n") else "|-"
    body = lines[:-1] if text.endswith("\n") else lines
    return [header, *(indent + line if line else "" for line in body)]


def _may_be_plain(text: str, within: bool) -> bool:
    if not text or text != text.strip() or _PLAIN.match(text) is None:
        return False
    if _PLAIN_START.match(text) is None and _DASHED.match(text) is None:
        return False
    if ": " in text or " #" in text or text.endswith(":") or text.startswith(("---", "...")):
        return False
    # A literal ``${`` is quoted, so that nobody takes it for an expression.
    if "$${" in text:
        return False
    if within and any(one in text for one in ",[]{}"):
        return False
    try:
        return isinstance(resolve(text), str)
    except (ValueError, OverflowError):
        return False


def _is_elder(text: str) -> bool:
    """Whether YAML 1.1 takes the bare text for something else than a string."""
    tag = _ELDER.resolve(yaml.ScalarNode, text, (True, False))
    return bool(tag != "tag:yaml.org,2002:str")

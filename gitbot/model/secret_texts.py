"""Takes a text apart that holds others, and says what each is called there. Pure.

Such texts are base64, JSON, YAML, scripts, files of settings and lists of arguments. Whether something in them is a
secret is judged elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_LONGEST: Final = 1 << 20
"""Characters that are looked at; AWS takes no longer text into a property."""
_DEEPEST: Final = 4
"""Texts within texts: JSON in base64 in JSON."""
_BASE64: Final = re.compile(r"[A-Za-z0-9+/\r\n]{16,}={0,2}\s*\Z")
_BINARY: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x7f]")
_GZIP: Final = b"\x1f\x8b"
_FLAG: Final = re.compile(r"--?([A-Za-z][\w.-]*)\Z")
_KEPT_ELSEWHERE: Final = ("PARAMETER_STORE", "SECRETS_MANAGER")
_WHERE_KEPT: Final = frozenset({"parameter-store", "secrets-manager"})
_VALUES: Final = ("Value", "value")

_VALUE: Final = r"""("[^"\n]*"|'[^'\n]*'|[^\s"'`;&|,<>]+)"""
_NAME: Final = r"""([A-Za-z][\w.-]{0,80})"""
_SPELLINGS: Final = (
    # DB_PASSWORD=x, password = "x", --password=x
    re.compile(rf"""(?<![\w$.{{-])-{{0,2}}{_NAME}[ \t]{{0,8}}=[ \t]{{0,8}}{_VALUE}"""),
    # DB_PASSWORD: x
    re.compile(
        rf"""^[ \t]*(?:-[ ])?["']?{_NAME}["']?:[ \t]{{1,8}}{_VALUE}[ \t]*(?:\#.*)?$""", re.MULTILINE
    ),
    # {"password": "x"} where the whole is no JSON
    re.compile(rf'"{_NAME}"\s{{0,8}}:\s{{0,8}}"([^"\n]*)"'),
    # --password x
    re.compile(rf"""(?<![\w-])--?{_NAME}[ \t]{{1,8}}(?!-){_VALUE}"""),
    # - name: DB_PASSWORD, and below it value: x
    re.compile(
        rf"""^[ \t]*(?:-[ ])?name:[ \t]*["']?{_NAME}["']?[ \t]*\n[ \t]*value:[ \t]{{1,8}}{_VALUE}[ \t]*$""",
        re.MULTILINE,
    ),
    # Authorization: Bearer x
    re.compile(r"(authorization)\W{1,4}(?:bearer|basic|token)[ \t]{1,8}([^\s\"']+)", re.IGNORECASE),
)
_CODE: Final = re.compile(r"[^\"'].*[(\[]|\$[A-Za-z_]\w*\Z|(?:id|src|source|type|env)=")
"""What stands in place of a value in scripts: a call, a variable, the way to a secret of a container."""
_KEPT_BLOCK: Final = re.compile(
    rf"^([ \t]*)(?:{'|'.join(_WHERE_KEPT)}):[ \t]*\n(?:\1[ \t]+\S.*(?:\n|\Z)|[ \t]*\n)*",
    re.MULTILINE,
)


def opened(text: str) -> str:
    """The text that this one is the base64 of, also where it is compressed; itself where it is none."""
    if len(text) > 2 * _LONGEST or _BASE64.match(text) is None:
        return text
    try:
        found = base64.b64decode("".join(text.split()), validate=True)
        if found.startswith(_GZIP):
            found = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(found, _LONGEST)
        plain = found.decode()
    except (binascii.Error, UnicodeDecodeError, zlib.error):
        return text
    return text if _BINARY.search(plain) else plain


def named_in(text: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """What the text gives names to, as pairs of name and text, also in the texts within it.

    What names where a secret is kept is left out.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
    """
    plain = opened(text)[:_LONGEST]
    leaves = _json_leaves(plain)
    if leaves is None:
        yield from _spelled(plain)
        return
    for names, leaf in leaves:
        if isinstance(leaf, str) and not _WHERE_KEPT.intersection(names):
            yield (names[-1] if names else ""), leaf
            if depth < _DEEPEST:
                yield from named_in(leaf, depth + 1)


def named_leaves(names: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every leaf with the names on the way to it. The value of a pair is called as the pair says."""
    if isinstance(value, Mapping):
        pair = pair_name(value)
        for name, item in value.items():
            yield from named_leaves((*names, own_name(pair, str(name))), item)
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield from named_leaves(names_of_item(names, value, at), item)
    else:
        yield names, value


def pair_name(value: Mapping[str, Any]) -> str:
    """What a pair of a name and a value calls its value: a tag, a variable of a container or of a build.

    Empty for other maps, and for a variable of a build whose value names where a secret is kept.
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_EnvironmentVariable.html
    """
    if not any(one in value for one in _VALUES):
        return ""
    name = next((value[one] for one in ("Key", "Name", "key", "name") if one in value), None)
    is_kept = value.get("Type", value.get("type")) in _KEPT_ELSEWHERE
    return name if isinstance(name, str) and not is_kept else ""


def own_name(pair: str, key: str) -> str:
    """What the value at this key is called, in a map whose ``pair_name`` is given."""
    return pair if pair and key in _VALUES else key


def names_of_item(names: tuple[str, ...], items: Sequence[Any], at: int) -> tuple[str, ...]:
    """The names of an item of a list: one more where the item before is a flag, such as ``--password``."""
    flag = argument_name(items[at - 1]) if at else ""
    return (*names, flag) if flag and not argument_name(items[at]) else names


def argument_name(argument: Any) -> str:
    """The name in a flag; empty for other arguments."""
    found = _FLAG.match(argument) if isinstance(argument, str) else None
    return found[1] if found is not None else ""


def _json_leaves(text: str) -> list[tuple[tuple[str, ...], Any]] | None:
    """The leaves of the map or list that the text is the JSON of; None where it is none."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return list(named_leaves((), json.loads(text)))
    except (ValueError, RecursionError):
        return None


def _spelled(text: str) -> Iterator[tuple[str, str]]:
    """Names and values in a script or a file of settings, in every usual spelling."""
    text = _KEPT_BLOCK.sub("", text)
    for spelling in _SPELLINGS:
        for found in spelling.finditer(text):
            name, value = found[1], found[2]
            if not _CODE.match(value) and value.rpartition(".")[2].lower() != name.lower():
                yield name, value.strip("\"'")

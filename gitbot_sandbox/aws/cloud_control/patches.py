"""Apply JSON patches (RFC 6902) as the Cloud Control API does. Pure.

https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-update.html: the
operations are applied one after the other, all or none. A path may lack its first slash, as in
AWS's own example.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from gitbot.reconciler.pointers import Path, parse

Model: TypeAlias = dict[str, Any]


class PatchError(Exception):
    """The patch is malformed, names what is not there, or one of its tests fails."""


def patched(model: Mapping[str, Any], document: str) -> Model:
    """The model after all operations of the patch.

    Raises:
        PatchError: the patch cannot be applied.
    """
    tree: Any = copy.deepcopy(dict(model))
    for operation in _operations(document):
        tree = _applied(tree, operation)
    if not isinstance(tree, dict):
        raise PatchError("the patch leaves no object")
    return tree


def paths_of(document: str) -> tuple[Path, ...]:
    """The paths that the patch writes to or takes away, in its order.

    Raises:
        PatchError: the document is no patch.
    """
    found: list[Path] = []
    for operation in _operations(document):
        if operation["op"] == "move":
            found.append(_path(operation, "from"))
        if operation["op"] != "test":
            found.append(_path(operation, "path"))
    return tuple(found)


def _operations(document: str) -> list[Mapping[str, Any]]:
    try:
        operations = json.loads(document)
    except ValueError as error:
        raise PatchError(f"the patch is not JSON: {error}") from error
    if not isinstance(operations, list) or not operations:
        raise PatchError("a patch is a list of operations")
    for operation in operations:
        if not isinstance(operation, dict) or operation.get("op") not in _DEEDS:
            raise PatchError(f"{operation!r} is no operation of RFC 6902")
    return operations


def _applied(tree: Any, operation: Mapping[str, Any]) -> Any:
    return _DEEDS[operation["op"]](tree, operation)


def _add(tree: Any, operation: Mapping[str, Any]) -> Any:
    return _placed(tree, _path(operation, "path"), _value(operation))


def _remove(tree: Any, operation: Mapping[str, Any]) -> Any:
    return _without(tree, _path(operation, "path"))


def _replace(tree: Any, operation: Mapping[str, Any]) -> Any:
    path = _path(operation, "path")
    _found(tree, path)
    return _placed(_without(tree, path) if path else tree, path, _value(operation))


def _move(tree: Any, operation: Mapping[str, Any]) -> Any:
    source = _path(operation, "from")
    value = _found(tree, source)
    return _placed(_without(tree, source), _path(operation, "path"), value)


def _copy(tree: Any, operation: Mapping[str, Any]) -> Any:
    value = copy.deepcopy(_found(tree, _path(operation, "from")))
    return _placed(tree, _path(operation, "path"), value)


def _test(tree: Any, operation: Mapping[str, Any]) -> Any:
    if _found(tree, _path(operation, "path")) != _value(operation):
        raise PatchError(f"the test of {operation['path']} failed")
    return tree


_DEEDS: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "add": _add,
    "copy": _copy,
    "move": _move,
    "remove": _remove,
    "replace": _replace,
    "test": _test,
}


def _path(operation: Mapping[str, Any], name: str) -> Path:
    pointer = operation.get(name)
    if not isinstance(pointer, str):
        raise PatchError(f"{operation['op']!r} needs {name!r}")
    return parse(pointer)


def _value(operation: Mapping[str, Any]) -> Any:
    if "value" not in operation:
        raise PatchError(f"{operation['op']!r} needs 'value'")
    return operation["value"]


def _found(tree: Any, path: Path) -> Any:
    node = tree
    for step in path:
        if isinstance(node, dict) and step in node:
            node = node[step]
        elif isinstance(node, list) and step.isdigit() and int(step) < len(node):
            node = node[int(step)]
        else:
            raise PatchError(f"there is nothing at /{'/'.join(path)}")
    return node


def _placed(tree: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    parent, last = _found(tree, path[:-1]), path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list) and last == "-":
        parent.append(value)
    elif isinstance(parent, list) and last.isdigit() and int(last) <= len(parent):
        parent.insert(int(last), value)
    else:
        raise PatchError(f"nothing can be added at /{'/'.join(path)}")
    return tree


def _without(tree: Any, path: Path) -> Any:
    _found(tree, path)
    if not path:
        raise PatchError("the whole object cannot be removed")
    parent = _found(tree, path[:-1])
    if isinstance(parent, dict):
        del parent[path[-1]]
    else:
        del parent[int(path[-1])]
    return tree

"""Patches as RFC 6902 describes them, in the dialect of the Cloud Control API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitbot_sandbox.aws.cloud_control.patches import PatchError, patched, paths_of

APPLIED: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({}, {"op": "add", "path": "/A", "value": 1}, {"A": 1}),
    ({}, {"op": "add", "path": "A", "value": 1}, {"A": 1}),
    ({"A": 1}, {"op": "add", "path": "/A", "value": 2}, {"A": 2}),
    ({"A": [1, 3]}, {"op": "add", "path": "/A/1", "value": 2}, {"A": [1, 2, 3]}),
    ({"A": [1]}, {"op": "add", "path": "/A/-", "value": 2}, {"A": [1, 2]}),
    ({"A": [1]}, {"op": "add", "path": "/A/1", "value": 2}, {"A": [1, 2]}),
    ({"A": 1}, {"op": "add", "path": "", "value": {"B": 2}}, {"B": 2}),
    ({"A": 1, "B": 2}, {"op": "remove", "path": "/A"}, {"B": 2}),
    ({"A": [1, 2, 3]}, {"op": "remove", "path": "/A/1"}, {"A": [1, 3]}),
    ({"A": {"B": 1}}, {"op": "replace", "path": "/A/B", "value": 2}, {"A": {"B": 2}}),
    ({"A": [1, 2]}, {"op": "replace", "path": "/A/0", "value": 3}, {"A": [3, 2]}),
    (
        {"A": {"B": 1}, "C": {}},
        {"op": "move", "from": "/A/B", "path": "/C/D"},
        {"A": {}, "C": {"D": 1}},
    ),
    ({"A": {"B": 1}}, {"op": "copy", "from": "/A", "path": "/C"}, {"A": {"B": 1}, "C": {"B": 1}}),
    ({"A": 1}, {"op": "test", "path": "/A", "value": 1}, {"A": 1}),
    ({"a/b": 1, "~": 2}, {"op": "remove", "path": "/a~1b"}, {"~": 2}),
    ({"a/b": 1, "~": 2}, {"op": "remove", "path": "/~0"}, {"a/b": 1}),
]
REFUSED: list[tuple[Any, str]] = [
    ({"op": "remove", "path": "/B"}, "nothing at /B"),
    ({"op": "replace", "path": "/B", "value": 1}, "nothing at /B"),
    ({"op": "add", "path": "/B/C", "value": 1}, "nothing at /B"),
    ({"op": "add", "path": "/A/2", "value": 1}, "nothing can be added at /A/2"),
    ({"op": "add", "path": "/A/x", "value": 1}, "nothing can be added"),
    ({"op": "test", "path": "/A", "value": 1}, "test of /A failed"),
    ({"op": "copy", "from": "/B", "path": "/C"}, "nothing at /B"),
    ({"op": "add", "path": "/B"}, "needs 'value'"),
    ({"op": "move", "path": "/B"}, "needs 'from'"),
    ({"op": "remove", "path": ""}, "whole object"),
    ({"op": "add", "path": "", "value": 1}, "leaves no object"),
    ({"op": "swap", "path": "/A"}, "no operation of RFC 6902"),
    ("add", "no operation of RFC 6902"),
]


@pytest.mark.parametrize(("before", "operation", "after"), APPLIED)
def test_an_operation_changes_a_copy(
    before: dict[str, Any], operation: dict[str, Any], after: dict[str, Any]
) -> None:
    untouched = json.dumps(before)
    assert patched(before, json.dumps([operation])) == after
    assert json.dumps(before) == untouched


@pytest.mark.parametrize(("operation", "words"), REFUSED)
def test_what_cannot_be_applied_is_refused(operation: Any, words: str) -> None:
    with pytest.raises(PatchError, match=words):
        patched({"A": [1]}, json.dumps([operation]))


@pytest.mark.parametrize("document", ["", "{}", "[]"])
def test_a_patch_is_a_list_of_operations(document: str) -> None:
    with pytest.raises(PatchError):
        patched({}, document)


def test_operations_see_what_those_before_them_did() -> None:
    operations = [
        {"op": "add", "path": "/A", "value": {}},
        {"op": "add", "path": "/A/B", "value": 1},
        {"op": "move", "from": "/A/B", "path": "/C"},
    ]
    assert patched({}, json.dumps(operations)) == {"A": {}, "C": 1}


def test_the_paths_of_a_patch_are_those_that_it_changes() -> None:
    operations = [
        {"op": "test", "path": "/A", "value": 1},
        {"op": "move", "from": "/B", "path": "/C"},
        {"op": "copy", "from": "/D", "path": "/E"},
    ]
    assert paths_of(json.dumps(operations)) == (("B",), ("C",), ("E",))

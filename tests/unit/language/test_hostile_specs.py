"""Whatever a spec holds in whatever place: diagnostics, never an exception."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbot.model.codec import from_data, to_open_data
from gitbot.model.desired import LoadedTree
from tests.model_checks import sized
from tests.unit.language.specs_by_hand import load_files

ENVIRONMENT: dict[str, Any] = {
    "apiVersion": "gitbot/v1",
    "kind": "Environment",
    "metadata": {"name": "dev"},
    "spec": {
        "region": "us-east-1",
        "account": "123456789012",
        "roles": {"plan": "arn:aws:iam::123456789012:role/p"},
        "variables": {"project": "ml", "list": [1, {"a": "$${x}"}]},
        "tags": {"env": "dev"},
        "apply": {"on": ["merge"], "changedPlan": "hold"},
        "requirements": ["approved"],
        "permissions": {"apply": {"permission": "admin", "users": ["a"], "teams": ["o/t"]}},
    },
}
STACK: dict[str, Any] = {
    "apiVersion": "gitbot/v1",
    "kind": "Stack",
    "metadata": {"name": "demo", "labels": {"a": "b"}, "moved": "old"},
    "spec": {
        "variables": {
            "n": {"type": "number", "default": 3, "enum": [3, 4]},
            "s": {"type": "string", "default": "x", "pattern": "x+", "sensitive": True},
            "c": {"type": "cidr"},
        },
        "values": {"c": "10.0.0.0/8"},
        "resources": {
            "box": {
                "type": "Test::Box",
                "properties": {
                    "Name": "${env.project}-x",
                    "Size": "${vars.n}",
                    "Items": ["a", "${other.Arn}"],
                    "Endpoint": {"Port": 1},
                    "Tags": [{"Key": "k", "Value": "${vars.c}"}],
                },
                "lifecycle": {
                    "dependsOn": ["other"],
                    "ignoreChanges": ["/Tags"],
                    "moved": "crate",
                    "protect": True,
                },
            },
            "other": {"type": "Test::Box", "properties": {"Name": "o", "Secret": "${vars.s}"}},
            "mapped": {"type": "Test::Mapped", "properties": {"Tags": {"a": "b"}, "Rules": [{}]}},
        },
        "outputs": {"a": "${box.Arn}", "b": {"value": "${vars.s}", "sensitive": True}},
    },
}

_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=6),
    st.sampled_from(
        [
            "${box.Arn}",
            "${other}",
            "${vars.n + 1}",
            "${[vars.s]}",
            "${{'a': other.Arn}}",
            "${1 +}",
            "${",
            "$${x}",
            "${env.project}${vars.s}${other.Name}",
            "${mapped.Tags}",
            "Test::Mapped",
        ]
    ),
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["a", "Key", "Value", "type", "$gitbot", "${x}", "Name"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, child in value.items():
            yield from places(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from places(child, (*path, index))


def changed(document: dict[str, Any], path: tuple[Any, ...], value: Any) -> str:
    copied = copy.deepcopy(document)
    holder: Any = copied
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return json.dumps(copied)


def load(environment: str, stack: str) -> None:
    files = {"specs/dev/environment.yaml": environment, "specs/dev/demo.yaml": stack}
    loaded = load_files(files)
    assert from_data(json.loads(json.dumps(to_open_data(loaded))), LoadedTree) == loaded


def test_the_unchanged_documents_are_right() -> None:
    files = {
        "specs/dev/environment.yaml": json.dumps(ENVIRONMENT),
        "specs/dev/demo.yaml": json.dumps(STACK),
    }
    assert load_files(files).errors() == ()


@pytest.mark.model
@sized(100, whole=3000)
@given(st.sampled_from(list(places(STACK))), _VALUES)
def test_any_value_in_any_place_of_a_stack(path: tuple[Any, ...], value: Any) -> None:
    load(json.dumps(ENVIRONMENT), changed(STACK, path, value))


@pytest.mark.model
@sized(60, whole=1500)
@given(st.sampled_from(list(places(ENVIRONMENT))), _VALUES)
def test_any_value_in_any_place_of_an_environment(path: tuple[Any, ...], value: Any) -> None:
    load(changed(ENVIRONMENT, path, value), json.dumps(STACK))

"""Values come back from JSON as they were, and nothing that a user writes passes for a mark."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbot.model.codec import MARK, decode_value, encode_value
from gitbot.model.values import Redacted, Unknown

KEYS = st.sampled_from([MARK, "value", "entries", "template", "digest", "a"])
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from(["unknown", "sensitive", "redacted", "map", "x"]),
    st.just(Redacted(digest="d", key_id="k")),
    st.just(Unknown(template="${a.B}", inputs={}, references={"a": "a"}, sensitive=False)),
)
TREES = st.recursive(
    LEAVES,
    lambda tree: st.one_of(st.lists(tree, max_size=3), st.dictionaries(KEYS, tree, max_size=4)),
    max_leaves=12,
)


@given(TREES)
def test_every_tree_comes_back_as_it_was(tree: Any) -> None:
    assert decode_value(json.loads(json.dumps(encode_value(tree)))) == tree


@pytest.mark.parametrize(
    "forged",
    [
        {MARK: "sensitive", "value": {"Effect": "Allow"}},
        {MARK: "redacted", "digest": "d", "key_id": "k"},
        {MARK: "unknown"},
        {MARK: "map", "entries": {MARK: "sensitive", "value": 1}},
        {"deep": [{MARK: "unknown", "template": "", "inputs": {}, "references": {}}]},
    ],
    ids=["sensitive", "redacted", "unknown", "wrapped", "deep"],
)
def test_a_map_that_looks_like_a_mark_stays_a_map(forged: Any) -> None:
    assert decode_value(encode_value(forged)) == forged

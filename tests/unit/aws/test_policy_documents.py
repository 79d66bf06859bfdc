"""Policy documents that mean the same compare as equal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitbot.model.values import Redacted, Sensitive, Unknown
from gitbot.providers.aws.policy_documents import (
    deleted_principals,
    normalised_policy,
    policy_text,
)


def document(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (document(Action="s3:Get*"), document(Action=["s3:Get*"])),
        (document(Action=["a:B", "a:A"]), document(Action=["a:A", "a:B"])),
        (document(Resource="*"), document(Resource=["*"])),
        (document(Principal="*"), document(Principal={"AWS": "*"})),
        (
            document(Principal={"AWS": "arn:aws-cn:iam::123456789012:root"}),
            document(Principal={"AWS": ["123456789012"]}),
        ),
        (
            document(Condition={"Bool": {"aws:SecureTransport": False}}),
            document(Condition={"Bool": {"aws:SecureTransport": ["false"]}}),
        ),
        (document(Action=["a:B", "a:B"]), document(Action="a:B")),
        (document(Condition={}), document()),
        (
            {"Statement": [{"Effect": "Deny", "Action": "*"}]},
            {"Version": "2008-10-17", "Statement": [{"Effect": "Deny", "Action": "*"}]},
        ),
        (document(Action="a:B"), json.dumps(document(Action="a:B"))),
        (
            {"Statement": {"Effect": "Deny", "Action": "*"}},
            {"Statement": [{"Effect": "Deny", "Action": ["*"]}]},
        ),
        (
            {"Statement": [{"Sid": "a", "Action": "x"}, {"Sid": "b", "Action": "y"}]},
            {"Statement": [{"Sid": "b", "Action": "y"}, {"Sid": "a", "Action": "x"}]},
        ),
    ],
)
def test_two_ways_to_write_the_same_policy_are_one(one: Any, other: Any) -> None:
    assert normalised_policy(one) == normalised_policy(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (document(Action="s3:GetObject"), document(NotAction="s3:GetObject")),
        (document(Resource="a"), document(Resource=["a", "b"])),
        (document(), {"Statement": document()["Statement"]}),
        (document(Principal={"AWS": "1"}), document(Principal={"Service": "1"})),
    ],
)
def test_different_policies_stay_different(one: Any, other: Any) -> None:
    assert normalised_policy(one) != normalised_policy(other)


@pytest.mark.parametrize(
    "leaf",
    [
        Unknown(template="${a.Arn}"),
        Sensitive("no json"),
        Redacted(digest="00", key_id="k"),
        None,
        7,
        "no json",
    ],
)
def test_unknown_and_sensitive_leaves_pass_in_every_place(leaf: Any) -> None:
    assert normalised_policy(leaf) == leaf
    whole = {
        "Statement": [
            leaf,
            {
                "Effect": leaf,
                "Action": leaf,
                "Resource": ["b", leaf, "a"],
                "Principal": leaf,
                "Condition": leaf,
            },
            {"Principal": {"AWS": [leaf]}, "Condition": {"StringEquals": leaf}},
            {"Condition": {"StringEquals": {"aws:x": [leaf]}}},
        ]
    }
    assert normalised_policy(whole) == normalised_policy(json_free_copy(whole))
    assert normalised_policy({"Statement": leaf})["Statement"] == [leaf]


def json_free_copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: json_free_copy(item) for key, item in reversed(value.items())}
    if isinstance(value, list):
        return [json_free_copy(item) for item in value]
    return value


def test_a_policy_text_is_sent_as_written_and_a_map_as_json() -> None:
    assert policy_text('{"a": 1}') == '{"a": 1}'
    assert json.loads(policy_text({"a": [1]})) == {"a": [1]}


@pytest.mark.parametrize(
    ("observed", "says"),
    [
        ({"AWS": ["AROAEXAMPLEID0000001", "arn:aws:iam::111122223333:root"]}, ["a role was"]),
        ("AIDAEXAMPLEID0000001", ["a user was"]),
        (
            ["AROAEXAMPLEID0000001", "AROAEXAMPLEID0000002:x", "AROAEXAMPLEID0000001"],
            ["role", "role"],
        ),
        ("arn:aws:iam::111122223333:role/AROAD", []),
        (None, []),
    ],
)
def test_the_id_of_a_deleted_role_is_explained(observed: object, says: list[str]) -> None:
    """The kind: drift that nobody can read."""
    told = deleted_principals(observed)
    assert len(told) == len(says)
    assert all(words in each for words, each in zip(says, told, strict=True))

"""Differences are made of whole values, and shown around what differs.

The kind: a value that is shortened, hidden or written in another form before it is compared, so
that what changes in it is not shown.
"""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbot.model.names import Address
from gitbot.model.plan import Action, OutputChange, PathChange
from gitbot.model.values import Redacted, Unknown
from gitbot.render.blocks import Sign
from gitbot.render.path_lines import drifted_lines, output_lines, path_lines
from gitbot.render.texts import text_of


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def packed(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def shown(before: Any, after: Any) -> list[str]:
    path = PathChange(path="/P", before=before, after=after)
    return [f"{line.sign}{line.text}" for line in path_lines(Action.UPDATE, path)]


def added(after: Any) -> list[str]:
    path = PathChange(path="/P", after=after, added=True)
    return [f"{line.sign}{line.text}" for line in path_lines(Action.CREATE, path)]


SCRIPT = "\n".join(["#!/bin/bash", *(f"echo step {number}" for number in range(60)), "curl good"])
EVIL = SCRIPT.replace("curl good", "curl evil")
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"]}]}
WIDER = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["*"]}]}
LONG = "a" * 900
CHANGED_END = [
    "   … 59 equal lines",
    "   echo step 58",
    "   echo step 59",
    "-  curl good",
    "+  curl evil",
]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        pytest.param(
            encoded(SCRIPT),
            encoded(EVIL),
            [
                "~P:  # decoded from base64",
                *(line.replace("    …", "   …") for line in CHANGED_END),
            ],
            id="user data that differs behind the 600th character",
        ),
        pytest.param(
            packed(SCRIPT),
            packed(EVIL),
            ["~P:  # decoded from base64 and gzip", *CHANGED_END],
            id="user data that is packed",
        ),
        pytest.param(
            json.dumps(POLICY),
            json.dumps(WIDER),
            [
                "~P:  # JSON in a string",
                "   … 4 equal lines",
                '         "Effect": "Allow",',
                '         "Action": [',
                '-          "s3:GetObject"',
                '+          "*"',
                "         ]",
                "       }",
                "   … 2 equal lines",
            ],
            id="a policy in a string",
        ),
        pytest.param(
            {"Role": "r", "Inner": {"UserData": encoded("echo a\necho b")}},
            {"Role": "r", "Inner": {"UserData": encoded("echo a\necho c")}},
            [
                "~P:",
                "   … 2 equal lines",
                "     UserData:  # decoded from base64",
                "       echo a",
                "-      echo b",
                "+      echo c",
            ],
            id="base64 in a map",
        ),
        pytest.param(
            f"{LONG}x{LONG}",
            f"{LONG}y{LONG}",
            [
                "~P:",
                f"-  … 861 equal characters, then {'a' * 40}x{'a' * 40} … and 861 equal characters",
                f"+  … 861 equal characters, then {'a' * 40}y{'a' * 40} … and 861 equal characters",
            ],
            id="one long line",
        ),
        pytest.param(
            '{"a": 1}',
            '{"a":  1}',
            [
                "~P:  # the text reads the same, so this is how it is written",
                '-  "{\\"a\\": 1}"',
                '+  "{\\"a\\":  1}"',
            ],
            id="the same JSON in another layout",
        ),
        pytest.param(
            {"a": Redacted(digest="1", key_id="k"), "b": "x" * 120},
            {"a": Redacted(digest="2", key_id="k"), "b": "x" * 120},
            ["~P:", "-  a: (sensitive)", "+  a: (sensitive)", f'   b: "{"x" * 120}"'],
            id="another hidden value in a long map",
        ),
        pytest.param(
            "10.0.0.0/8",
            Unknown(template="${bucket.Arn == '' ? '10.0.0.0/8' : '0.0.0.0/0'}"),
            [
                "~P: \"10.0.0.0/8\" → ${bucket.Arn == '' ? '10.0.0.0/8' : '0.0.0.0/0'} "
                "(known after apply)"
            ],
            id="an expression that only the cloud decides",
        ),
        pytest.param(
            "a",
            Unknown(template="${secret.Arn}", sensitive=True),
            ['~P: "a" → (sensitive)'],
            id="an expression that is sensitive stays hidden",
        ),
        pytest.param(
            "a",
            Unknown(template="hash", sensitive=True, secrets={"ssm:/a": "1", "ssm:/b": ""}),
            ['~P: "a" → (sensitive: from ssm:/a, ssm:/b)'],
            id="which secrets a value is made of is shown",
        ),
        pytest.param("a\r\nb", "a\nb", ["~P:", "-  a\r", "+  a", "   b"], id="another end of line"),
    ],
)
def test_a_difference_is_shown_where_it_is(before: Any, after: Any, lines: list[str]) -> None:
    assert shown(before, after) == lines


def test_an_unknown_value_names_what_it_is_made_of() -> None:
    inputs = {"vars": {"suffix": "0.0.0.0/0"}}
    short = Unknown(
        template="${bucket.Arn + vars.suffix}",
        inputs=inputs,
        references={"bucket": Address('data["eu"].bucket'), "log": Address("log")},
    )
    assert added(short) == [
        '+P: ${bucket.Arn + vars.suffix} (known after apply, with vars.suffix: "0.0.0.0/0", '
        'bucket: "data[\\"eu\\"].bucket")'
    ]
    script = Unknown(
        template="${base64(vars.script\n+ bucket.Arn)}", inputs={"vars": {"script": "a\nb"}}
    )
    assert added(script) == [
        "+P:",
        "+  ${base64(vars.script",
        "+  + bucket.Arn)}",
        "+  (known after apply), with",
        "+    vars.script:",
        "+      a",
        "+      b",
    ]


ARN = Unknown(template="${box.Arn}", references={"box": Address('c["a"].box')})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (ARN, '${c["a"].box.Arn} (known after apply)'),
        (
            Unknown(template='${c["a"].arn}', inputs={"c": {"a": {"arn": ARN}}}),
            '${c["a"].box.Arn} (known after apply)',
        ),
        (
            Unknown(template="${c.arn}", inputs={"c": {"arn": replace(ARN, sensitive=True)}}),
            "${c.arn} (known after apply, with c.arn: (sensitive))",
        ),
        (
            Unknown(template="to ${c.arn}", inputs={"c": {"arn": ARN}}),
            'to ${c.arn} (known after apply, with c.arn: ${c["a"].box.Arn} (known after apply))',
        ),
        (Unknown(template="${c.arn}"), "${c.arn} (known after apply)"),
    ],
    ids=["an attribute", "an output of a module", "a sensitive one", "in a text", "of nobody"],
)
def test_an_unknown_attribute_is_named_by_its_address(value: Unknown, words: str) -> None:
    assert added(value) == [f"+P: {words}"]


def test_drift_and_outputs_are_compared_as_whole_values_too() -> None:
    drift = PathChange(path="/P", before=encoded(EVIL), after=encoded(SCRIPT))
    output = OutputChange(name="P", before=encoded(SCRIPT), after=encoded(EVIL))
    for lines in (drifted_lines(drift), output_lines(output)):
        assert "  curl evil" in [line.text for line in lines if line.sign is Sign.ADD]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("AdministratorAccess1", id="a name in the alphabet of base64"),
        pytest.param("ZWNobyBoZWxsbw=o", id="broken base64"),
        pytest.param("YWFhYWFhYWFhYR==", id="base64 with bits that are lost"),
        pytest.param(base64.b64encode(bytes(range(40))).decode(), id="base64 of no text"),
        pytest.param(base64.b64encode(b"\x1f\x8b" + b"x" * 30).decode(), id="broken gzip"),
        pytest.param('{"Effect": "Deny", "Effect": "Allow"}', id="JSON that names a key twice"),
        pytest.param("[" * 100_000, id="JSON that never ends"),
        pytest.param("[" * 500 + "1" + "]" * 500, id="JSON of 500 levels"),
    ],
)
def test_what_cannot_be_decoded_for_certain_is_shown_as_it_is(value: str) -> None:
    assert text_of(value) is None


LINES = st.lists(st.text(alphabet='ab {}[]":,#\\\r\t=\u200b', max_size=6), max_size=30)
FORMS = st.sampled_from(
    [
        lambda text: text,
        encoded,
        packed,
        lambda text: json.dumps({"Code": text}),
        lambda text: {"Outer": [{"Code": encoded(text)}, "x" * 90]},
        lambda text: [text, "y" * 120],
    ]
)


@given(before=LINES, after=LINES, form=FORMS)
def test_any_two_values_that_differ_are_seen_to_differ(
    before: list[str], after: list[str], form: Any
) -> None:
    was, will = form("\n".join(before)), form("\n".join(after))
    path = PathChange(path="/P", before=was, after=will)
    first, *lines = path_lines(Action.UPDATE, path)
    assert first.sign is Sign.CHANGE
    if was != will and "→" not in first.text:
        assert {Sign.ADD, Sign.REMOVE} & {line.sign for line in lines}

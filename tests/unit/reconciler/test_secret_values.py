"""Tests for plans over values that are made of secrets nobody opens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.model.desired import DesiredOutput, DesiredResource, DesiredStack, Lifecycle
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.names import Address
from gitbot.model.plan import PathChange
from gitbot.model.schema import Route, TypeSchema
from gitbot.model.values import Origin, Redacted, Sensitive, Unknown, redactor
from gitbot.reconciler.outputs import definition_hash, output_value
from gitbot.reconciler.secrets import (
    definition_of,
    kept,
    rotated,
    shown_by_the_cloud,
    versioned,
)

REDACT = redactor(b"k" * 32, "k1")
SPAN = SourceSpan(file="specs/dev/a.yaml")
A, UUID = "ssm:/a", "secretsmanager:b"


def made(template: str = "t", **versions: str) -> Unknown:
    return Unknown(template=template, sensitive=True, secrets={A: "1"} | versions)


def hashed(of: Unknown, **versions: str) -> Redacted:
    origin = Origin(secrets=dict(of.secrets) | versions, definition=definition_of(of, REDACT))
    return Redacted(digest="d", key_id="k1", origin=origin)


@pytest.mark.parametrize(
    ("wanted", "recorded", "stays"),
    [
        (made(), hashed(made()), True),
        (replace(made(), secrets={A: "2"}), hashed(made()), False),
        (replace(made(), secrets={A: ""}), hashed(made()), True),
        (made("other"), hashed(made()), False),
        (made(), "plain", False),
        (replace(made(), inputs={"vars": {"x": Sensitive(1)}}), hashed(made()), False),
    ],
)
def test_the_same_expression_with_the_same_versions_stands_for_the_recorded_value(
    wanted: Unknown, recorded: Any, stays: bool
) -> None:
    found = kept({"P": [wanted], "Q": 1}, {"P": [recorded]}, REDACT)
    assert found == {"P": [recorded if stays else wanted], "Q": 1}
    assert kept({"P": wanted}, {"P": recorded}, REDACT, ["P"]) == {"P": wanted}


def test_properties_without_secrets_are_the_same_object() -> None:
    plain = {"P": Unknown(template="x")}
    assert kept(plain, {}, REDACT) is plain


@pytest.mark.parametrize(
    ("wanted", "recorded", "words"),
    [
        (made(), hashed(made()), ""),
        (replace(made(), secrets={A: "2"}), hashed(made()), "rotated: ssm:/a (version 1 → 2)"),
        (
            replace(made(), secrets={UUID: "fedcba98-7654"}),
            hashed(replace(made(), secrets={UUID: "01234567-89ab"})),
            "rotated: secretsmanager:b (version 01234567 → fedcba98)",
        ),
        (replace(made("u"), secrets={A: "2"}), hashed(made()), ""),
        ("plain", hashed(made()), ""),
    ],
)
def test_another_version_of_the_same_is_told_as_rotated(
    wanted: Any, recorded: Any, words: str
) -> None:
    assert rotated(wanted, recorded, REDACT) == words


def stack(**lifecycle: Any) -> DesiredStack:
    one = DesiredResource(
        address=Address("a"),
        type="T",
        properties={"P": replace(made(), secrets={A: ""})},
        lifecycle=Lifecycle(**lifecycle),
        source=SPAN,
    )
    plain = replace(one, address=Address("b"), properties={"P": 1}, lifecycle=Lifecycle())
    return DesiredStack(
        environment="dev",
        name="s",
        region="r",
        resources={one.address: one, plain.address: plain},
        hash="h",
        source=SPAN,
    )


def test_a_stack_learns_versions_where_it_uses_secrets() -> None:
    found = versioned(stack(), {A: "7"}, REDACT)
    assert found.resources[Address("a")].properties["P"] == replace(made(), secrets={A: "7"})
    assert found.resources[Address("b")] is found.resources[Address("b")]


def test_what_replaces_an_object_knows_a_rotation_without_the_value() -> None:
    wanted = stack(replace_when={"pw": replace(made(), secrets={A: ""}), "n": 1})

    def stamp(version: str) -> Any:
        found = versioned(wanted, {A: version}, REDACT).resources[Address("a")]
        assert found.lifecycle.replace_when["n"] == 1
        return found.lifecycle.replace_when["pw"]

    assert isinstance(stamp("1"), Sensitive)
    assert stamp("1") == stamp("1") != stamp("2")


def test_an_output_is_never_opened_and_a_rotation_is_no_change_of_it() -> None:
    output = DesiredOutput(value=made(), sensitive=True)
    first = output_value(output, made(), REDACT)
    assert isinstance(first, Redacted)
    assert first == output_value(output, replace(made(), secrets={A: "2"}), REDACT)
    assert first != output_value(output, made("other"), REDACT)
    assert definition_hash(output, REDACT)


def test_the_cloud_shows_again_what_is_not_write_only() -> None:
    schema = TypeSchema(name="T", route=Route.NATIVE, write_only=("/Password",), json_schema={})
    paths = [
        PathChange(path="/Password", after=made()),
        PathChange(path="/UserData", after=made()),
        PathChange(path="/Name", after="x"),
    ]
    says = shown_by_the_cloud(schema, paths)
    assert "UserData" in says
    assert "Password" not in says
    assert shown_by_the_cloud(schema, paths[:1]) == ""

"""Tests that diagnostics and excerpts keep sensitive values secret, wherever a spec writes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.errors import UserError
from gitbot.language import assemble
from gitbot.language.assemble import MOST_SECRETS
from gitbot.language.bind import bind
from gitbot.model.desired import LoadedTree
from gitbot.model.names import Address
from gitbot.model.values import Unknown
from gitbot.render.excerpts import excerpts
from gitbot.render.views import EnvironmentPlanView
from tests.unit.language.specs_by_hand import (
    BOX,
    ENVIRONMENT,
    HEAD,
    box,
    codes,
    load_files,
    load_spec,
    tree,
)

CANARY = "Zaphod-Beeblebrox-42"

DECLARED = f"""  variables:
    token: {{type: string, sensitive: true}}
    other: {{type: string, default: x}}
  values:
    token: {CANARY}
"""


def everything_told(files: dict[str, str], loaded: LoadedTree) -> str:
    """The text of all diagnostics, with the lines that they point to."""
    view = EnvironmentPlanView(name="dev", diagnostics=loaded.errors())
    lines = excerpts(tree(files).entries, [view], loaded.covered)
    return "\n".join([*map(str, loaded.errors()), *lines.values()])


def files_of(spec: str) -> dict[str, str]:
    return {"specs/dev/demo.yaml": HEAD + spec}


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        # A value that does not fit its variable, in each place and notation.
        (f"  variables: {{t: {{type: number, sensitive: true, default: {CANARY}}}}}\n", "bad-default"),
        (f"  variables: {{t: {{type: number, sensitive: true}}}}\n  values: {{t: {CANARY}}}\n", "variable-value"),
        (f"  variables:\n    t: {{type: number, sensitive: true}}\n  values:\n    t: |\n      {CANARY}\n", "variable-value"),
        (f"  variables:\n    t: {{type: string, sensitive: 'yes', default: {CANARY}}}\n", "wrong-type"),
        (f"  variables:\n    t: {{type: string, sensitive: true}}\n  values:\n    tt: {CANARY}\n", "unknown-variable"),
        (f"  variables:\n    t: {{type: string, sensitive: true, enum: [a], default: {CANARY}}}\n", "bad-default"),
        (f"  variables:\n    t: {{type: string, sensitive: true, pattern: a, default: {CANARY}}}\n", "bad-default"),
        # A property that does not take it.
        (DECLARED + box("Name: '${vars.token}'"), "property-value"),
        (DECLARED + box("Name: a, Size: '${vars.token}'"), "property-type"),
        (DECLARED + box("Name: a, Mode: '${vars.token}'"), "property-value"),
        (DECLARED + box("Name: a, Items: ['${vars.token}', '${vars.token}']"), "property-value"),
        (DECLARED + box("Name: a, Secret: '${int(vars.token)}'"), "expression-failed"),
        (DECLARED + box("Name: a, Secret: '${[][vars.token]}'"), "expression-failed"),
        (DECLARED + box("Name: a, Secret: '${{}[vars.token]}'"), "expression-failed"),
        # A problem elsewhere on the line of the value.
        (f"  variables: {{t: {{type: string, sensitive: true}}}}\n  values: {{t: {CANARY}, u: x}}\n", "unknown-variable"),
        (f"  variables: {{t: {{type: string, sensitive: true, default: {CANARY}, nope: 1}}}}\n", "unknown-field"),
        # A key of a sensitive map, and a value deep inside.
        (f"  variables: {{t: {{type: map, sensitive: true, default: {{{CANARY}: 1}}}}}}\n" + box("Name: a, Endpoint: '${vars.t}'"), "property-value"),
        (f"  variables: {{t: {{type: map, sensitive: true, default: {{Port: {CANARY}}}}}}}\n" + box("Name: a, Endpoint: '${vars.t}'"), "property-value"),
        (f"  variables: {{t: {{type: list, sensitive: true, default: [{{{CANARY}: 1}}]}}}}\n" + box("Name: a, Tags: '${vars.t}'"), "bad-tags"),
        # An output that is sensitive without any variable.
        (f"  outputs:\n    o: {{value: '{CANARY}', sensitive: true, nope: 1}}\n", "unknown-field"),
        (f"  outputs:\n    o: {{value: '${{int(\"{CANARY}\")}}', sensitive: true}}\n", "expression-failed"),
        (DECLARED + "  outputs: {o: '${vars.token}'}\n", "sensitive-output"),
        # YAML that cannot be read.
        (f"  variables:\n    t: {{type: string, sensitive: true, default: *{CANARY}}}\n", "yaml-alias"),
        (f"  variables:\n    t: {{type: string, sensitive: true, default: !{CANARY} x}}\n", "yaml-tag"),
        (f"  variables:\n    t: {{type: string, sensitive: true, default: \"{CANARY}}}\n", "yaml-syntax"),
        (f"  variables: {{t: {{type: string, sensitive: true}}}}\n  values:\n    t: {CANARY}\n    t: {CANARY}\n", "yaml-duplicate-key"),
    ],
)  # fmt: skip
def test_no_diagnostic_and_no_line_under_it_shows_a_sensitive_value(spec: str, code: str) -> None:
    """The kind: a text that repeats a value which is sensitive elsewhere."""
    loaded = load_spec(spec)
    assert code in codes(loaded)
    assert CANARY not in everything_told(files_of(spec), loaded)


def test_lines_beside_the_value_are_still_shown() -> None:
    spec = DECLARED + box("Name: a, Size: 0")
    loaded = load_spec(spec)
    told = everything_told(files_of(spec), loaded)
    assert "Size: 0" in told
    assert loaded.covered == {"specs/dev/demo.yaml": ((9, 9),)}


@pytest.mark.parametrize("name", ["Name", "Path"])
def test_a_property_that_becomes_an_identifier_refuses_a_sensitive_value(name: str) -> None:
    """The kind: a secret that leaves as a name or an ARN."""
    schema = {**BOX.json_schema, "properties": {**BOX.json_schema["properties"], "Path": {}}}
    named = replace(BOX, primary_identifier=("/Name",), json_schema=schema)
    files = {"specs/dev/environment.yaml": ENVIRONMENT}
    for value, expected in (("${vars.token}", True), ("${vars.other}", False)):
        given = {"Name": "'a'"} | {name: f"'{value}'"}
        spec = DECLARED.replace(CANARY, "a-b").replace("default: x", "default: xyz")
        text = HEAD + spec + box(", ".join(f"{key}: {one}" for key, one in given.items()))
        loaded = load_files({**files, "specs/dev/demo.yaml": text}, {named.name: named})
        assert (codes(loaded) == ["sensitive-identifier"]) is expected


@pytest.mark.parametrize("template", ["${int(box.Arn)}-suffix", "${{}[box.Arn]}"])
def test_a_sensitive_expression_that_fails_at_the_apply_says_nothing_of_its_values(
    template: str,
) -> None:
    """The kind: an error of an expression that quotes the values which it used."""
    for sensitive in (True, False):
        unknown = Unknown(
            template=template, references={"box": Address("box")}, sensitive=sensitive
        )
        with pytest.raises(UserError) as failed:
            bind(unknown, {Address("box"): {"Arn": CANARY}})
        told = str(failed.value)
        assert (template in told) is not sensitive
        assert CANARY not in told or not sensitive


def test_what_a_stack_writes_in_plain_is_not_secret() -> None:
    """The kind: a value declared as sensitive in order to hide it from reviewers."""
    plain = load_spec(DECLARED + box(f"Name: a, Secret: '{CANARY}'"))
    assert plain.secrets.texts == frozenset()
    used = load_spec(DECLARED + box("Name: a, Secret: 'x-${vars.token}'"))
    assert used.secrets.texts == {CANARY, f"x-{CANARY}"}


def test_two_names_that_look_alike_are_both_refused() -> None:
    """The kind: an input that is left out without a word."""
    text = HEAD + "  resources: {}\n"
    files = {"specs/dev/a\\xff.yaml": text, "specs/dev/a\\xff.yaml?": text}
    assert "bad-path" in codes(load_files(files))


def test_the_values_of_a_file_and_of_a_tree_are_limited_after_evaluation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The kind: a few lines that become gigabytes."""
    ten = "[" + ", ".join(["1"] * 10) + "]"
    big = f"${{{ten}.map(a, {ten}.map(b, {ten}.map(c, {ten}.map(d, '{'y' * 80}'))))}}"
    spec = "  resources: {}\n  outputs:\n" + "".join(f'    o{at}: "{big}"\n' for at in range(7))
    assert codes(load_spec(spec)) == ["values-too-large"]
    small = "  resources: {}\n  outputs:\n" + "".join(f'    o{at}: "{big}"\n' for at in range(1))
    files = {f"specs/dev/s{at}.yaml": HEAD.replace("demo", f"s{at}") + small for at in range(2)}
    assert codes(load_spec(small)) == []
    monkeypatch.setattr(assemble, "MOST_IN_A_TREE", 1_000_000)
    loaded = load_files(files | {"specs/dev/environment.yaml": ENVIRONMENT})
    assert codes(loaded) == ["values-too-large"]


def test_the_number_of_sensitive_values_is_limited() -> None:
    """The kind: input whose size multiplies the work on every text."""
    many = ", ".join(f"value-{at:04}" for at in range(501))
    spec = f"  variables: {{t: {{type: list, sensitive: true, default: [{many}]}}}}\n  resources: {{}}\n"
    assert codes(load_spec(spec)) == ["too-many-secrets"]
    files = {
        f"specs/dev/s{at}.yaml": HEAD.replace("demo", f"demo{at}")
        + spec.replace("value-", f"v{at:02}-").replace(f", v{at:02}-0500", "")
        for at in range(11)
    }
    loaded = load_files(files)
    assert "too-many-secrets" in codes(loaded)
    assert len(loaded.secrets.texts) <= MOST_SECRETS

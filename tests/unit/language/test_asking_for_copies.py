"""Whether a copy is there can be asked, and what is said of names that are not there fits the place."""

from __future__ import annotations

import pytest

from tests.unit.language.specs_by_hand import HEAD, load_files, load_spec
from tests.unit.language.test_modules import MODULE, loaded, paths

OFF = "  resources:\n    crate: {module: modules/crate, forEach: {small: {}}, when: false, values: {name: x}}\n"
ON = OFF.replace("when: false, ", "")
BOXES = "  resources:\n    box: {type: Test::Box, forEach: [eu, us], properties: {Name: '${each.key}'}}\n"


def said(spec: str) -> str:
    (one,) = load_spec(spec, **paths(crate=MODULE)).errors()
    return f"{one.code}: {one.detail} {one.fix}"


def output(text: str) -> str:
    return f"  outputs: {{x: '${{{text}}}'}}\n"


@pytest.mark.parametrize(
    ("spec", "text", "value"),
    [
        (OFF, '"small" in crate ? crate["small"].name : "none"', "none"),
        (ON, '"large" in crate ? crate["large"].name : "none"', "none"),
        (ON, '("small" in crate) && crate["small"].name != ""', True),
        (BOXES, '"eu" in box ? box["eu"].Name : "none"', "eu"),
        (BOXES, '"asia" in box ? box["asia"].Name : "none"', "none"),
        (BOXES, '!("asia" in box)', True),
    ],
)
def test_whether_a_copy_is_there_is_known_before_the_apply(
    spec: str, text: str, value: object
) -> None:
    assert loaded(spec + output(text)).outputs["x"].value == value


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (OFF + output('crate["small"].name'), 'because its `when` is false or its forEach is empty. Ask first: ${"small" in crate'),
        (ON + output('"large" in crate ? crate["lagre"].name : ""'), 'Use one of small'),
        (ON.replace("values", "when: '${each.key != \"small\"}', values"), "crate.when is about all copies together"),
        (
            "  resources:\n    box: {type: Test::Box, properties: {Name: box}}\n"
            "    lid: {type: Test::Box, when: '${box.Arn != \"\"}', properties: {Name: lid}}\n",
            "Decide it by what is known before an apply",
        ),
        ("  resources: {box: {type: Test::Box, properties: {Name: '${locals.name}'}}}\n", "Declare name in spec.locals"),
        (
            "  variables: {key: {type: string, sensitive: true, default: hidden-key}}\n"
            "  resources: {box: {type: Test::Box, forEach: ['${vars.key}'], properties: {Name: box}}}\n",
            "a list with a sensitive value in it, which addresses would show",
        ),
        ("  variables: {n: {type: number, default: null}}\n  resources: {}\n", 'The default "null" of "n" is nothing'),
        (ON.replace("values", "lifecycle: {moved: old}, values"), "Write `moved: [{from: old, to: crate}]` below spec."),
        (ON.replace("crate:", "stacks:"), "Choose another key, with `moved: [{from: stacks, to: <its new key>}]` below spec"),
        (BOXES.replace("box:", "value:"), "with `moved: [{from: value, to: <its new key>}]` below spec"),
        ("  resources: {secret: {type: Test::Box, properties: {Name: box}}}\n", "with `lifecycle: {moved: secret}` if"),
        *(
            (f"  resources: {{box: {{type: Test::Box, properties: {{Name: '${{{text}}}'}}}}}}\n", 'there: "key" in map ?')
            for text in ("env.nested.?deep", "env.nested[?\"deep\"]", "env.nested.?deep.orValue(1)", "optional.of(1)")
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_what_to_write_there(spec: str, words: str) -> None:
    assert words in said(spec)


def test_a_module_is_told_what_it_sees_of_the_environment() -> None:
    module = MODULE.replace('"${vars.name}"', '"${env.project}"')
    assert module != MODULE
    found = load_files(
        {"modules/crate/module.yaml": module, "specs/dev/a.yaml": HEAD + "  resources: {}\n"}
    )
    (one,) = [each for each in found.diagnostics if each.code == "unknown-name"]
    assert one.fix.startswith(
        "A module sees account, name, region of the environment: declare a variable"
    )

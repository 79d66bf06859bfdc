"""How files of cases are read, and which specs a case is made of."""

from __future__ import annotations

import pytest

from gitbot.errors import UserError
from gitbot.language.spec_tests import Assertion, Case, Expected, read_tests, tree_of
from gitbot.model.tree import SpecTree, TreeEntry
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD

TOP = "apiVersion: gitbot/v1\nkind: Test\nmetadata: {name: x}\nspec:\n  cases:\n"
MODULE = """apiVersion: gitbot/v1
kind: Module
metadata: {name: m}
spec:
  variables: {}
  resources: {}
  outputs: {a: 1, b: {value: 2}, c: {value: 3, sensitive: true}}
"""


def one(path: str, text: str) -> Case:
    cases, problems = read_tests(path, TOP + text)
    assert problems == ()
    assert len(cases) == 1
    return cases[0]


def tree(**files: str) -> SpecTree:
    entries = {
        name.replace("__", "/").replace("_yaml", ".yaml"): TreeEntry(content=text.encode())
        for name, text in files.items()
    }
    return SpecTree(id="0", entries=entries)


def test_a_case_beside_a_module_is_about_it() -> None:
    case = one(
        "modules/m/m.test.yaml",
        "    all:\n      values: {n: 1}\n      environment: {name: lab, region: eu-west-1}\n"
        "      asserts: [plan.create == 1, {that: 'x', says: why}]\n"
        "      diagnostics: [bad-value, {code: b, says: c}]\n      apply: true\n",
    )
    assert case == Case(
        file="modules/m/m.test.yaml",
        line=6,
        name="all",
        module="modules/m",
        stack="",
        environment="lab",
        region="eu-west-1",
        values={"n": 1},
        asserts=(Assertion(that="plan.create == 1"), Assertion(that="x", says="why")),
        expected=(Expected(code="bad-value"), Expected(code="b", says="c")),
        apply=True,
    )


def test_a_case_of_a_stack_has_its_environment_and_a_case_can_be_empty() -> None:
    case = one("specs/dev/a.test.yaml", "    it: {stack: demo}\n")
    assert (case.module, case.stack, case.environment) == ("", "demo", "dev")
    assert one("modules/m/m.test.yaml", "    it: {}\n").module == "modules/m"


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("specs/dev/a.test.yaml", TOP + "    it: {}\n", "missing-field"),
        ("specs/dev/a.test.yaml", TOP + "    it: {stack: a, module: modules/m}\n", "missing-field"),
        ("modules/m/a.test.yaml", TOP + "    it: {stack: a}\n", "missing-field"),
        ("modules/m/a.test.yaml", TOP + "    it: {vales: {}}\n", "unknown-field"),
        ("modules/m/a.test.yaml", TOP + "    it: {asserts: [1]}\n", "wrong-type"),
        ("modules/m/a.test.yaml", TOP + "    it: {asserts: [{says: a}]}\n", "missing-field"),
        ("modules/m/a.test.yaml", TOP + "    it: {diagnostics: [{says: a}]}\n", "missing-field"),
        ("modules/m/a.test.yaml", "kind: Stack\n", "unknown-kind"),
        ("modules/m/a.test.yaml", "- 1\n", "unknown-kind"),
        ("modules/m/a.test.yaml", TOP.partition("spec")[0], "missing-field"),
        ("modules/m/a.test.yaml", "a: [", "yaml-syntax"),
    ],
)
def test_what_is_wrong_with_a_file(path: str, text: str, code: str) -> None:
    _, problems = read_tests(path, text)
    assert [each.code for each in problems] == [code]


def test_the_tree_of_a_module_has_one_stack_that_uses_it() -> None:
    specs = tree(modules__m__module_yaml=MODULE, specs__dev__environment_yaml=ENVIRONMENT)
    case = one("modules/m/m.test.yaml", "    it: {values: {n: '${env.name}'}}\n")
    made, file, name = tree_of(specs, case)
    assert (file, name) == ("specs/test/tested.yaml", "tested")
    assert set(made.entries) == {
        "modules/m/module.yaml", "specs/test/environment.yaml", "specs/test/tested.yaml",
    }  # fmt: skip
    text = (made.entries[file].content or b"").decode()
    assert (
        '"resources": {"tested": {"module": "modules/m", "values": {"n": "${env.name}"}}}' in text
    )
    assert '"outputs": {"a": "${tested.a}", "b": "${tested.b}"}' in text


@pytest.mark.parametrize("module", ["", "a: [", "- 1", MODULE.replace("outputs", "other")])
def test_a_module_that_cannot_be_read_has_no_outputs(module: str) -> None:
    case = one("modules/m/m.test.yaml", "    it: {}\n")
    made, file, _ = tree_of(tree(modules__m__module_yaml=module) if module else tree(), case)
    text = (made.entries[file].content or b"").decode()
    assert "outputs" not in text
    assert "values" not in text


def test_the_tree_of_a_stack_has_the_values_of_the_case() -> None:
    spec = HEAD + "  variables: {n: {type: number}}\n  values: {n: 1}\n  resources: {}\n"
    specs = tree(
        specs__dev__a_yaml="a: [",
        specs__dev__b_yaml=spec,
        specs__prod__b_yaml=spec,
        specs__dev__c_yaml=spec.replace("demo", "other"),
    )
    case = one("specs/dev/a.test.yaml", "    it: {stack: demo, values: {n: 2}}\n")
    made, file, name = tree_of(specs, case)
    assert (file, name) == ("specs/dev/b.yaml", "demo")
    assert b"values: {n: 2}" in (made.entries[file].content or b"")
    assert made.entries["specs/prod/b.yaml"] == specs.entries["specs/prod/b.yaml"]
    there = one("specs/dev/a.test.yaml", "    it: {stack: demo@eu-west-1}\n")
    assert tree_of(specs, there)[1:] == ("specs/dev/b.yaml", "demo@eu-west-1")
    missing = one("specs/dev/a.test.yaml", "    it: {stack: nope}\n")
    with pytest.raises(UserError, match="has no stack"):
        tree_of(specs, missing)

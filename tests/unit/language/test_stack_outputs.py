"""Outputs of other stacks in expressions, and what is wrong about them."""

from __future__ import annotations

import pytest

from gitbot.language.bind import bind
from gitbot.model.desired import DesiredStack, LoadedTree
from gitbot.model.uses import outputs_address
from gitbot.model.values import Sensitive, Unknown
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, box, codes, load_files

BASE = HEAD.replace("demo", "base") + (
    "  variables: {secret: {type: string, sensitive: true}}\n"
    "  values: {secret: hush-hush}\n"
    "  resources: {box: {type: Test::Box, properties: {Name: one}}}\n"
    "  outputs:\n"
    '    arn: "${box.Arn}"\n'
    "    name: one\n"
    '    key: {value: "${vars.secret}", sensitive: true}\n'
    '    made: {value: "${box.Arn}-x", sensitive: true}\n'
)
MODULE = """apiVersion: gitbot/v1
kind: Module
metadata: {name: crate}
spec:
  variables: {name: {type: string}}
  resources: {box: {type: Test::Box, properties: {Name: "${vars.name}"}}}
  outputs: {name: "${box.Name}"}
"""


def load(spec: str, base: str = BASE, **more: str) -> LoadedTree:
    return load_files(
        {
            "specs/dev/environment.yaml": ENVIRONMENT,
            "specs/dev/base.yaml": base,
            "specs/dev/demo.yaml": HEAD + spec,
            "modules/crate/module.yaml": MODULE,
            **more,
        }
    )


def demo(spec: str) -> DesiredStack:
    loaded = load(spec)
    assert loaded.errors() == ()
    return next(one for one in loaded.stacks if one.name == "demo")


def name_of(stack: DesiredStack, address: str = "box") -> Unknown:
    found = {one.address: one for one in stack.resources.values()}[address].properties["Name"]  # type: ignore[index]
    assert isinstance(found, Unknown)
    return found


def bound(value: Unknown, **outputs: str) -> object:
    return bind(value, {outputs_address("base"): outputs})


def test_an_output_of_another_stack_is_unknown_until_it_is_bound() -> None:
    stack = demo(box("Name: 'x-${stacks[\"base\"].outputs.arn}-${stacks.base.outputs.name}'"))
    assert stack.depends_on == {"base"}
    assert [use.key for use in stack.uses] == ["base.arn", "base.name"]
    value = name_of(stack)
    assert bound(value, arn="arn:1", name="one") == "x-arn:1-one"
    assert isinstance(bound(value, arn="arn:1"), Unknown)


def test_it_goes_through_variables_locals_and_modules() -> None:
    stack = demo(
        "  variables: {arn: {type: string}}\n"
        "  values: {arn: '${stacks[\"base\"].outputs.arn}'}\n"
        "  locals: {twice: '${vars.arn}${vars.arn}'}\n"
        "  resources:\n"
        "    crate: {module: modules/crate, values: {name: 'm-${locals.twice}'}}\n"
    )
    assert bound(name_of(stack, "crate.box"), arn="a") == "m-aa"


def test_whatever_uses_a_sensitive_output_is_sensitive() -> None:
    stack = demo(box("Name: 'k-${stacks.base.outputs.key}', Size: 3"))
    value = name_of(stack)
    assert value.sensitive
    assert stack.sensitive
    assert bound(value, key="hush") == Sensitive("k-hush")


@pytest.mark.parametrize(
    ("spec", "code", "words"),
    [
        (box("Name: '${stacks.bas.outputs.arn}'"), "unknown-stack", 'Did you mean "base"?'),
        (box("Name: '${stacks.other.outputs.arn}'"), "unknown-stack", "Its stacks: base, demo."),
        (box("Name: '${stacks.base.outputs.arm}'"), "unknown-output", 'Did you mean "arn"?'),
        (box("Name: '${stacks.base.outputs.zzzzz}'"), "unknown-output", "It has arn, key, made, name"),
        (box("Name: '${stacks.base.arn}'"), "bad-stack-output", "written out"),
        (box("Name: '${stacks.base.outputs}'"), "bad-stack-output", "written out"),
        (box("Name: '${stacks[env.project].outputs.arn}'"), "bad-stack-output", "written out"),
        (box("Name: '${stacks.base.outputs.made}'"), "secret-output", "keeps such a value nowhere"),
        (
            box("Name: x") + "  outputs: {shown: '${stacks.base.outputs.key}'}\n",
            "sensitive-output",
            "sensitive: true",
        ),
        (
            box("Name: x").replace("Test::Box", "Test::Box\n      forEach: '${stacks.base.outputs.name}'"),
            "unknown-copies",
            "only the cloud can tell",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_the_closest_name(spec: str, code: str, words: str) -> None:
    loaded = load(spec)
    (found,) = loaded.errors()
    assert (found.code, found.stack, found.file) == (code, "demo", "specs/dev/demo.yaml")
    assert words in f"{found.detail} {found.fix}"
    assert [one.name for one in loaded.stacks] == ["base"]


def test_a_module_is_told_to_take_a_variable() -> None:
    module = MODULE.replace("${vars.name}", "${stacks.base.outputs.arn}")
    use = "  resources: {crate: {module: modules/crate, values: {name: x}}}\n"
    loaded = load(use, **{"modules/crate/module.yaml": module})
    assert codes(loaded) == ["unknown-name", "module-broken"] or codes(loaded) == [
        "module-broken",
        "unknown-name",
    ]
    assert any("Declare a variable" in one.fix for one in loaded.errors())


def test_a_circle_is_told_with_its_path() -> None:
    circle = BASE.replace("name: one\n", 'name: "${stacks.demo.outputs.back}"\n')
    spec = box("Name: '${stacks.base.outputs.arn}'") + '  outputs: {back: "${box.Arn}"}\n'
    loaded = load(spec, base=circle)
    (found,) = loaded.errors()
    assert (found.code, loaded.stacks) == ("stack-circle", ())
    assert found.detail.startswith("base → demo → base: ")
    itself = load(box("Name: '${stacks.demo.outputs.arn}'") + '  outputs: {arn: "${box.Arn}"}\n')
    assert itself.errors()[0].detail.startswith("demo → demo: ")


def test_a_stack_with_problems_of_its_own_is_not_called_missing() -> None:
    broken = BASE.replace("Test::Box", "Test::Bocks")
    assert codes(load(box("Name: '${stacks.base.outputs.arn}'"), base=broken)) == ["unknown-type"]


def test_a_stack_of_another_environment_is_not_there() -> None:
    loaded = load_files(
        {
            "specs/dev/environment.yaml": ENVIRONMENT,
            "specs/prod/environment.yaml": ENVIRONMENT.replace("name: dev", "name: prod"),
            "specs/prod/base.yaml": BASE,
            "specs/dev/demo.yaml": HEAD + box("Name: '${stacks.base.outputs.arn}'"),
        }
    )
    assert codes(loaded) == ["unknown-stack"]


MANY = """apiVersion: gitbot/v1
kind: Module
metadata: {name: many}
spec:
  variables: {names: {type: list<string>}}
  resources: {box: {type: Test::Box, forEach: "${vars.names}", properties: {Name: "${each.value}"}}}
  outputs: {arns: "${vars.names.map(n, box[n].Arn)}", first: "${vars.names.map(n, box[n].Arn)[0]}"}
"""
LISTS = HEAD.replace("demo", "base") + (
    "  resources: {net: {module: modules/many, values: {names: [a, b]}}}\n"
    "  outputs:\n"
    '    arns: "${net.arns}"\n'
    '    first: "${net.first}"\n'
    '    mixed: {value: ["${net.first}", x]}\n'
    "    either: \"${env.name == 'dev' ? net.arns : {}}\"\n"
    '    both: "${net.arns.map(a, a)[0] + net.arns.filter(a, true)[0]}"\n'
)


@pytest.mark.parametrize(
    ("use", "is_wrong"),
    [
        ('arns["a"]', True),
        ("mixed.a", True),
        ('arns["a"] + "x"', True),
        ("arns[0]", False),
        ("mixed[1]", False),
        ("arns.map(a, a)[0]", False),
        ('first["a"]', False),
        ('either["a"]', False),
        ('both["a"]', False),
    ],
)
def test_a_key_of_a_list_to_come_is_told_with_what_to_write(use: str, is_wrong: bool) -> None:
    spec = box(f"Name: '${{stacks[\"base\"].outputs.{use}}}'")
    found = load(spec, LISTS, **{"modules/many/module.yaml": MANY}).errors()
    assert [one.code for one in found] == ["expression-failed"] * is_wrong
    for one in found:
        name = use.partition("[")[0].partition(".")[0]
        assert one.detail == f'stacks["base"].outputs.{name} is a list, so it has no "a".'
        assert one.fix.startswith(f'Write stacks["base"].outputs.{name}[0] for its first item')


def test_a_key_of_a_list_that_a_local_takes_is_told_too() -> None:
    local = "  locals: {one: '${stacks.base.outputs.arns.a}'}\n" + box("Name: '${locals.one}'")
    found = load(local, LISTS, **{"modules/many/module.yaml": MANY}).errors()
    assert [one.code for one in found] == ["expression-failed"]

"""What specs say under lifecycle, and what must hold of a stack."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gitbot.language.bind import bind
from gitbot.model.conditions import Condition
from gitbot.model.names import Address
from gitbot.model.timeouts import Timeouts
from gitbot.model.values import Unknown
from tests.unit.language.specs_by_hand import ENVIRONMENT, codes, load_spec, whole

ARN = Address("box")


def spec(lifecycle: str, more: str = "") -> str:
    return (
        "  variables: {size: {type: number, default: 3}}\n"
        "  resources:\n"
        "    lid: {type: Test::Box, properties: {Name: lid}}\n"
        "    box:\n"
        "      type: Test::Box\n"
        '      properties: {Name: ab, Size: "${vars.size}"}\n'
        f"      lifecycle: {lifecycle}\n{more}"
    )


def condition(that: str, says: str = "why") -> str:
    return f"[{{that: '{that}', says: '{says}'}}]"


def conditions(spec: str, kind: str = "preconditions", key: str = "box") -> tuple[Condition, ...]:
    lifecycle = whole(spec).resources[Address(key)].lifecycle
    found: tuple[Condition, ...] = getattr(lifecycle, kind)
    return found


@pytest.mark.parametrize(
    ("that", "holds"),
    [
        ("${vars.size > 2}", True),
        ("${vars.size > 3}", False),
        ('${env.name == "dev" && lid.Name == "lid"}', True),
    ],
)
def test_a_precondition_is_evaluated_as_far_as_the_specs_allow(that: str, holds: bool) -> None:
    (found,) = conditions(spec(f"{{preconditions: {condition(that, 'Too small. ')}}}"))
    assert found.that is holds
    assert found.says == "Too small"
    assert (found.source.line, found.source.file) == (11, "specs/dev/demo.yaml")


def test_a_condition_on_what_only_the_cloud_gives_is_unknown_and_orders_the_resources() -> None:
    that = '${lid.Arn.startsWith("arn:")}'
    text = spec(f"{{preconditions: {condition(that)}}}")
    (found,) = conditions(text)
    assert isinstance(found.that, Unknown)
    assert bind(found.that, {Address("lid"): {"Arn": "arn:1"}}) is True
    assert whole(text).resources[Address("box")].depends_on == {Address("lid")}


def test_a_postcondition_names_its_own_resource_self() -> None:
    known = conditions(
        spec(f"{{postconditions: {condition('${self.Size == vars.size}')}}}"), "postconditions"
    )
    assert [one.that for one in known] == [True]
    (found,) = conditions(
        spec(f"{{postconditions: {condition('${self.Arn != lid.Arn}')}}}"), "postconditions"
    )
    assert isinstance(found.that, Unknown)
    values = {Address("box"): {"Arn": "a"}, Address("lid"): {"Arn": "b"}}
    assert bind(found.that, values) is True


def test_each_copy_has_conditions_of_its_own() -> None:
    text = """  resources:
    box:
      type: Test::Box
      forEach: {a: {size: 1}, b: {size: 2}}
      properties: {Name: "${each.key}", Size: "${each.value.size}"}
      lifecycle:
        preconditions: [{that: "${each.value.size > 1}", says: small}]
        postconditions: [{that: "${self.Size > 1}", says: small}]
"""
    stack = whole(text)
    found = {
        address: [
            one.that for one in (*item.lifecycle.preconditions, *item.lifecycle.postconditions)
        ]
        for address, item in stack.resources.items()
    }
    assert {key: value[0] for key, value in found.items()} == {
        'box["a"]': False,
        'box["b"]': True,
    }
    after = [found[Address(f'box["{key}"]')][1] for key in "ab"]
    assert after == [False, True]


def test_checks_stand_in_stacks_and_modules_and_use_everything() -> None:
    module = """apiVersion: gitbot/v1
kind: Module
metadata: {name: crate}
spec:
  variables: {name: {type: string}}
  resources: {box: {type: Test::Box, properties: {Name: "${vars.name}"}}}
  checks: {named: {that: '${box.Name == "b"}', says: is b}}
"""
    text = """  resources:
    crate: {module: modules/crate, forEach: [a, b], values: {name: "${each.key}"}}
    lid: {type: Test::Box, properties: {Name: lid}}
  checks:
    cover: {that: "${lid.Arn == lid.Arn}", says: it covers}
"""
    loaded = load_spec(text, **{"modules/crate/module.yaml": module})
    assert loaded.diagnostics == ()
    checks = loaded.stacks[0].checks
    assert {name: one.that for name, one in checks.items() if "crate" in name} == {
        'crate["a"].checks.named': False,
        'crate["b"].checks.named': True,
    }
    assert isinstance(checks["checks.cover"].that, Unknown)


def test_what_must_hold_counts_in_the_hash_and_what_is_not_said_does_not() -> None:
    plain = whole(spec("{}")).hash
    one = whole(spec(f"{{preconditions: {condition('${vars.size > 2}')}}}")).hash
    other = whole(spec(f"{{preconditions: {condition('${vars.size > 9}')}}}")).hash
    after = whole(spec(f"{{postconditions: {condition('${vars.size > 2}')}}}")).hash
    told = whole(spec("{}", "  checks: {a: {that: true, says: b}}\n")).hash
    assert len({plain, one, other, after, told}) == 5
    assert plain == whole(spec("{preconditions: [], postconditions: []}", "  checks: {}\n")).hash


@pytest.mark.parametrize(
    ("lifecycle", "more", "code"),
    [
        ("{preconditions: [{that: '${vars.size}', says: a}]}", "", "wrong-type"),
        ("{preconditions: [{that: yes, says: a}]}", "", "wrong-type"),
        ("{preconditions: [{that: true}]}", "", "missing-field"),
        ("{preconditions: [{says: a}]}", "", "missing-field"),
        ("{preconditions: {that: true, says: a}}", "", "wrong-type"),
        ("{preconditions: [{that: '${self.Size > 1}', says: a}]}", "", "unknown-name"),
        ("{preconditions: [{that: '${box.Size > 1}', says: a}]}", "", "unknown-name"),
        ("{postconditions: [{that: '${box.Size > 1}', says: a}]}", "", "unknown-name"),
        ("{postconditions: [{that: '${self.Sise > 1}', says: a}]}", "", "unknown-attribute"),
        ("{postconditions: [{that: '${has(self.Arn)}', says: a}]}", "", "has-on-resource"),
        ("{postconditions: [{that: '${1 / 0 > 1}', says: a}]}", "", "expression-failed"),
        ("{}", "  checks: {a: {that: 1, says: b}}\n", "wrong-type"),
        ("{}", "  checks: {a: {that: '${nothing.Arn == 1}', says: b}}\n", "unknown-name"),
        ("{}", "  checks: [{that: true, says: b}]\n", "wrong-type"),
    ],
)
def test_a_wrong_condition_is_a_problem(lifecycle: str, more: str, code: str) -> None:
    assert codes(load_spec(spec(lifecycle, more))) == [code]


def test_a_condition_on_another_that_waits_for_this_one_is_a_circle() -> None:
    text = """  resources:
    box:
      type: Test::Box
      properties: {Name: ab}
      lifecycle: {preconditions: [{that: '${lid.Arn != ""}', says: a}]}
    lid: {type: Test::Box, properties: {Name: "${box.Arn}"}}
"""
    assert codes(load_spec(text)) == ["cycle"]


def test_self_is_no_key_of_a_resource() -> None:
    text = "  resources: {self: {type: Test::Box, properties: {Name: ab}}}\n"
    assert codes(load_spec(text)) == ["bad-name"]


KEEPS = ENVIRONMENT + "  deleteOnRemove: false\n"


@pytest.mark.parametrize(
    ("lifecycle", "environment", "stays"),
    [
        ("{}", ENVIRONMENT, False),
        ("{retain: true}", ENVIRONMENT, True),
        ("{}", KEEPS, True),
        ("{protect: true}", KEEPS, True),
        ("{retain: false}", KEEPS, False),
        ("{}", KEEPS.replace("Remove: false", "Remove: true"), False),
    ],
)
def test_what_leaves_the_specs_stays_where_the_environment_or_the_resource_says_so(
    lifecycle: str, environment: str, stays: bool
) -> None:
    loaded = load_spec(spec(lifecycle), **{"specs/dev/environment.yaml": environment})
    assert loaded.diagnostics == ()
    (stack,) = loaded.stacks
    assert stack.resources[Address("box")].lifecycle.retain is stays
    assert stack.resources[Address("lid")].lifecycle.retain is (environment == KEEPS)


@pytest.mark.parametrize(
    ("protect", "protected"),
    [
        ("true", True),
        ("false", False),
        ("'${env.name == \"dev\"}'", True),
        ("'${env.name == \"prod\"}'", False),
        ("'${env.project in [\"ml\"] && 443 in env.ports}'", True),
    ],
)
def test_a_resource_is_protected_by_what_its_environment_says(
    protect: str, protected: bool
) -> None:
    stack = whole(spec(f"{{protect: {protect}}}"))
    assert stack.resources[Address("box")].lifecycle.protect is protected


@pytest.mark.parametrize(
    ("protect", "code"),
    [
        ("'yes'", "wrong-type"),
        ("'${env.project}'", "wrong-type"),
        ("'${env.name == \"dev\"} '", "wrong-type"),
        ("[true]", "wrong-type"),
        ("'${vars.size > 2}'", "unknown-name"),
        ("'${lid.Name == \"lid\"}'", "unknown-name"),
        ("'${env.nothing}'", "unknown-name"),
        ("'${'", "bad-expression"),
    ],
)
def test_a_protection_that_is_neither_true_nor_false_is_a_problem(protect: str, code: str) -> None:
    assert codes(load_spec(spec(f"{{protect: {protect}}}"))) == [code]


def test_what_replaces_a_resource_is_evaluated_and_orders_the_resources() -> None:
    text = spec("{replaceWhen: {build: 7, size: '${vars.size}', lid: '${lid.Arn}'}}")
    box = whole(text).resources[Address("box")]
    values = dict(box.lifecycle.replace_when)
    assert isinstance(values.pop("lid"), Unknown)
    assert values == {"build": 7, "size": 3}
    assert box.depends_on == {Address("lid")}
    assert whole(text).hash != whole(text.replace("7", "8")).hash
    assert whole(spec("{replaceWhen: {}}")).hash == whole(spec("{}")).hash


@pytest.mark.parametrize(
    ("replaces", "code"),
    [
        ("[a]", "wrong-type"),
        ("{Build: 1}", "bad-name"),
        ("{build: '${box.Arn}'}", "unknown-name"),
        ("{build: '${size(lid)}'}", "bare-resource"),
        ("{build: '${lid + lid}'}", "bare-resource"),
        ("{build: '${box}'}", "unknown-name"),
        ("{build: '${vars}'}", None),
        ("{build: 'x${lid}'}", "bare-resource"),
        ("{build: '${lid'}", "bad-expression"),
    ],
)
def test_a_wrong_value_that_would_replace_a_resource_is_a_problem(replaces: str, code: str) -> None:
    assert codes(load_spec(spec(f"{{replaceWhen: {replaces}}}"))) == ([code] if code else [])


def test_a_resource_as_a_whole_stands_for_what_its_spec_says_and_for_its_object() -> None:
    text = spec("{replaceWhen: {lid: '${ lid }'}}")
    box = whole(text).resources[Address("box")]
    (value,) = box.lifecycle.replace_when.values()
    assert isinstance(value, dict)
    assert value["properties"] == {"Name": "lid"}  # without the tags of the environment
    assert bind(value["made"], {Address("lid"): {"gitbot:made": 4}}) == 4
    assert isinstance(bind(value["made"], {Address("lid"): {"Arn": "a"}}), Unknown)
    assert box.depends_on == {Address("lid")}
    assert whole(text).hash != whole(text.replace("Name: lid", "Name: lad")).hash


def test_copies_replace_one_by_one_or_together() -> None:
    text = """  resources:
    lid:
      type: Test::Box
      forEach: [a, b]
      properties: {Name: "${each.key}"}
    rare: {type: Test::Box, when: false, properties: {Name: rare}}
    box:
      type: Test::Box
      forEach: [a]
      properties: {Name: box}
      lifecycle:
        replaceWhen: {one: '${lid["b"]}', own: "${lid[each.key]}", all: "${lid}", rare: "${rare}"}
"""
    box = whole(text).resources[Address('box["a"]')]
    values = dict(box.lifecycle.replace_when)
    assert values["one"]["properties"] == {"Name": "b"}  # type: ignore[index, call-overload]
    assert values["own"]["properties"] == {"Name": "a"}  # type: ignore[index, call-overload]
    assert values["all"] == {"a": values["own"], "b": values["one"]}
    assert values["rare"] is None
    assert box.depends_on == {Address('lid["a"]'), Address('lid["b"]')}


def test_timeouts_are_durations() -> None:
    text = spec("{timeouts: {create: 1h, delete: 90m}}")
    said = whole(text).resources[Address("box")].lifecycle.timeouts
    assert said == Timeouts(create=timedelta(hours=1), delete=timedelta(minutes=90))
    assert whole(text).hash != whole(spec("{}")).hash
    assert whole(spec("{timeouts: {}}")).hash == whole(spec("{}")).hash


@pytest.mark.parametrize(
    ("timeouts", "code"),
    [
        ("1h", "wrong-type"),
        ("{create: 60}", "wrong-type"),
        ("{create: 30s}", "bad-value"),
        ("{delete: 25h}", "bad-value"),
        ("{update: '${vars.size}m'}", "no-expression-here"),
        ("{read: 5m}", "unknown-field"),
    ],
)
def test_a_wrong_timeout_is_a_problem(timeouts: str, code: str) -> None:
    assert codes(load_spec(spec(f"{{timeouts: {timeouts}}}"))) == [code]


def test_what_conditions_say_is_one_line_and_counts_in_the_size_of_a_file() -> None:
    (found,) = conditions(spec('{preconditions: [{that: true, says: "it must\\n\\n# hold "}]}'))
    assert found.says == "it must # hold"
    many = ", ".join(f"{{that: true, says: {'x' * 2000}}}" for _ in range(10))
    text = (
        "  locals: {all: '${[" + ", ".join(f'"{n}"' for n in range(400)) + "]}'}\n"
        "  resources:\n    box:\n      type: Test::Box\n      forEach: ${locals.all}\n"
        f"      properties: {{Name: ab}}\n      lifecycle: {{preconditions: [{many}]}}\n"
    )
    assert codes(load_spec(text)) == ["values-too-large"]

"""Modules, copies, conditions and locals."""

from __future__ import annotations

import pytest

from gitbot.language.bind import bind
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address
from gitbot.model.tree import EntryKind, TreeEntry
from gitbot.model.values import Sensitive, Unknown, is_known
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, codes, load_files, load_spec, whole

MODULE = """apiVersion: gitbot/v1
kind: Module
metadata: {name: crate}
spec:
  variables:
    name: {type: string}
    size: {type: number, default: 1}
  resources:
    box: {type: Test::Box, properties: {Name: "${vars.name}", Size: "${vars.size}"}}
    lid: {type: Test::Box, properties: {Name: "lid-of-${box.Name}"}}
  outputs: {name: "${box.Name}", arn: "${box.Arn}", size: "${vars.size}"}
"""
USE = """  resources:
    crate:
      module: modules/crate
      forEach: {small: {}, large: {size: 9}}
      values: {name: "${env.project}-${each.key}", size: '${"size" in each.value ? each.value.size : 1}'}
    label:
      type: Test::Box
      properties: {Name: label, Items: ['${crate["large"].name}', '${crate.small.arn}']}
"""


def loaded(spec: str, module: str = MODULE, **modules: str) -> DesiredStack:
    found = load_spec(spec, **paths(crate=module, **modules))
    assert found.errors() == ()
    return found.stacks[0]


def paths(**modules: str) -> dict[str, str]:
    return {f"modules/{name}/module.yaml": text for name, text in modules.items()}


def names(stack: DesiredStack) -> dict[str, object]:
    return {address: one.properties["Name"] for address, one in stack.resources.items()}


def test_a_module_is_there_once_for_each_entry() -> None:
    stack = loaded(USE)
    assert names(stack) == {
        'crate["small"].box': "ml-small",
        'crate["small"].lid': "lid-of-ml-small",
        'crate["large"].box': "ml-large",
        'crate["large"].lid': "lid-of-ml-large",
        "label": "label",
    }
    sizes = [one.properties.get("Size") for one in stack.resources.values()]
    assert sizes == [1, None, 9, None, None]


def test_an_output_is_known_as_far_as_the_specs_tell() -> None:
    known, unknown = loaded(USE).resources[Address("label")].properties["Items"]  # type: ignore[misc,index]
    assert known == "ml-large"
    assert isinstance(unknown, Unknown)
    address = Address('crate["small"].box')
    assert list(unknown.references.values()) == [address]
    assert bind(unknown, {address: {"Arn": "arn:1"}}) == "arn:1"
    assert bind(unknown, {}) == unknown


def test_dependencies_reach_through_modules() -> None:
    stack = loaded(USE)
    needed = {address: sorted(one.depends_on) for address, one in stack.resources.items()}
    assert needed['crate["large"].lid'] == ['crate["large"].box']  # type: ignore[index]
    assert needed["label"] == ['crate["large"].box', 'crate["small"].box']  # type: ignore[index]


def test_what_a_value_comes_from_is_needed_by_who_uses_it_inside() -> None:
    stack = loaded(
        "  resources:\n"
        "    first: {type: Test::Box, properties: {Name: first}}\n"
        "    last: {type: Test::Box, properties: {Name: last}}\n"
        "    crate:\n"
        "      module: modules/crate\n"
        "      lifecycle: {dependsOn: [last]}\n"
        '      values: {name: "${first.Name}"}\n'
    )
    assert stack.resources[Address("crate.box")].depends_on == {"first", "last"}
    assert stack.resources[Address("crate.lid")].depends_on == {"crate.box", "last"}


def test_modules_in_modules() -> None:
    outer = """apiVersion: gitbot/v1
kind: Module
metadata: {name: pallet}
spec:
  variables: {names: {type: list}}
  resources:
    crates: {module: modules/crate, forEach: "${vars.names}", values: {name: "${each.key}"}}
  outputs: {arns: "${crates.map(key, crates[key].arn)}"}
"""
    stack = loaded(
        "  resources: {pallet: {module: modules/pallet, values: {names: [a, b]}}}\n"
        "  outputs: {arns: '${pallet.arns}'}\n",
        pallet=outer,
    )
    assert list(stack.resources) == [
        'pallet.crates["a"].box',
        'pallet.crates["a"].lid',
        'pallet.crates["b"].box',
        'pallet.crates["b"].lid',
    ]
    arns = stack.outputs["arns"].value
    assert isinstance(arns, Unknown)
    given = {Address(f'pallet.crates["{key}"].box'): {"Arn": f"arn:{key}"} for key in "ab"}
    assert bind(arns, given) == ["arn:a", "arn:b"]
    assert isinstance(bind(arns, {Address('pallet.crates["a"].box'): {"Arn": "x"}}), Unknown)


def test_resources_are_copied_too() -> None:
    stack = whole(
        "  resources:\n"
        "    box:\n"
        "      type: Test::Box\n"
        "      forEach: [a, b]\n"
        '      properties: {Name: "${each.key}-${each.value}", On: true}\n'
        '    next: {type: Test::Box, forEach: {a: {}}, properties: {Name: "${box[each.key].Name}",'
        ' Secret: "${box[each.key].Arn}"}}\n'
        "  outputs: {b: '${box.b.Name}', all: '${box.all(key, box[key].On)}'}\n"
    )
    assert names(stack) == {'box["a"]': "a-a", 'box["b"]': "b-b", 'next["a"]': "a-a"}
    assert stack.outputs["b"].value == "b-b"
    secret = stack.resources[Address('next["a"]')].properties["Secret"]
    assert isinstance(secret, Unknown)
    assert bind(secret, {Address('box["a"]'): {"Arn": "arn:a"}}) == "arn:a"


@pytest.mark.parametrize(("when", "there"), [("true", True), ("${env.name != 'dev'}", False)])
def test_a_condition_says_whether_there_is_any(when: str, there: bool) -> None:
    stack = whole(
        "  resources:\n"
        f'    box: {{type: Test::Box, when: "{when}", properties: {{Name: box}}}}\n'.replace(
            '"true"', "true"
        )
        + "  outputs: {name: \"${box != null ? box.Name : 'none'}\"}\n"
    )
    assert list(stack.resources) == (["box"] if there else [])
    assert stack.outputs["name"].value == ("box" if there else "none")


def test_locals_are_evaluated_in_any_order_and_may_use_resources() -> None:
    stack = whole(
        "  locals: {full: '${locals.short}-x', short: '${env.project}', arn: '${box.Arn}'}\n"
        "  resources:\n"
        '    box: {type: Test::Box, properties: {Name: "${locals.full}"}}\n'
        '    next: {type: Test::Box, properties: {Name: next, Secret: "${locals.arn}!"}}\n'
    )
    assert names(stack) == {"box": "ml-x", "next": "next"}
    assert stack.resources[Address("next")].depends_on == {"box"}
    secret = stack.resources[Address("next")].properties["Secret"]
    assert isinstance(secret, Unknown)
    assert bind(secret, {Address("box"): {"Arn": "arn"}}) == "arn!"


def test_the_order_of_the_entries_changes_nothing() -> None:
    head, *entries = USE.split("\n    crate:\n")
    crate, label = entries[0].split("    label:\n")
    turned = f"{head}\n    label:\n{label}    crate:\n{crate}"
    first, second = loaded(USE), loaded(turned)
    assert dict(first.resources).keys() == dict(second.resources).keys()
    assert first.hash == second.hash


def test_a_sensitive_value_stays_sensitive_through_a_module() -> None:
    module = (
        MODULE.replace("name: {type: string}", "name: {type: string, sensitive: true}")
        .replace(
            'outputs: {name: "${box.Name}", arn: "${box.Arn}", size: "${vars.size}"}',
            'outputs: {name: {value: "x${vars.name}", sensitive: true}}',
        )
        .replace('Name: "${vars.name}"', 'Name: box, Secret: "${vars.name}"')
        .replace("lid-of-${box.Name}", "lid")
    )
    stack = loaded(
        "  resources:\n"
        "    crate: {module: modules/crate, values: {name: hush-hush}}\n"
        '    box: {type: Test::Box, properties: {Name: box, Secret: "${crate.name}"}}\n',
        module,
    )
    assert stack.resources[Address("crate.box")].properties["Secret"] == Sensitive("hush-hush")
    assert stack.resources[Address("box")].properties["Secret"] == Sensitive("xhush-hush")
    assert stack.sensitive


@pytest.mark.parametrize(
    ("entry", "code", "words"),
    [
        ("module: modules/crte", "unknown-module", 'Did you mean "modules/crate"?'),
        ("module: modules/crate", "missing-variable", "Add name to x.values."),
        ("module: modules/crate, values: {nam: a}", "unknown-variable", "x.values gives"),
        ("module: modules/crate, values: {name: 3}", "variable-value", "is a number, not a string"),
        ("module: modules/crate, type: Test::Box", "bad-value", "both a type and a module"),
        ("module: modules/crate, properties: {}", "bad-value", "about one resource"),
        (
            "module: modules/crate, values: {name: a}, lifecycle: {retain: true}",
            "bad-value",
            "lifecycle.retain",
        ),
        ("type: Test::Box, values: {}, properties: {Name: a}", "bad-value", "only a module takes"),
        ("type: Test::Box, forEach: 3, properties: {Name: a}", "wrong-type", "must be a map or"),
        ("type: Test::Box, forEach: [a, a], properties: {Name: a}", "bad-value", "twice"),
        ("type: Test::Box, forEach: [1], properties: {Name: a}", "wrong-type", "list of strings"),
        ("type: Test::Box, forEach: ['\"'], properties: {Name: a}", "bad-name", "in an address"),
        ("type: Test::Box, when: 3, properties: {Name: a}", "wrong-type", "true or false"),
        (
            "type: Test::Box, when: '${other.Arn == \"a\"}', properties: {Name: a}",
            "unknown-copies",
            "other.Arn",
        ),
        (
            "type: Test::Box, forEach: ['${other.Arn}'], properties: {Name: a}",
            "unknown-copies",
            "only the cloud can tell",
        ),
        ("type: Test::Box, properties: {Name: '${each.key}'}", "unknown-name", "forEach"),
        (
            "type: Test::Box, forEach: [a], properties: {Name: '${each.kee}'}",
            "unknown-name",
            "each",
        ),
        ("type: Test::Box, forEach: [a], properties: {Nam: a}", "unknown-property", "Nam"),
    ],
)
def test_a_wrong_use_is_told(entry: str, code: str, words: str) -> None:
    spec = (
        "  resources:\n"
        "    other: {type: Test::Box, properties: {Name: other}}\n"
        f"    x: {{{entry}}}\n"
    )
    found = load_spec(spec, **paths(crate=MODULE)).errors()
    told = [one for one in found if one.code == code]
    assert told, found
    assert any(words in one.detail or words in one.fix for one in told), told


@pytest.mark.parametrize("key", ["name", "entry"])
def test_a_wrong_value_is_told_once_where_it_goes_into_tags_too(key: str) -> None:
    """The kind: what stands for a wrong value is no further problem."""
    tags = {
        "name": '[{"Key": vars.marks, "Value": "a"}]',
        "entry": 'vars.marks.map(one, {"Key": one, "Value": one})',
    }
    module = MODULE.replace("size: {", "marks: {type: list<string>}\n    size: {").replace(
        'Name: "${vars.name}"', f"Name: \"${{vars.name}}\", Tags: '${{{tags[key]}}}'"
    )
    use = "  resources:\n    x: {module: modules/crate, values: {name: a, marks: 3}}\n"
    found = load_spec(use, **paths(crate=module)).errors()
    assert [one.code for one in found] == ["variable-value"]


def test_a_problem_inside_names_the_line_that_uses_the_module() -> None:
    spec = "  resources:\n    crate:\n      module: modules/crate\n      values: {name: UPPER}\n"
    found = load_spec(spec, **paths(crate=MODULE)).errors()
    assert {one.code for one in found} == {"property-value"}
    first = found[0]
    assert (first.file, first.line) == ("modules/crate/module.yaml", 9)
    assert [str(one) for one in first.used_at] == ["specs/dev/demo.yaml:6:5"]
    assert first.environment == "dev"


def test_what_is_wrong_with_a_module_is_told_with_the_stack_that_it_stops() -> None:
    """The kind: a plan that says that a file has problems, and not which."""
    inner = MODULE.replace("Size:", "Sice:")
    outer = (
        "apiVersion: gitbot/v1\nkind: Module\nmetadata: {name: outer}\nspec:\n"
        "  resources: {crate: {module: modules/crate, values: {name: a}}}\n"
    )
    other = MODULE.replace("Size:", "Size_of_nobody:")
    loaded = load_spec(
        "  resources: {box: {module: modules/outer}}\n",
        **paths(crate=inner, outer=outer, other=other),
    )
    told = loaded.with_causes(loaded.errors("dev"))
    assert [(one.file, one.code) for one in told] == [
        ("specs/dev/demo.yaml", "module-broken"),
        ("modules/outer/module.yaml", "module-broken"),
        ("modules/crate/module.yaml", "unknown-property"),
    ]
    assert loaded.with_causes(()) == ()


def test_a_broken_module_stops_who_uses_it_and_nobody_else() -> None:
    broken = MODULE.replace("Size:", "Sice:")
    other = HEAD.replace("demo", "other") + "  resources: {}\n"
    found = load_spec(
        "  resources: {crate: {module: modules/crate, values: {name: a}}}\n",
        **paths(crate=broken),
        **{"specs/dev/other.yaml": other},
    )
    assert codes(found) == ["unknown-property", "module-broken"]
    assert [one.file for one in found.errors()] == [
        "modules/crate/module.yaml",
        "specs/dev/demo.yaml",
    ]
    assert [one.name for one in found.stacks] == ["other"]
    unused = load_files(
        {"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/other.yaml": other}
        | paths(crate=broken)
    )
    assert codes(unused) == ["unknown-property"]
    assert unused.errors("dev") == ()
    assert unused.errors() != ()


def test_a_circle_of_modules_is_told_with_its_way() -> None:
    ring = """apiVersion: gitbot/v1
kind: Module
metadata: {name: %s}
spec: {resources: {inner: {module: modules/%s}}}
"""
    found = load_spec(
        "  resources: {}\n", **paths(a=ring % ("a", "b"), b=ring % ("b", "a"))
    ).errors()
    assert any("modules/b → modules/a → modules/b" in one.detail for one in found), found


@pytest.mark.parametrize(
    "spec",
    [
        "  locals: {a: '${locals.b}', b: '${locals.a}'}\n  resources: {}\n",
        "  locals: {a: '${box.Name}'}\n"
        "  resources: {box: {type: Test::Box, properties: {Name: '${locals.a}'}}}\n",
        "  resources: {crate: {module: modules/crate, values: {name: '${crate.name}'}}}\n",
    ],
)
def test_a_circle_of_names_is_told(spec: str) -> None:
    assert codes(load_spec(spec, **paths(crate=MODULE))) == ["cycle"]


def test_whether_an_unknown_is_asked_for_is_never_guessed() -> None:
    """``has``, ``in`` and whole maps would differ before and after the apply."""
    spec = (
        USE
        + "  outputs:\n"
        + "    has: '${has(crate.small.arn)}'\n"
        + "    within: '${\"arn\" in crate.small}'\n"
        + "    whole: '${crate.small}'\n"
        + "    count: '${size(crate.small)}'\n"
        + "    keys: '${crate.map(key, key)}'\n"
    )
    outputs = loaded(spec).outputs
    assert [name for name, one in outputs.items() if is_known(one.value)] == ["keys"]
    assert outputs["keys"].value == ["large", "small"]


@pytest.mark.parametrize(
    ("moved", "former"),
    [
        (
            "{from: crates, to: crate}",
            {
                f'crate["{size}"].{part}': f'crates["{size}"].{part}'
                for size in ("small", "large")
                for part in ("box", "lid")
            },
        ),
        ("{from: tag, to: label}", {"label": "tag"}),
        (
            "{from: old, to: 'crate[\"small\"]'}",
            {'crate["small"].box': "old.box", 'crate["small"].lid': "old.lid"},
        ),
        ("{from: one, to: 'crate[\"small\"].box'}", {'crate["small"].box': "one"}),
    ],
)
def test_a_move_covers_everything_below_its_address(moved: str, former: dict[str, str]) -> None:
    stack = loaded(f"{USE}  moved: [{moved}]\n")
    found = {at: one.lifecycle.moved for at, one in stack.resources.items() if one.lifecycle.moved}
    assert found == former


def test_a_module_tells_the_moves_inside_of_it() -> None:
    module = MODULE + "  moved: [{from: carton, to: box}]\n"
    stack = loaded(USE, module)
    assert stack.resources[Address('crate["large"].box')].lifecycle.moved == 'crate["large"].carton'


@pytest.mark.parametrize(
    ("moved", "former"),
    [
        ("{from: a, to: b}, {from: b, to: label}", ["b", "a"]),
        ("{from: b, to: label}, {from: a, to: b}", ["b", "a"]),
        ("{from: a, to: label}, {from: label, to: a}", ["a"]),
        ("{from: a, to: b}, {from: c, to: b}, {from: b, to: label}", ["b", "a", "c"]),
        ("{from: 'crate[\"small\"].box', to: b}, {from: b, to: label}", ["b"]),
    ],
)
def test_moves_are_followed_one_after_the_other(moved: str, former: list[str]) -> None:
    stack = loaded(f"{USE}  moved: [{moved}]\n")
    assert list(stack.resources[Address("label")].lifecycle.former) == former
    assert stack.hash != loaded(f"{USE}  moved: [{{from: {former[0]}, to: label}}]\n").hash or (
        len(former) == 1
    )


def test_a_module_and_what_is_in_it_can_be_renamed_in_one_apply() -> None:
    module = MODULE + "  moved: [{from: carton, to: box}]\n"
    stack = loaded(USE + "  moved: [{from: old, to: crate}]\n", module)
    assert stack.resources[Address('crate["small"].box')].lifecycle.former == (
        'crate["small"].carton',
        'old["small"].box',
        'old["small"].carton',
    )
    assert stack.resources[Address('crate["small"].lid')].lifecycle.former == ('old["small"].lid',)


@pytest.mark.parametrize(
    ("spec", "code", "words"),
    [
        ("  moved: [{from: a, to: b}]\n", "moved-nowhere", "there is nothing"),
        ("  moved: [{from: 'a b', to: label}]\n", "bad-value", "an address such as"),
        ("  removed: [{from: 'old[small]', keep: true}]\n", "bad-value", "an address such as"),
        (
            "  moved: [{from: label, to: 'crate[\"small\"].box'}]\n",
            "moved-still-desired",
            "label is still declared",
        ),
        (
            "  moved: [{from: a, to: label}, {from: a, to: 'crate[\"small\"].box'}]\n",
            "duplicate-move",
            "Both crate",
        ),
        ("  removed: [{from: crate}]\n", "removed-still-desired", "crate is said to be removed"),
    ],
)
def test_a_move_that_cannot_be_is_told(spec: str, code: str, words: str) -> None:
    found = load_spec(USE + spec, **paths(crate=MODULE)).errors()
    assert [one.code for one in found] == [code]
    assert words in found[0].detail or words in found[0].fix


def test_a_swap_by_moves_says_how_it_is_done() -> None:
    swap = "  moved: [{from: label, to: other}, {from: other, to: label}]\n"
    box = "    other: {type: Test::Box, properties: {Name: other}}\n"
    found = load_spec(USE + box + swap, **paths(crate=MODULE)).errors()
    assert {one.code for one in found} == {"moved-still-desired"}
    assert all("a third name" in one.fix for one in found)


def test_what_was_removed_and_is_kept_is_part_of_what_an_apply_would_do() -> None:
    stack = loaded(USE + "  removed: [{from: old, keep: true}, {from: older}]\n")
    assert stack.forgotten == {"old"}
    assert stack.hash != loaded(USE).hash


@pytest.mark.parametrize(
    ("type_", "value", "why"),
    [
        ("list<string>", "[a, b]", None),
        ("list<string>", "[a, 1]", "has at [1] a number, not a string"),
        ("map<number>", "{a: 1}", None),
        ("map<list<cidr>>", "{a: [10.0.0.1/8]}", "not a block"),
        ("object<name: string, days?: number>", "{name: a}", None),
        ("object<name: string, days?: number>", "{name: a, days: b}", "has at days a string"),
        ("object<name: string, days?: number>", "{days: 3}", "has no field name"),
        ("object<name: string>", "{name: a, nam: b}", "has the field nam"),
        ("list<object<name: string>>", "[{name: a}, {}]", "has at [1] no field name"),
    ],
)
def test_variables_have_types_of_items_and_fields(type_: str, value: str, why: str | None) -> None:
    spec = f"  variables: {{v: {{type: '{type_}'}}}}\n  values: {{v: {value}}}\n  resources: {{}}\n"
    found = load_spec(spec).errors()
    assert [one.code for one in found] == ([] if why is None else ["variable-value"])
    assert why is None or why in found[0].detail


@pytest.mark.parametrize(
    "type_",
    [
        "strin",
        "list<",
        "list<string",
        "list<string>>",
        "object",
        "object<a>",
        "object<a: string, a: string>",
        "map<->",
        "list<" * 9 + "string" + ">" * 9,
    ],
)
def test_a_type_that_is_none_is_told(type_: str) -> None:
    spec = f"  variables: {{v: {{type: '{type_}', default: 1}}}}\n  resources: {{}}\n"
    assert codes(load_spec(spec)) == ["bad-value"]


@pytest.mark.parametrize(
    ("check", "value", "code"),
    [
        ("${value >= 30}", "30", None),
        ("${value >= 30}", "29", "variable-value"),
        ("${value}", "30", "wrong-type"),
        ("${valu}", "30", "unknown-name"),
    ],
)
def test_a_check_judges_the_value(check: str, value: str, code: str | None) -> None:
    spec = (
        f"  variables: {{v: {{type: number, check: {{that: '{check}', says: a month at least}}}}}}\n"
        f"  values: {{v: {value}}}\n  resources: {{}}\n"
    )
    found = load_spec(spec).errors()
    assert [one.code for one in found] == ([] if code is None else [code])
    assert code != "variable-value" or "a month at least" in found[0].detail


def test_the_lines_of_a_value_of_a_sensitive_variable_are_covered_where_they_stand() -> None:
    module = MODULE.replace(
        "size: {type: number, default: 1}",
        "pw: {type: string, sensitive: true, default: by-default}\n    size: {type: number, default: 1}",
    ).replace('Size: "${vars.size}"', 'Size: "${vars.size}", Secret: "${vars.pw}"')
    outer = """apiVersion: gitbot/v1
kind: Module
metadata: {name: pallet}
spec:
  resources:
    crate:
      module: modules/crate
      values:
        name: a
        pw: inside-of-it
"""
    spec = (
        "  resources:\n"
        "    pallet: {module: modules/pallet}\n"
        "    crate:\n"
        "      module: modules/crate\n"
        "      values:\n"
        "        name: b\n"
        "        pw: hush-hush\n"
        "    box: {type: Test::Box, properties: {Name: UPPER, Secret: hush-hush}}\n"
    )
    found = load_spec(spec, **paths(crate=module, pallet=outer))
    assert found.covered == {
        "modules/crate/module.yaml": ((7, 7),),
        "modules/pallet/module.yaml": ((10, 1_000_000_000),),
        "specs/dev/demo.yaml": ((11, 11),),
    }
    assert codes(found) == ["property-value"]
    assert {"by-default", "inside-of-it", "hush-hush"} <= set(found.secrets.texts)


def test_an_address_that_no_tag_can_hold_is_told() -> None:
    key = "ä" * 60
    spec = f"  resources: {{box: {{type: Test::Box, forEach: [{key}], properties: {{Name: a}}}}}}\n"
    assert codes(load_spec(spec)) == ["bad-name"]
    short = spec.replace(key, "ä" * 40)
    assert codes(load_spec(short)) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-file"),
        ("kind: Module\n  bad: [", "yaml-syntax"),
        (HEAD + "  resources: {}\n", "misplaced-file"),
        (f"{MODULE}---\n{MODULE}", "misplaced-file"),
        (MODULE.replace("outputs:", "output:"), "unknown-field"),
        (MODULE.replace("spec:", "specs:"), "missing-field"),
    ],
)
def test_a_module_file_of_a_wrong_form_is_told_and_stops_who_uses_it(text: str, code: str) -> None:
    spec = "  resources: {crate: {module: modules/crate, values: {name: a}}}\n"
    found = load_spec(spec, **paths(crate=text)).errors()
    assert (found[0].file, found[0].code) == ("modules/crate/module.yaml", code)
    assert (found[-1].file, found[-1].code) == ("specs/dev/demo.yaml", "module-broken")


def test_a_module_that_is_no_plain_file_is_not_followed() -> None:
    link = TreeEntry(kind=EntryKind.SYMLINK, content=b"/etc/passwd", size_bytes=11)
    files = {"specs/dev/environment.yaml": ENVIRONMENT, "modules/crate/module.yaml": link}
    assert codes(load_files(files)) == ["not-a-file"]


def test_modules_are_ten_deep_at_most() -> None:
    def level(number: int) -> str:
        inner = f"inner: {{module: modules/m{number + 1}}}" if number < 12 else ""
        return (
            f"apiVersion: gitbot/v1\nkind: Module\nmetadata: {{name: m{number}}}\n"
            f"spec: {{resources: {{{inner}}}}}\n"
        )

    modules = {f"m{number}": level(number) for number in range(2, 13)}
    assert codes(load_spec("  resources: {}\n", **paths(**modules))).count("module-circle") == 1
    fits = {f"m{number}": level(number) for number in range(3, 13)}
    spec = "  resources: {a: {module: modules/m3}}\n"
    assert codes(load_spec(spec, **paths(**fits))) == []


ONE_OF = """  resources:
    crate:
      module: modules/crate
      forEach: [small, large]
      values: {name: "x-${each.key}"}
    plain: {type: Test::Box, forEach: [small, large], properties: {Name: "p-${each.key}"}}
    user:
      type: Test::Box
"""
SMALL, LARGE = {'crate["small"].box'}, {'crate["large"].box'}


@pytest.mark.parametrize(
    ("items", "needed"),
    [
        ('crate["large"].arn', LARGE),
        ("crate.small.arn", SMALL),
        ("crate['small'].arn + crate.large.arn", SMALL | LARGE),
        ('crate["sm" + "all"].arn', SMALL | LARGE),
        ("crate.map(k, crate[k].arn)[0]", SMALL | LARGE),
        ('crate["none" == env.name ? "small" : "large"].arn', SMALL | LARGE),
        ('crate.large != null ? "a" : "b"', LARGE),
        ('plain["small"].Arn', {'plain["small"]'}),
        ("string(size(crate))", SMALL | LARGE),
    ],
)
def test_a_resource_depends_on_the_copies_that_it_names(items: str, needed: set[str]) -> None:
    text = f"{ONE_OF}      properties:\n        Name: user\n        Items:\n          - >-\n            ${{{items}}}\n"
    assert loaded(text).resources[Address("user")].depends_on == needed


TWO = (
    "apiVersion: gitbot/v1\nkind: Module\nmetadata: {name: two}\nspec:\n"
    "  variables: {of: {type: string}}\n"
    "  resources:\n"
    "    quick: {type: Test::Box, properties: {Name: quick}}\n"
    "    slow: {type: Test::Box, properties: {Name: slow}}\n"
    "  outputs: {quick: '${quick.Arn}', slow: '${slow.Arn}', of: '${vars.of}', plain: text}\n"
)


@pytest.mark.parametrize(
    ("items", "needed"),
    [
        ("two.quick", {"two.quick"}),
        ("two['slow']", {"two.slow"}),
        ("two.quick + two.slow", {"two.quick", "two.slow"}),
        ("two.of", {"first"}),
        ("two.plain", set()),
        ("outer.one", {"outer.two.slow"}),
        ("locals.one", {"two.slow"}),
        ('two["qu" + "ick"]', {"two.quick", "two.slow", "first"}),
        ("string(size(two))", {"two.quick", "two.slow", "first"}),
    ],
)
def test_what_uses_an_output_of_a_module_waits_for_what_that_comes_from(
    items: str, needed: set[str]
) -> None:
    """The kind: a consumer of one output that waits for the slowest resource of the module."""
    outer = (
        "apiVersion: gitbot/v1\nkind: Module\nmetadata: {name: outer}\nspec:\n"
        "  resources: {two: {module: modules/two, values: {of: x}}}\n"
        "  outputs: {one: '${two.slow}', other: '${two.quick}'}\n"
    )
    text = f"""  resources:
    first: {{type: Test::Box, properties: {{Name: first}}}}
    two: {{module: modules/two, values: {{of: "${{first.Arn}}"}}}}
    outer: {{module: modules/outer}}
    user:
      type: Test::Box
      properties:
        Name: user
        Items:
          - >-
            ${{{items}}}
  locals: {{one: "${{two.slow}}"}}
"""
    found = load_spec(text, **paths(two=TWO, outer=outer))
    assert found.errors() == ()
    [stack] = found.stacks
    assert stack.resources[Address("user")].depends_on == needed


def test_a_copy_depends_on_the_copy_of_its_own_key() -> None:
    stack = loaded(
        ONE_OF.partition("    user")[0]
        + """    next:
      type: Test::Box
      forEach: [small, large]
      properties: {Name: "n-${each.key}", Items: ["${plain[each.key].Arn}", "${crate[each.key].arn}"]}
  locals: {one: '${plain["small"].Arn}'}
  outputs: {one: "${locals.one}"}
"""
    )
    needed = {address: set(one.depends_on) for address, one in stack.resources.items()}
    assert needed[Address('next["small"]')] == {'plain["small"]', *SMALL}
    assert needed[Address('next["large"]')] == {'plain["large"]', *LARGE}


def test_what_a_module_is_given_of_one_copy_reaches_what_uses_it_inside() -> None:
    stack = loaded(
        """  resources:
    plain: {type: Test::Box, forEach: [small, large], properties: {Name: "p-${each.key}"}}
    crate:
      module: modules/crate
      forEach: [small, large]
      values: {name: "x-${plain[each.key].Arn}"}
    last:
      module: modules/crate
      values: {name: "y-${locals.one}"}
  locals: {one: '${plain["large"].Arn}'}
"""
    )
    needed = {address: set(one.depends_on) for address, one in stack.resources.items()}
    assert needed[Address('crate["small"].box')] == {'plain["small"]'}
    assert needed[Address("last.box")] == {'plain["large"]'}
    assert needed[Address("last.lid")] == {"last.box"}


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("modules/crete", MODULE),
        ("modules/crate", MODULE.replace("Name:", "Nome:", 1)),
        ("modules/crate", "{"),
    ],
)
def test_what_is_given_to_a_module_that_cannot_be_read_counts_as_sensitive(
    module: str, text: str
) -> None:
    spec = (
        "  resources:\n"
        "    crate:\n"
        f"      module: {module}\n"
        "      values:\n"
        "        name: hush-hush\n"
        "        more: {deep: ['${\"also-hushed\" + env.name}']}\n"
        "    box: {type: Test::Box, properties: {Name: hush-hush-not, Nome: in-plain}}\n"
    )
    found = load_spec(spec, **paths(crate=text))
    assert {"hush-hush", "also-hushed"} <= set(found.secrets.texts)
    assert "in-plain" not in found.secrets.texts
    assert found.covered["specs/dev/demo.yaml"][0][0] == 9
    assert not any("hush-hush" in f"{one.detail}{one.fix}" for one in found.errors())


IMPORTS = (
    "  imports:\n    - {to: label, id: box-1}\n    - {to: 'crate[\"small\"].box', id: box-2}\n"
)


def test_a_copy_and_what_is_in_a_module_are_imported_by_address() -> None:
    stack = loaded(USE + IMPORTS)
    ids = {at: one.lifecycle.import_id for at, one in stack.resources.items()}
    assert (ids[Address("label")], ids[Address('crate["small"].box')]) == ("box-1", "box-2")
    assert sum(one is not None for one in ids.values()) == 2
    assert stack.hash != loaded(USE).hash


@pytest.mark.parametrize(
    ("entry", "code", "words"),
    [
        ("{to: crate, id: x}", "import-nowhere", "is not one object"),
        ("{to: 'crate[\"none\"].box', id: x}", "import-nowhere", "is nothing in this stack"),
        ("{to: 'crate[small].box', id: x}", "bad-value", "an address such as"),
        ("{to: label}", "missing-field", "id"),
        ("{to: label, id: 7}", "wrong-type", "string"),
        ("{to: label, id: x}, {to: label, id: y}", "duplicate-import", "said twice"),
        (
            "{to: label, id: x}, {to: 'crate[\"small\"].box', id: x}",
            "duplicate-import",
            "both import",
        ),
    ],
)
def test_an_import_that_cannot_be_is_told(entry: str, code: str, words: str) -> None:
    found = load_spec(f"{USE}  imports: [{entry}]\n", **paths(crate=MODULE)).errors()
    assert code in [one.code for one in found]
    assert any(words in one.detail or words in one.fix for one in found)


def test_a_module_imports_nothing() -> None:
    module = MODULE + "  imports: [{to: box, id: x}]\n"
    found = load_spec(USE, **paths(crate=module)).errors()
    assert "unknown-field" in [one.code for one in found]

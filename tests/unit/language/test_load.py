"""Trees of files to environments, stacks and diagnostics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from gitbot.language.assemble import MOST_PER_FILE
from gitbot.language.codes import SUMMARIES
from gitbot.language.files import LARGEST_FILE_BYTES, MOST_FILES
from gitbot.language.hashing import keyed_hash
from gitbot.model.desired import ChangedPlan, DesiredStack, Grant, Permission, Requirement, Trigger
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import Address
from gitbot.model.schema import ReplaceOrder, Route
from gitbot.model.tree import EntryKind, TreeEntry
from gitbot.model.values import Sensitive, Unknown, redactor
from gitbot.render.terminal import diagnostic_lines
from gitbot.render.views import Excerpts
from tests.unit.language.specs_by_hand import (
    ENVIRONMENT,
    HEAD,
    TYPES,
    box,
    codes,
    load_files,
    load_spec,
    properties,
    whole,
)


def test_a_stack_is_evaluated_with_its_variables_environment_and_labels() -> None:
    loaded = load_files(
        {
            "specs/dev/environment.yaml": ENVIRONMENT,
            "specs/dev/a/b.yml": """
apiVersion: gitbot/v1
kind: Stack
metadata: {name: demo, labels: {owner: me, env: mine}}
spec:
  variables:
    size: {type: number, default: 2}
    where: {type: string, default: "${env.region}-${stack.labels.owner}"}
  values: {size: 3}
  resources:
    box:
      type: Test::Box
      properties:
        Name: ${env.project}-${env.name}-${stack.name}
        Size: ${vars.size}
        Tags: [{Key: Name, Value: "${vars.where}"}, {Key: owner, Value: you}]
  outputs:
    name: ${box.Name}
    arn: {value: "${box.Arn}", description: where it is}
""",
        }
    )
    assert loaded.errors() == ()
    (stack,) = loaded.stacks
    assert (stack.environment, stack.name, stack.region) == ("dev", "demo", "us-east-1")
    assert stack.resources[Address("box")].properties == {
        "Name": "ml-dev-demo",
        "Size": 3,
        "Tags": [
            {"Key": "Name", "Value": "us-east-1-me"},
            {"Key": "env", "Value": "mine"},
            {"Key": "owner", "Value": "you"},
        ],
    }
    assert stack.outputs["name"].value == "ml-dev-demo"
    assert stack.outputs["arn"].value == Unknown(
        template="${box.Arn}", references={"box": Address("box")}
    )
    assert stack.outputs["arn"].description == "where it is"


def test_an_environment_has_careful_defaults() -> None:
    environment = load_files({"specs/dev/environment.yaml": ENVIRONMENT}).environments["dev"]
    assert environment.triggers == {Trigger.MERGE, Trigger.COMMENT}
    assert environment.changed_plan is ChangedPlan.HOLD
    assert environment.requirements == {Requirement.NO_CONFLICT}
    assert environment.grants == {}
    assert environment.variables["ports"] == [22, 443]


def test_every_field_of_an_environment_is_read() -> None:
    loaded = load_files(
        {
            "specs/qa/environment.yaml": """
apiVersion: gitbot/v1
kind: Environment
metadata: {name: qa}
spec:
  region: eu-west-1
  account: "123456789012"
  roles: {plan: "arn:aws:iam::123456789012:role/p", apply: "arn:aws:iam::123456789012:role/a"}
  variables: {policy: "$${aws:username}"}
  tags: {team: ml}
  apply: {on: [merge], changedPlan: apply}
  requirements: []
  permissions:
    plan: {permission: read}
    apply: {users: [mona], teams: [org/ops]}
"""
        }
    )
    assert loaded.errors() == ()
    environment = loaded.environments["qa"]
    assert environment.account == "123456789012"
    assert environment.roles.apply == "arn:aws:iam::123456789012:role/a"
    assert environment.variables == {"policy": "${aws:username}"}
    assert environment.tags == {"team": "ml"}
    assert environment.triggers == {Trigger.MERGE}
    assert environment.changed_plan is ChangedPlan.APPLY
    assert environment.requirements == frozenset()
    assert environment.grants["plan"] == Grant(permission=Permission.READ)
    assert environment.grants["apply"] == Grant(
        permission=None, users=frozenset({"mona"}), teams=frozenset({"org/ops"})
    )


def test_a_lifecycle_is_read() -> None:
    stack = whole(
        "  resources:\n"
        "    first: {type: Test::Box, properties: {Name: a}}\n"
        "    box:\n"
        "      type: Test::Box\n"
        "      properties: {Name: b}\n"
        "      lifecycle: {protect: true, ignoreChanges: [/Tags], ignoreDrift: [/Size], replace: delete-first,\n"
        "        retain: true, emptyOnDelete: true, dependsOn: [first], moved: crate, import: id-1}\n"
    )
    one = stack.resources[Address("box")]
    assert one.depends_on == {"first"}
    assert one.lifecycle.protect
    assert one.lifecycle.retain
    assert one.lifecycle.empty_on_delete
    assert one.lifecycle.ignore_changes == ("/Tags",)
    assert one.lifecycle.may_drift == ("/Size",)
    assert one.lifecycle.untold == ("/Tags", "/Size")
    assert one.lifecycle.replace is ReplaceOrder.DELETE_FIRST
    assert one.lifecycle.moved == "crate"
    assert one.lifecycle.import_id == "id-1"


def test_known_attributes_flow_between_resources_in_any_order() -> None:
    spec = (
        "  resources:\n"
        '    b: {type: Test::Box, properties: {Name: "${a.Name}-b", Secret: "${c.Arn}"}}\n'
        '    a: {type: Test::Box, properties: {Name: "${c.Name}-a"}}\n'
        "    c: {type: Test::Box, properties: {Name: c, Size: 2}}\n"
    )
    assert properties(spec, "b")["Name"] == "c-a-b"
    assert properties(spec, "b")["Secret"] == Unknown(
        template="${c.Arn}", references={"c": Address("c")}
    )
    stack = whole(spec)
    assert {name: set(one.depends_on) for name, one in stack.resources.items()} == {
        "c": set(),
        "a": {"c"},
        "b": {"a", "c"},
    }


def test_a_property_that_the_spec_leaves_to_the_cloud_is_unknown() -> None:
    spec = (
        "  resources:\n"
        "    box: {type: Test::Box, properties: {Name: a}}\n"
        '  outputs: {size: "${box.Size}"}\n'
    )
    assert isinstance(whole(spec).outputs["size"].value, Unknown)


def test_sensitive_values_stay_hidden_through_resources_and_outputs() -> None:
    spec = (
        "  variables: {pw: {type: string, sensitive: true, default: hunter2}}\n"
        "  resources:\n"
        '    box: {type: Test::Box, properties: {Name: a, Secret: "${vars.pw}"}}\n'
        "  outputs:\n"
        '    secret: {value: "${box.Secret}!", sensitive: true}\n'
        '    listed: {value: ["${vars.pw}", "${box.Arn}"], sensitive: true}\n'
    )
    stack = whole(spec)
    assert properties(spec)["Secret"] == Sensitive("hunter2")
    assert stack.outputs["secret"].value == Sensitive("hunter2!")
    assert stack.outputs["listed"].value == [
        Sensitive("hunter2"),
        Unknown(template="${box.Arn}", references={"box": Address("box")}, sensitive=True),
    ]
    assert "hunter2" not in repr(stack)


def test_an_output_must_say_that_it_is_sensitive() -> None:
    spec = (
        "  variables: {pw: {type: string, sensitive: true, default: hunter2}}\n"
        "  resources: {}\n"
        '  outputs: {x: "${vars.pw}"}\n'
    )
    (found,) = load_spec(spec).errors()
    assert found.code == "sensitive-output"
    assert "hunter2" not in found.detail + found.fix


VARIABLES = [
    ("type: strng", "bad-value"),
    ("default: 1", "missing-field"),
    ("type: string, default: 1", "bad-default"),
    ("type: number, default: true", "bad-default"),
    ("type: boolean, default: 'true'", "bad-default"),
    ("type: list, default: {}", "bad-default"),
    ("type: map, default: []", "bad-default"),
    ("type: cidr, default: 10.0.0.1/8", "bad-default"),
    ("type: cidr, default: 10.0.0.1", "bad-default"),
    ("type: cidr, default: fe80::/10/2", "bad-default"),
    ("type: duration, default: 5 days", "bad-default"),
    ("type: duration, default: 1h2d", "bad-default"),
    ("type: duration, default: ''", "bad-default"),
    ("type: number, enum: [0, 2], default: false", "bad-default"),
    ("type: string, enum: [a, 1], default: a", "bad-value"),
    ("type: string, enum: a, default: a", "bad-value"),
    ("type: string, pattern: '[a-z]+', default: a1", "bad-default"),
    ("type: string, pattern: '(', default: a1", "bad-value"),
    ("type: string, pattern: '(a|a)*(b|b)*c', default: " + "a" * 40 + "b" * 40, "bad-default"),
    ("type: string, default: '${vars.y}'", "unknown-name"),
    ("type: string, default: '${box.Arn}'", "unknown-name"),
    ("type: string", "missing-variable"),
]


@pytest.mark.parametrize(("declaration", "code"), VARIABLES)
def test_a_wrong_variable_is_one_diagnostic_and_no_more(declaration: str, code: str) -> None:
    spec = (
        f"  variables: {{x: {{{declaration}}}}}\n"
        '  resources: {box: {type: Test::Box, properties: {Name: "${vars.x}", Items: [a]}}}\n'
    )
    assert codes(load_spec(spec)) == [code]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", "a"),
        ("number", 1.5),
        ("boolean", "false"),
        ("list", "[1, {a: 2}]"),
        ("map", "{a: [1]}"),
        ("cidr", "10.0.0.0/8"),
        ("cidr", "2001:db8::/32"),
        ("duration", "1d12h30m5s"),
        ("duration", "72h"),
    ],
)
def test_a_fitting_value_is_taken(kind: str, value: object) -> None:
    spec = f"  variables: {{x: {{type: {kind}}}}}\n  values: {{x: {value}}}\n  resources: {{}}\n"
    assert load_spec(spec).errors() == ()


def test_a_value_without_a_declaration_is_named_with_the_nearest_one() -> None:
    spec = (
        "  variables: {my_ip: {type: string, default: a}}\n  values: {my_pi: b}\n  resources: {}\n"
    )
    (found,) = load_spec(spec).errors()
    assert (found.code, found.line, found.column) == ("unknown-variable", 6, 12)
    assert found.fix == 'Did you mean "my_ip"?'


PROPERTIES = [
    ("Nam: a, Name: b", "unknown-property", "Its properties: Endpoint"),
    ("Name: a, Itms: []", "unknown-property", 'Did you mean "Items"?'),
    ("Size: 1", "missing-property", "Add Name."),
    ("Name: a, Size: '3'", "property-type", "Write 3, without quotes"),
    ("Name: a, On: 'yes'", "property-type", "Write true, without quotes"),
    ("Name: 5", "property-type", "Put it in quotes: '5'"),
    ("Name: a, Items: x", "property-type", "Write a list"),
    ("Name: A", "property-value", "It must match"),
    ("Name: a, Size: 0", "property-value", "Write a number from 1."),
    ("Name: a, Mode: enabled", "property-value", 'Did you mean "Enabled"?'),
    ("Name: a, Items: [x, x]", "property-value", "Remove the repetition."),
    ("Name: a, Arn: x", "read-only-property", "${box.Arn}"),
    ("Name: a, Endpoint: {Address: x}", "read-only-property", "${box.Endpoint.Address}"),
    ("Name: a, Endpoint: {Prt: 1}", "unknown-property", 'Did you mean "Port"?'),
    ("Name: a, Tags: x", "bad-tags", "Write the tags out"),
    ("Name: a, Tags: [{Key: a, Value: b}, {Key: a, Value: c}]", "bad-tags", "Keep one"),
    ("Name: a, Tags: [{Key: 'aws:x', Value: b}]", "reserved-tag", "Choose another"),
    ("Name: a, $gitbot: unknown", "reserved-key", "Choose another"),
    ("Name: a, '${env.name}': 1", "expression-in-key", "Write the key out"),
    ("Name: '${env.nme}'", "unknown-name", 'Did you mean "name"?'),
    ("Name: '${vars.x}'", "unknown-name", "Declare x in spec.variables."),
    ("Name: '${evn.name}'", "unknown-name", 'Did you mean "env"?'),
    (
        "Name: '${var.size}'",
        "bad-expression",
        "Write ${vars.size}: a stack's variables are called vars.",
    ),
    (
        "Name: '${local.size}'",
        "unknown-name",
        "The root is called locals",
    ),
    (
        "Name: '${aws_s3_bucket.b.arn}'",
        "unknown-name",
        "Name a resource by its key below spec.resources: ${bucket.Arn}.",
    ),
    ("Name: '${each.key}'", "unknown-name", "Give the entry a forEach"),
    ("Name: a, Secret: '${other.Nme}'", "unknown-attribute", 'Did you mean "Name"?'),
    ("Name: a, Secret: '${othr.Name}'", "unknown-name", 'Did you mean "other"?'),
    ("Name: a, Items: '${[other]}'", "bare-resource", "${other."),
    ("Name: a, On: '${has(other.Arn)}'", "has-on-resource", "Use the attribute itself."),
    ("Name: a, Items: '${[1].map(other, other)}'", "bad-expression", "another name"),
    ("Name: '${env.nested.deep.rest}'", "expression-failed", "Correct the name"),
]


@pytest.mark.parametrize("tags", ["{a: b}", "x", "[x]", "[{Value: b}]", "[{Key: [a], Value: b}]"])
def test_wrong_tags_are_told_once(tags: str) -> None:
    found = load_spec(box(f"Name: a, Tags: {tags}")).errors()
    assert [one.code for one in found] == ["bad-tags"]


@pytest.mark.parametrize(("written", "code", "fix"), PROPERTIES)
def test_a_wrong_property_is_told_with_its_remedy(written: str, code: str, fix: str) -> None:
    spec = box(written) + "    other: {type: Test::Box, properties: {Name: o}}\n"
    found = [one for one in load_spec(spec).errors() if one.code == code]
    assert len(found) == 1, codes(load_spec(spec))
    assert fix in found[0].fix
    assert (found[0].environment, found[0].stack, found[0].file) == (
        "dev",
        "demo",
        "specs/dev/demo.yaml",
    )


def test_problems_stand_where_they_were_written() -> None:
    spec = (
        "  resources:\n"
        "    box:\n"
        "      type: Test::Box\n"
        "      properties:\n"
        "        Size: 'x'\n"
        "        Items: [a, 5]\n"
        "        Nope: 1\n"
    )
    assert [(one.code, one.line, one.column) for one in load_spec(spec).errors()] == [
        ("missing-property", 6, 5),
        ("property-type", 9, 15),
        ("property-type", 10, 20),
        ("unknown-property", 11, 9),
    ]


def test_unknown_leaves_pass_every_keyword_and_sensitive_ones_are_checked_unseen() -> None:
    spec = (
        "  variables: {pw: {type: string, sensitive: true, default: HUNTER}}\n"
        + box("Name: '${vars.pw}', Size: '${o.Arn}', Mode: '${o.Arn}', Items: ['${o.Arn}']")
        + "    o: {type: Test::Box, properties: {Name: o}}\n"
    )
    (found,) = load_spec(spec).errors()
    assert found.code == "property-value"
    assert "HUNTER" not in found.detail + found.fix


def test_only_handled_paths_of_a_type_are_accepted() -> None:
    loaded = load_spec(
        "  resources:\n"
        "    a:\n"
        "      type: Test::Mapped\n"
        "      properties: {Name: a, Extra: b, Rules: [{Status: x}, {Prefix: y}]}\n"
    )
    assert [(one.code, one.column) for one in loaded.errors()] == [
        ("property-not-handled", 29),
        ("property-not-handled", 61),
    ]
    assert "Status" in loaded.errors()[1].fix


def test_tags_of_map_shape_are_merged_as_a_map() -> None:
    spec = "  resources: {a: {type: Test::Mapped, properties: {Tags: {zone: b}}}}\n"
    assert properties(spec, "a")["Tags"] == {"env": "dev", "zone": "b"}


def test_types_that_are_unknown_or_not_served_are_told_apart() -> None:
    loaded = load_spec(
        "  resources:\n    a: {type: Test::Bx}\n    b: {type: Test::Distant, properties: {Nme: x}}\n"
    )
    assert codes(loaded) == ["unknown-type", "type-not-served"]
    assert loaded.errors()[0].fix == 'Did you mean "Test::Box"?'
    assert "Test::Distant exists" in loaded.errors()[1].detail


@pytest.mark.parametrize(
    ("references", "cycles"),
    [
        ({"a": "b", "b": "a"}, ["a → b → a"]),
        ({"a": "a"}, ["a → a"]),
        ({"a": "b", "b": "c", "c": "b", "d": "a"}, ["b → c → b"]),
        ({"a": "b", "b": "a", "c": "d", "d": "c"}, ["a → b → a", "c → d → c"]),
    ],
)
def test_a_circle_is_reported_once_with_its_path(
    references: dict[str, str], cycles: list[str]
) -> None:
    spec = "  resources:\n" + "".join(
        f"    {key}: {{type: Test::Box, properties: {{Name: n, Secret: '${{{target}.Arn}}'}}}}\n"
        for key, target in references.items()
    )
    loaded = load_spec(spec)
    assert codes(loaded) == ["cycle"] * len(cycles)
    assert [one.detail.split(":")[0] for one in loaded.errors()] == cycles
    assert loaded.stacks == ()


def test_depends_on_counts_as_a_dependency() -> None:
    spec = (
        "  resources:\n"
        "    a: {type: Test::Box, properties: {Name: a}, lifecycle: {dependsOn: [b]}}\n"
        "    b: {type: Test::Box, properties: {Name: '${a.Name}'}}\n"
        "    c: {type: Test::Box, properties: {Name: c}, lifecycle: {dependsOn: [nope]}}\n"
    )
    assert codes(load_spec(spec)) == ["cycle", "unknown-dependency"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("    vars: {type: Test::Box, properties: {Name: a}}\n", "bad-name"),
        ("    loop: {type: Test::Box, properties: {Name: a}}\n", "bad-name"),
        ("    Big: {type: Test::Box, properties: {Name: a}}\n", "bad-name"),
        ("    a-b: {type: Test::Box, properties: {Name: a}}\n", "bad-name"),
        ("    a: {module: modules/x}\n", "unknown-module"),
        (
            "    a: {type: Test::Box, properties: {Name: a}, lifecycle: {onExpiry: x}}\n",
            "bad-value",
        ),
        ("    a: {type: Test::Box, properties: {Name: a}, lifecycle: {replace: x}}\n", "bad-value"),
        (
            "    a: {type: Test::Box, properties: {Name: a}, lifecycle: {protect: 'yes'}}\n",
            "wrong-type",
        ),
        (
            "    a: {type: Test::Box, properties: {Name: a}, lifecycle: {retian: true}}\n",
            "unknown-field",
        ),
        (
            "    a: {type: Test::Box, properties: {Name: a}, lifecycle: {ignoreChanges: [Tags]}}\n",
            "bad-value",
        ),
        (
            "    a: {type: Test::Box, properties: {Name: a}, lifecycle: {ignoreChanges: [/Tgs]}}\n",
            "unknown-property",
        ),
        (
            "    a: {type: Test::Box, properties: {Name: a}, lifecycle: {moved: a}}\n",
            "moved-still-desired",
        ),
        ("    a: {type: Test::Box, properties: [a]}\n", "wrong-type"),
        ("    a: {properties: {Name: a}}\n", "missing-field"),
        ("    a: [Test::Box]\n", "wrong-type"),
    ],
)
def test_a_wrong_resource_is_told(lines: str, code: str) -> None:
    loaded = load_spec(f"  resources:\n{lines}")
    assert code in codes(loaded)
    assert loaded.stacks == ()


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ("{name: Demo}", "bad-name"),
        ("{name: d, labels: {'gitbot:x': a}}", "reserved-tag"),
        ("{name: d, labels: {a: 1}}", "wrong-type"),
        ("{name: d, labels: {a: '${env.name}'}}", "no-expression-here"),
        ("{name: d, moved: d}", "bad-value"),
        ("{}", "missing-field"),
        ("{name: d, colour: red}", "unknown-field"),
    ],
)
def test_wrong_metadata_is_told(metadata: str, code: str) -> None:
    head = HEAD.replace("{name: demo}", metadata)
    files = {
        "specs/dev/environment.yaml": ENVIRONMENT,
        "specs/dev/a.yaml": head + "  resources: {}\n",
    }
    assert codes(load_files(files)) == [code]


DOCUMENTS = [
    ("# nothing\n", "empty-file"),
    ("- a\n", "wrong-type"),
    ("apiVersion: gitbot/v9\nkind: Stack\n", "bad-api-version"),
    ("apiVersion: gitbot/v1\n", "missing-field"),
    ("apiVersion: gitbot/v1\nkind: Stak\n", "unknown-kind"),
    ("apiVersion: gitbot/v1\nkind: [Stack]\n", "unknown-kind"),
    ("apiVersion: gitbot/v1\nkind: Module\n", "misplaced-file"),
    ("apiVersion: gitbot/v1\nkind: Policy\n", "not-yet"),
    (ENVIRONMENT, "misplaced-environment"),
    (HEAD + "  resources: {a: {module: x}}\n", "unknown-module"),
    (b"a: \xe9", "not-utf8"),
    (b"#" * (LARGEST_FILE_BYTES + 1), "file-too-large"),
    (TreeEntry(size_bytes=10_000_000), "file-too-large"),
    (TreeEntry(kind=EntryKind.SYMLINK), "not-a-file"),
    (TreeEntry(kind=EntryKind.SUBMODULE), "not-a-file"),
]


@pytest.mark.parametrize(("content", "code"), DOCUMENTS)
def test_a_wrong_file_is_told_and_the_others_are_loaded(
    content: str | bytes | TreeEntry, code: str
) -> None:
    files = {
        "specs/dev/environment.yaml": ENVIRONMENT,
        "specs/dev/good.yaml": HEAD.replace("demo", "good") + "  resources: {}\n",
        "specs/dev/wrong.yaml": content,
    }
    loaded = load_files(files)
    assert codes(loaded) == [code]
    assert loaded.errors()[0].file == "specs/dev/wrong.yaml"
    assert [stack.name for stack in loaded.stacks] == ["good"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("specs/a.yaml", "misplaced-file"),
        ("specs/../a.yaml", "bad-path"),
        ("specs/dev/./a.yaml", "bad-path"),
        ("other/dev/a.yaml", "bad-path"),
    ],
)
def test_files_outside_of_an_environment_are_told(path: str, code: str) -> None:
    loaded = load_files({"specs/dev/environment.yaml": ENVIRONMENT, path: "a: 1"})
    assert codes(loaded) == [code]
    assert set(loaded.environments) == {"dev"}


def test_files_that_are_no_specs_are_left_alone() -> None:
    loaded = load_files({"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/README.md": "a: ["})
    assert loaded.errors() == ()


def test_an_environment_folder_needs_its_environment() -> None:
    loaded = load_files({"specs/dev/a.yaml": HEAD + box("Name: '${env.anything}', Nope: 1")})
    assert codes(loaded) == ["missing-environment", "unknown-property"]
    assert loaded.stacks == ()


def test_an_unreadable_environment_is_not_missing_as_well() -> None:
    files = {"specs/dev/environment.yaml": b"\xff", "specs/dev/a.yaml": HEAD + box("Name: a")}
    assert codes(load_files(files)) == ["not-utf8"]


def test_a_broken_environment_does_not_blame_its_stacks() -> None:
    broken = ENVIRONMENT.replace("region: us-east-1", "regio: us-east-1")
    loaded = load_files(
        {
            "specs/dev/environment.yaml": broken,
            "specs/dev/a.yaml": HEAD + box("Name: '${env.project}-${env.region}'"),
        }
    )
    assert {one.file for one in loaded.errors()} == {"specs/dev/environment.yaml"}
    assert codes(loaded) == ["missing-field", "unknown-field"]
    assert (loaded.environments, loaded.stacks) == ({}, ())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("name: dev", "name: prod"), "environment-name"),
        (("us-east-1", "17"), "wrong-type"),
        (("us-east-1", "nowhere"), "bad-value"),
        (("project: ml", "region: ml"), "bad-name"),
        (("project: ml", "x: '${vars.a}'"), "no-expression-here"),
        (("project: ml", "x: {$gitbot: 1}"), "reserved-key"),
        (("env: dev", "'aws:x': dev"), "reserved-tag"),
        (("  tags:", "  account: 123456789012\n  tags:"), "wrong-type"),
        (("  tags:", "  budget: 5\n  tags:"), "not-yet"),
        (("  tags:", "  permissions: {apply: {teams: [ops]}}\n  tags:"), "bad-value"),
        (("  tags:", "  permissions: {fly: {}}\n  tags:"), "unknown-field"),
        (("  tags:", "  requirements: [aproved]\n  tags:"), "bad-value"),
        (("  tags:", "  roles: {plan: admin}\n  tags:"), "bad-value"),
        (("  tags:", "  timezone: CET+1\n  tags:"), "bad-value"),
        (("  tags:", "  apply: {on: []}\n  tags:"), "bad-value"),
    ],
)
def test_a_wrong_environment_is_told(change: tuple[str, str], code: str) -> None:
    loaded = load_files({"specs/dev/environment.yaml": ENVIRONMENT.replace(*change)})
    assert codes(loaded) == [code]
    assert loaded.environments == {}


def test_the_time_zone_of_an_environment_is_utc_unless_it_says_another() -> None:
    for change, timezone in (("", "UTC"), ("timezone: Europe/Berlin\n  ", "Europe/Berlin")):
        text = ENVIRONMENT.replace("tags:", f"{change}tags:")
        assert (
            load_files({"specs/dev/environment.yaml": text}).environments["dev"].timezone
            == timezone
        )


def test_two_environments_or_a_stack_in_environment_yaml_are_told() -> None:
    both = ENVIRONMENT + "---" + ENVIRONMENT + "---\n" + HEAD + "  resources: {}\n"
    loaded = load_files({"specs/dev/environment.yaml": both})
    assert sorted(codes(loaded)) == ["duplicate-environment", "misplaced-file"]


def test_a_folder_that_cannot_name_an_environment_is_told() -> None:
    loaded = load_files(
        {"specs/Dev/environment.yaml": ENVIRONMENT.replace("name: dev", "name: Dev")}
    )
    assert set(codes(loaded)) == {"bad-name"}


def test_two_stacks_of_one_name_are_both_left_out() -> None:
    text = HEAD + "  resources: {}\n"
    files = {
        "specs/dev/environment.yaml": ENVIRONMENT,
        "specs/dev/a.yaml": text,
        "specs/dev/b.yaml": text,
    }
    loaded = load_files(files)
    assert codes(loaded) == ["duplicate-stack"]
    assert "specs/dev/a.yaml:1:1" in loaded.errors()[0].detail
    assert loaded.stacks == ()


@pytest.mark.parametrize(
    ("others", "left"),
    [
        ((), ["demo"]),
        (("{name: old}",), ["old"]),
        (("{name: other, moved: old}",), ["demo"]),
        (("{name: other, moved: older}",), ["demo", "other"]),
    ],
)
def test_a_stack_moves_from_a_name_that_no_other_has_or_moves_from(
    others: tuple[str, ...], left: list[str]
) -> None:
    metadata = ("{name: demo, moved: old}", *others)
    text = HEAD + "  resources: {}\n"
    files = {
        f"specs/dev/{n}.yaml": text.replace("{name: demo}", given)
        for n, given in enumerate(metadata)
    }
    loaded = load_files({"specs/dev/environment.yaml": ENVIRONMENT, **files})
    assert sorted(stack.name for stack in loaded.stacks) == left
    assert set(codes(loaded)) <= {"duplicate-move", "moved-still-desired"}


def test_a_stack_of_a_file_with_broken_yaml_is_left_out() -> None:
    text = HEAD + "  resources: {box: {type: Test::Box, properties: {Name: a, Name: b}}}\n"
    loaded = load_files({"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/a.yaml": text})
    assert codes(loaded) == ["yaml-duplicate-key"]
    assert loaded.stacks == ()


def test_too_many_files_are_one_diagnostic_with_and_without_their_contents() -> None:
    many: dict[str, str | bytes | TreeEntry] = {
        f"specs/dev/{n}.yaml": "a: 1" for n in range(MOST_FILES + 1)
    }
    loaded = load_files(many)
    assert codes(loaded) == ["too-many-files"]
    assert loaded.stacks == ()


def test_a_file_with_very_many_problems_shows_the_first_ones() -> None:
    files = {"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/a.yaml": "a: *x\n" * 700}
    loaded = load_files(files)
    assert len(loaded.errors()) == MOST_PER_FILE + 1
    assert loaded.errors()[-1].code == "more-problems"
    assert "900 more" in loaded.errors()[-1].detail


@pytest.mark.parametrize("home", [{"specs/dev/environment.yaml": ENVIRONMENT}, {}])
def test_what_a_file_says_depends_on_its_environment_and_on_no_other_file(
    home: Mapping[str, str],
) -> None:
    documents = {f"specs/dev/{n}.yaml": content for n, (content, _) in enumerate(DOCUMENTS)}

    def said(path: str, files: Mapping[str, str | bytes | TreeEntry]) -> list[Diagnostic]:
        """Without what is said of the folder, which stands at its first file."""
        found = load_files({**home, **files}).errors()
        return [one for one in found if one.file == path and one.code != "missing-environment"]

    for path, content in documents.items():
        assert said(path, {path: content}) == said(path, documents) != []


def test_the_hash_moves_with_what_an_apply_would_do_and_with_nothing_else() -> None:
    spec = box("Name: a, Size: 1")
    first = whole(spec).hash
    assert whole("  # a comment\n" + box("Size: 1, Name: a")).hash == first
    assert whole(box("Name: a, Size: 2")).hash != first
    assert whole(spec + "      lifecycle: {protect: true}\n").hash != first
    assert whole(spec + "  outputs: {x: 1}\n").hash != first
    assert whole(box("Name: a, Size: 1, Secret: '${env.name}'")).hash != first


def test_the_hash_moves_with_sensitive_values() -> None:
    def with_password(word: str) -> str:
        return f"  variables: {{pw: {{type: string, sensitive: true, default: {word}}}}}\n" + box(
            "Name: a, Secret: '${vars.pw}'"
        )

    keyed = redactor(b"k" * 32, "k1")
    one, same, other = (whole(with_password(word)) for word in ("a", "a", "b"))
    assert keyed_hash(one, keyed) == keyed_hash(same, keyed)
    assert keyed_hash(one, keyed) != keyed_hash(other, keyed)
    plain = whole(box("Name: a"))
    assert keyed_hash(plain, keyed) == plain.hash


def test_the_hash_without_the_key_tells_nothing_of_a_short_secret() -> None:
    """The kind: a hash without a key of something that can be guessed, such as a PIN."""

    def with_pin(pin: str, output: str) -> DesiredStack:
        return whole(
            f"  variables: {{pin: {{type: string, sensitive: true, default: '{pin}'}}}}\n"
            + box("Name: a, Secret: '${vars.pin}'")
            + "  outputs:\n    late: {value: '${vars.pin}-${box.Arn}', sensitive: true}\n"
            + f"    o: {{value: {output}, sensitive: true}}\n"
        )

    one, other = with_pin("0742", "'first'"), with_pin("9911", "'other'")
    assert one.hash == other.hash
    keyed = redactor(b"k" * 32, "k1")
    assert keyed_hash(one, keyed) != keyed_hash(other, keyed)
    assert keyed_hash(one, keyed) != keyed_hash(with_pin("0742", "'other'"), keyed)
    assert keyed_hash(one, keyed) != keyed_hash(with_pin("9911", "'first'"), keyed)
    assert keyed_hash(one, keyed) != keyed_hash(one, redactor(b"q" * 32, "k2"))


def test_every_diagnostic_has_the_summary_of_its_code() -> None:
    loaded = load_spec(box("Name: 5, Nope: 1"))
    assert loaded.errors()
    assert all(one.summary == SUMMARIES[one.code] for one in loaded.errors())


def test_a_definition_that_contains_itself_can_be_validated() -> None:
    tree_schema = replace(
        TYPES["Test::Box"],
        name="Test::Tree",
        route=Route.NATIVE,
        tags_path=None,
        json_schema={
            "definitions": {
                "Node": {
                    "type": "object",
                    "properties": {
                        "Left": {"$ref": "#/definitions/Node"},
                        "N": {"type": "integer"},
                    },
                    "additionalProperties": False,
                }
            },
            "properties": {"Root": {"$ref": "#/definitions/Node"}},
        },
    )
    spec = "  resources: {t: {type: Test::Tree, properties: {Root: {Left: {Left: {N: x}}}}}}\n"
    files = {"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/a.yaml": HEAD + spec}
    (found,) = load_files(files, {"Test::Tree": tree_schema}).errors()
    assert found.detail.startswith("Root.Left.Left.N")


@pytest.mark.parametrize(
    ("values", "origin"),
    [
        ("  values: {mode: Off}", "`values.mode` at line 5"),
        ("  values: {}", "the default of `variables.mode` at line 6"),
    ],
)
def test_a_bad_value_out_of_a_variable_says_where_it_comes_from(values: str, origin: str) -> None:
    loaded = load_spec(
        f"{values}\n"
        "  variables: {mode: {type: string, default: Bad}}\n"
        "  resources:\n    box: {type: Test::Box, properties: {Name: a, Mode: '${vars.mode}'}}\n"
    )
    [found] = loaded.errors()
    assert found.code == "property-value"
    assert found.detail.endswith(f"The value comes from {origin}.")


def test_a_bad_value_out_of_the_environment_says_so() -> None:
    loaded = load_spec(
        "  resources:\n    box: {type: Test::Box, properties: {Name: a, Size: '${env.project}'}}\n"
    )
    [found] = loaded.errors()
    assert found.detail.endswith("The value comes from `variables.project` of environment.yaml.")


def test_numbers_that_should_be_text_are_quoted_as_they_were_written() -> None:
    account = ENVIRONMENT.replace("region:", "account: 012345678901\n  region:")
    loaded = load_spec(
        "  resources:\n    box: {type: Test::Box, properties: {Name: 007}}\n",
        **{"specs/dev/environment.yaml": account},
    )
    zeros = [one for one in loaded.errors() if one.code == "yaml-leading-zero"]
    assert [one.fix for one in zeros] == [
        "Put it in quotes to keep the zeros, as account ids need: '007'.",
        "Put it in quotes to keep the zeros, as account ids need: '012345678901'.",
    ]


def test_a_missing_api_version_is_told_with_what_to_write() -> None:
    loaded = load_files(
        {
            "specs/dev/environment.yaml": ENVIRONMENT,
            "specs/dev/a.yaml": HEAD.replace("apiVersion: gitbot/v1\n", "") + "  resources: {}\n",
        }
    )
    assert [one.fix for one in loaded.errors()] == ["Add `apiVersion: gitbot/v1`."]


@pytest.mark.parametrize("name", ["a.YAML", "a.YML", "a.Yml"])
def test_specs_are_read_whatever_the_letter_case_of_their_ending(name: str) -> None:
    loaded = load_files(
        {
            "specs/dev/environment.yaml": ENVIRONMENT,
            f"specs/dev/{name}": HEAD + "  resources: {}\n",
        }
    )
    assert [one.name for one in loaded.stacks] == ["demo"]


@pytest.mark.parametrize("moved", ["[a]", "{a: b}", "3"])
def test_a_former_name_that_is_no_text_is_one_diagnostic(moved: str) -> None:
    head = HEAD.replace("{name: demo}", f"{{name: demo, moved: {moved}}}")
    loaded = load_files(
        {
            "specs/dev/environment.yaml": ENVIRONMENT,
            "specs/dev/a.yaml": head + "  resources: {}\n",
        }
    )
    assert codes(loaded) == ["wrong-type"]


@pytest.mark.parametrize(
    "region",
    ["us-east-1", "me-south-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1", "cn-north-1"],
)
def test_a_region_is_taken(region: str) -> None:
    text = ENVIRONMENT.replace("us-east-1", region)
    loaded = load_files({"specs/dev/environment.yaml": text})
    assert loaded.environments["dev"].region == region


@pytest.mark.parametrize("region", ["us-esat-1", "us-east1", "us-east-1a", "eu-wst-2", "US-EAST-1"])
def test_a_misspelt_region_is_told_offline(region: str) -> None:
    text = ENVIRONMENT.replace("us-east-1", region)
    loaded = load_files({"specs/dev/environment.yaml": text})
    assert [one.fix for one in loaded.errors()] == ["Use a region such as us-east-1 or eu-west-2."]


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("account", "Add spec.account in environment.yaml."),
        ("bucket", "Add bucket to spec.variables in environment.yaml."),
    ],
)
def test_what_an_environment_does_not_say_is_told_with_the_field_that_says_it(
    name: str, fix: str
) -> None:
    loaded = load_spec(box(f'Name: "${{env.{name}}}"'))
    (found,) = loaded.errors()
    assert fix in found.fix


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("BucketName: b", "Write it below `properties`."),
        ("dependsOn: [other]", "Write it below `lifecycle`."),
        ("retain: true", "Write it below `lifecycle`."),
        ("colour: red", "Remove it."),
    ],
)
def test_a_field_one_level_too_high_is_told_its_place(line: str, fix: str) -> None:
    text = f"    b:\n      type: Test::Box\n      properties: {{Name: a}}\n      {line}\n"
    loaded = load_spec(f"  resources:\n{text}")
    assert ("unknown-field", fix) in [(one.code, one.fix) for one in loaded.errors()]


def test_a_warning_stops_nothing_and_does_not_repeat_the_value() -> None:
    variable = "  variables: {pw: {type: string, sensitive: true, default: hunter22}}\n"
    loaded = load_spec(variable + box("Name: a"))
    (warned,) = loaded.diagnostics
    assert (warned.code, warned.is_error, loaded.errors()) == ("looks-secret", False, ())
    assert [one.name for one in loaded.stacks] == ["demo"]
    told = diagnostic_lines([warned], Excerpts(lines={("specs/dev/demo.yaml", 5): "hunter22"}))
    assert not any("hunter22" in line.text for line in told)


def test_a_secret_within_a_text_is_a_warning() -> None:
    loaded = load_spec(box("""Name: '{"api_key": "hunter22"}'"""))
    (warned,) = [one for one in loaded.diagnostics if one.code == "looks-secret"]
    assert not warned.is_error
    assert "has what looks like a secret in it" in warned.detail
    assert "hunter22" not in f"{warned}"


def test_errors_are_listed_before_warnings_where_there_is_no_room_for_all() -> None:
    many = "".join(f"    v{n}: {{type: string, sensitive: true, default: a}}\n" for n in range(600))
    loaded = load_spec(f"  variables:\n{many}  resources: {{a: {{type: Nothing}}}}\n")
    assert [one.code for one in loaded.diagnostics][:2] == ["unknown-type", "looks-secret"]
    assert len(loaded.diagnostics) == MOST_PER_FILE


@pytest.mark.parametrize(
    ("text", "code", "fix"),
    [
        ("Resources:\n  net: {Type: 'AWS::EC2::VPC'}\n", "misplaced-file", "below templates/"),
        (
            f"{HEAD}  resources: {{}}\n  outputs: {{x: [a, b]}}\n",
            "wrong-type",
            "Write the list below `value`: {value: [a, b]}.",
        ),
    ],
)
def test_what_is_written_in_another_form_is_told_its_own(text: str, code: str, fix: str) -> None:
    loaded = load_files({"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/demo.yaml": text})
    (found,) = loaded.errors()
    assert found.code == code
    assert fix in found.fix

"""What lookups say, what expressions read of them, and what an environment lists."""

from __future__ import annotations

import re
from textwrap import indent

import pytest

from gitbot.language.bind import bind
from gitbot.language.load import load_tree
from gitbot.language.lookup_rules import code_and_fix, unlisted
from gitbot.model.desired import DesiredStack, LoadedTree
from gitbot.model.lookups import (
    DesiredLookup,
    LookupRule,
    Pick,
    Unanswered,
    holds_secrets,
    lists,
)
from gitbot.model.names import Address
from gitbot.model.values import Json, Unknown
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import HEAD, codes, tree
from tests.unit.language.test_page_of_specs import PAGE

CATALOG = open_catalog()
LISTED = """
    - {type: "AWS::EC2::Image", identifiers: ["*"], attributes: ["*"]}
    - {type: "AWS::EC2::VPC", identifiers: ["*"], attributes: [VpcId, CidrBlock]}
    - {type: "AWS::EC2::Subnet", identifiers: ["*"], attributes: [SubnetId]}
    - {type: "AWS::S3::Bucket", identifiers: ["acme-*"], attributes: [Arn]}
    - {type: "AWS::SSM::Parameter", identifiers: ["/aws/*"], attributes: [Value]}
    - {type: "AWS::STS::CallerIdentity", identifiers: ["*"], attributes: [Account]}
    - {type: "AWS::EC2::Instance", identifiers: ["*"], attributes: ["*"]}
"""
ENVIRONMENT = f"""
apiVersion: gitbot/v1
kind: Environment
metadata: {{name: dev}}
spec:
  region: us-east-1
  lookups:{LISTED}
"""


def load(spec: str, environment: str = ENVIRONMENT, **more: str) -> LoadedTree:
    files = {"specs/dev/environment.yaml": environment, "specs/dev/demo.yaml": HEAD + spec, **more}
    return load_tree(
        tree(files), CATALOG.lookup, CATALOG.names, CATALOG.native_names, CATALOG.lookup_kind
    )


def spec_of(lookups: str, outputs: str = "{}", resources: str = "{}") -> str:
    return (
        f"  lookups:\n{indent(lookups, '    ')}\n  resources: {resources}\n  outputs: {outputs}\n"
    )


def whole(spec: str, **more: str) -> DesiredStack:
    loaded = load(spec, **more)
    assert [one.detail for one in loaded.diagnostics] == []
    return loaded.stacks[0]


IMAGE = "image: {type: 'AWS::EC2::Image', filter: {Owner: amazon, Name: 'al2023-*'}, pick: newest}"
WRONG = {
    "nothing said": ("image: {type: 'AWS::EC2::Image'}", "bad-lookup", "has nothing that says"),
    "both said": (
        "v: {type: 'AWS::EC2::VPC', identifier: vpc-1, filter: {IsDefault: true}}",
        "bad-lookup",
        "has identifier and filter",
    ),
    "nobody's image": (
        "image: {type: 'AWS::EC2::Image', filter: {Name: 'al2023-*'}}",
        "bad-lookup",
        "has none of Owner, Parameter",
    ),
    "two ways to an image": (
        "image: {type: 'AWS::EC2::Image', filter: {Owner: self, Parameter: /aws/x}}",
        "bad-lookup",
        "has Parameter, which names one object, and more",
    ),
    "unknown filter": (
        "v: {type: 'AWS::EC2::VPC', filter: {Cidr: 10.0.0.0/8}}",
        "bad-lookup",
        'has "Cidr", by which',
    ),
    "number in a filter": (
        "v: {type: 'AWS::EC2::VPC', filter: {CidrBlock: 10}}",
        "bad-lookup",
        "must be a text or a list of texts",
    ),
    "tags that are no map": (
        "v: {type: 'AWS::EC2::VPC', filter: {Tags: shared}}",
        "bad-lookup",
        "must be a map of texts",
    ),
    "tags that nobody knows yet": (
        "v: {type: 'AWS::EC2::VPC', filter: {Tags: '${lookups.me.Account}'}}\n"
        "me: {type: 'AWS::STS::CallerIdentity'}",
        "bad-lookup",
        "must be a map of texts",
    ),
    "a secret": (
        "v: {type: 'AWS::EC2::VPC', filter: {Tags: {a: '${secret(\"ssm:/x\")}'}}}",
        "sensitive-identifier",
        "asks with a sensitive value",
    ),
    "no filter at all": (
        "v: {type: 'AWS::EC2::VPC', filter: {}}",
        "bad-lookup",
        "has none of CidrBlock",
    ),
    "newest of what has no age": (
        "v: {type: 'AWS::EC2::VPC', filter: {IsDefault: true}, pick: newest}",
        "bad-lookup",
        "says when it was made",
    ),
    "a pick of one": (
        "v: {type: 'AWS::EC2::VPC', identifier: vpc-1, pick: all}",
        "bad-lookup",
        "nothing to pick",
    ),
    "the caller by name": (
        "me: {type: 'AWS::STS::CallerIdentity', identifier: '1'}",
        "bad-lookup",
        "takes no identifier",
    ),
    "an identifier that is a number": (
        "v: {type: 'AWS::EC2::VPC', identifier: 7}",
        "bad-lookup",
        "must be a text",
    ),
    "a bucket by filter": (
        "b: {type: 'AWS::S3::Bucket', filter: {Tags: {a: b}}}",
        "bad-lookup",
        "is looked up by identifier",
    ),
    "a type without a row": (
        "q: {type: 'AWS::DAX::Cluster', identifier: q}",
        "unknown-lookup",
        "cannot look that up",
    ),
    "a word of CEL": ("import: {type: 'AWS::STS::CallerIdentity'}", "bad-name", "has a meaning"),
    "not listed": (
        "b: {type: 'AWS::S3::Bucket', identifier: other}",
        "lookup-not-listed",
        "AWS::S3::Bucket other, which the environment does not list",
    ),
    "an image through a parameter that is not listed": (
        "image: {type: 'AWS::EC2::Image', filter: {Parameter: /mine}}",
        "lookup-not-listed",
        "Value of AWS::SSM::Parameter /mine",
    ),
    "a date that is none": (
        "v: {type: 'AWS::EC2::VPC', identifier: vpc-1, refresh: weekly}",
        "bad-value",
        "always",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_lookup_is_told_at_its_line(name: str) -> None:
    lookup, code, words = WRONG[name]
    loaded = load(spec_of(lookup))
    assert codes(loaded) == [code]
    (found,) = loaded.diagnostics
    assert words in found.detail + found.fix
    assert (found.file, found.line) == ("specs/dev/demo.yaml", 6)


READ_WRONG = {
    "misspelt": ("${lookups.image.ImageID}", "unknown-attribute", 'Did you mean "ImageId"?'),
    "whole": ("${lookups.image}", "bare-lookup", "one of its attributes"),
    "by a value": ("${lookups[env.region].ImageId}", "bare-lookup", "both as they are"),
    "all of them": ("${size(lookups)}", "bare-lookup", "one of its attributes"),
    "undeclared": ("${lookups.img.ImageId}", "unknown-name", 'Did you mean "image"?'),
}


@pytest.mark.parametrize("name", READ_WRONG)
def test_what_is_read_of_a_lookup_is_an_attribute_by_name(name: str) -> None:
    expression, code, words = READ_WRONG[name]
    loaded = load(spec_of(IMAGE, f"{{x: '{expression}'}}"))
    assert codes(loaded) == [code]
    assert words in loaded.diagnostics[0].detail + loaded.diagnostics[0].fix


def test_no_lookup_reads_what_starts_a_machine() -> None:
    """User data can hold secrets, whatever the environment lists."""
    machine = "m: {type: 'AWS::EC2::Instance', identifier: i-1}"
    assert codes(load(spec_of(machine, "{x: '${lookups.m.UserData}'}"))) == ["unknown-attribute"]
    assert codes(load(spec_of(machine, "{x: '${lookups.m.PrivateIp}'}"))) == []


def test_a_lookup_knows_which_of_its_attributes_are_used_wherever_that_is() -> None:
    chained = f"{IMAGE}\nv: {{type: 'AWS::EC2::VPC', filter: {{Tags: {{image: '${{lookups.image.Name}}'}}}}}}"
    resources = (
        "{v: {type: 'AWS::EC2::VPC', properties: {CidrBlock: '${lookups.v.CidrBlock}'}, lifecycle: "
        "{preconditions: [{that: '${lookups.image.RootDeviceType == \"ebs\"}', says: no}]}}}"
    )
    outputs = "{x: '${locals.id}'}"
    spec = (
        spec_of(chained, outputs, resources) + "  locals: {id: 'image ${lookups.image.ImageId}'}\n"
    )
    used = {address: one.attributes for address, one in whole(spec).lookups.items()}
    assert used == {
        "lookups.image": ("ImageId", "Name", "RootDeviceType"),
        "lookups.v": ("CidrBlock",),
    }


def test_a_value_that_is_decided_without_a_lookup_does_not_use_it() -> None:
    stack = whole(spec_of(IMAGE, "{x: '${true || lookups.image.Name == \"x\"}'}"))
    assert stack.outputs["x"].value is True
    assert stack.lookups[Address("lookups.image")].attributes == ()


def test_what_uses_a_lookup_waits_for_what_the_lookup_asks_with() -> None:
    lookup = "group: {type: 'AWS::EC2::VPC', filter: {CidrBlock: '${net.CidrBlock}', Tags: {of: '${net.VpcId}'}}}"
    resources = (
        "{net: {type: 'AWS::EC2::VPC', properties: {CidrBlock: 10.0.0.0/16}}, "
        "part: {type: 'AWS::EC2::Subnet', properties: {VpcId: '${lookups.group.VpcId}', CidrBlock: 10.0.0.0/24}}}"
    )
    stack = whole(spec_of(lookup, resources=resources))
    assert stack.resources[Address("part")].depends_on == {"net"}
    asked = stack.lookups[Address("lookups.group")].filter
    assert asked["CidrBlock"] == "10.0.0.0/16"
    assert isinstance(asked["Tags"]["of"], Unknown)  # type: ignore[index,call-overload]


def test_a_circle_through_a_lookup_is_told() -> None:
    lookup = "v: {type: 'AWS::EC2::VPC', identifier: '${net.VpcId}'}"
    resources = "{net: {type: 'AWS::EC2::VPC', properties: {CidrBlock: '${lookups.v.CidrBlock}'}}}"
    (found,) = load(spec_of(lookup, resources=resources)).diagnostics
    assert (found.code, found.detail) == (
        "cycle",
        "net → lookups.v → net: each needs the next one first.",
    )


MODULE = """apiVersion: gitbot/v1
kind: Module
metadata: {name: net}
spec:
  variables: {tag: {type: string}}
  lookups:
    v: {type: "AWS::EC2::VPC", filter: {Tags: {name: "${vars.tag}"}}}
  resources: {}
  outputs: {id: "${lookups.v.VpcId}"}
"""
USE = (
    "  resources: {net: {module: modules/net, forEach: {a: {}, b: {}}, values: {tag: '${each.key}'}}}\n"
    "  outputs: {x: '${net.a.id}'}\n"
)


def test_each_copy_of_a_module_has_lookups_of_its_own() -> None:
    stack = whole(USE, **{"modules/net/module.yaml": MODULE})
    asked = {address: one.filter for address, one in stack.lookups.items()}
    assert asked == {
        'net["a"].lookups.v': {"Tags": {"name": "a"}},
        'net["b"].lookups.v': {"Tags": {"name": "b"}},
    }
    value = stack.outputs["x"].value
    assert isinstance(value, Unknown)
    assert bind(value, {Address('net["a"].lookups.v'): {"VpcId": "vpc-1"}}) == "vpc-1"
    assert bind(value, {Address('net["b"].lookups.v'): {"VpcId": "vpc-1"}}) == value


def test_what_a_module_looks_up_is_listed_by_the_environment_that_uses_it() -> None:
    bare = ENVIRONMENT.partition("  lookups:")[0]
    loaded = load(USE, bare, **{"modules/net/module.yaml": MODULE})
    assert codes(loaded) == ["lookup-not-listed"] * 2
    found = loaded.diagnostics[0]
    assert (found.file, found.line) == ("modules/net/module.yaml", 7)
    assert [place.file for place in found.used_at] == ["specs/dev/demo.yaml"]


def test_no_lookup_asks_with_a_secret() -> None:
    spec = spec_of("v: {type: 'AWS::EC2::VPC', filter: {Tags: {a: '${vars.s}'}}}")
    spec += "  variables: {s: {type: string, sensitive: true, default: hush}}\n"
    assert codes(load(spec)) == ["sensitive-identifier"]


def test_a_change_of_what_is_asked_is_a_change_of_the_stack_and_words_alone_are_not() -> None:
    before = whole(spec_of(IMAGE, "{x: '${lookups.image.ImageId}'}")).hash
    for lookup in (
        IMAGE.replace("al2023-*", "al2024-*"),
        IMAGE.replace("pick: newest", "pick: newest, refresh: always"),
        IMAGE.replace("pick: newest", "pick: newest, refresh: '2026-11-28'"),
    ):
        assert whole(spec_of(lookup, "{x: '${lookups.image.ImageId}'}")).hash != before
    assert (
        whole(spec_of(f"# the newest\n{IMAGE}", "{x: '${lookups.image.ImageId}'}")).hash == before
    )


def test_an_output_of_a_lookup_is_evaluated_when_its_answer_is_there() -> None:
    stack = whole(spec_of(IMAGE, "{x: 'id ${lookups.image.ImageId}'}"))
    value = stack.outputs["x"].value
    assert isinstance(value, Unknown)
    assert bind(value, {Address("lookups.image"): {"ImageId": "ami-1"}}) == "id ami-1"


RULES = (
    LookupRule(type="A", identifiers=("x-*", "y"), attributes=("Arn", "Na*")),
    LookupRule(type="A", identifiers=("z",), attributes=("*",)),
)


@pytest.mark.parametrize(
    ("identifier", "attributes", "listed"),
    [
        ("x-1", ["Arn"], True),
        ("x-1", ["Arn", "Name"], True),
        ("x-1", ["Other"], False),
        ("z", ["Other"], True),
        ("X-1", ["Arn"], False),
        ("yy", [], False),
        ("x-\n", [], True),
        (None, ["Other"], True),
        ("x-1[0]", ["Arn"], True),
        ("-x-", ["Arn"], False),
    ],
)
def test_rules_list_objects_and_their_attributes(
    identifier: str | None, attributes: list[str], listed: bool
) -> None:
    assert lists(RULES, "A", identifier, attributes) is listed
    assert not lists(RULES, "B", identifier, attributes)


def test_what_was_found_must_be_listed_too() -> None:
    source = whole(spec_of(IMAGE)).source
    lookup = DesiredLookup(
        address=Address("lookups.a"),
        type="A",
        identifier=Unknown(template="${b.Id}"),
        attributes=("Arn",),
        pick=Pick.ONE,
        source=source,
    )
    assert unlisted(lookup, RULES) is None
    assert unlisted(lookup, RULES, ["x-1"]) is None
    words = unlisted(lookup, RULES, ["q"])
    assert words is not None
    assert "Arn of A q" in words[0]
    assert '{type: "A", identifiers: ["q"], attributes: [Arn]}' in words[1]


def test_every_way_to_find_nothing_has_a_code() -> None:
    assert len({code_and_fix(one.value)[0] for one in Unanswered}) == len(Unanswered)
    assert code_and_fix("AccessDenied")[0] == "lookup-failed"


def test_what_the_page_shows_of_lookups_loads() -> None:
    section = PAGE.partition("\n## Lookups\n")[2].partition("\n## ")[0]
    stack, environment = re.findall(r"^```yaml\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    home = ENVIRONMENT.partition("spec:")[0] + environment
    loaded = load(stack.removeprefix("spec:\n"), home)
    assert [one.detail for one in loaded.diagnostics] == []


def test_the_page_lists_every_filter_of_every_type() -> None:
    section = PAGE.partition("\n## Lookups\n")[2].partition("\n## ")[0]
    rows = [line for line in section.split("\n") if line.startswith("| `AWS::")]
    for name in CATALOG.lookup_names():
        kind = CATALOG.lookup_kind(name)
        assert kind is not None
        if kind.filters or kind.alone:
            (row,) = [line for line in rows if f"`{name}`" in line]
            assert set(re.findall(r"`([A-Z]\w+)`", row.split("|")[2])) == kind.filters


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("*", "", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("*b*", "abc", True),
        ("**", "x", True),
        ("a.c", "abc", False),
        ("*a*a*a*a*a*a*b", "a" * 100_000, False),
    ],
)
def test_a_pattern_fits_as_a_whole_and_in_linear_time(pattern: str, text: str, fits: bool) -> None:
    rule = LookupRule(type="A", identifiers=(pattern,), attributes=("*",))
    assert lists([rule], "A", text, []) is fits


def test_a_stack_looks_up_a_hundred_things_at_most_those_of_modules_too() -> None:
    copies = ", ".join(f"c{n}: {{}}" for n in range(101))
    use = USE.replace("{a: {}, b: {}}", f"{{{copies}}}").replace("net.a.id", "net.c1.id")
    (found,) = load(use, **{"modules/net/module.yaml": MODULE}).diagnostics
    assert found.code == "bad-lookup"
    assert "looks up 101 things" in found.detail


HOSTILE = {
    "a list": "lookups: []",
    "nothing": "lookups: {a: null}",
    "no type": "lookups: {a: {identifier: x}}",
    "a type that is a number": "lookups: {a: {type: 5}}",
    "a filter that is a list": "lookups: {a: {type: 'AWS::EC2::VPC', filter: [a]}}",
    "an expression as a field": "lookups: {a: {type: 'AWS::EC2::VPC', filter: {'${x}': y}}}",
    "an expression as a tag": "lookups: {a: {type: 'AWS::EC2::VPC', filter: {Tags: {'${x}': y}}}}",
    "a mark as a tag": "lookups: {a: {type: 'AWS::EC2::VPC', filter: {Tags: {$gitbot: map}}}}",
    "an expression as a type": "lookups: {a: {type: '${env.region}', identifier: x}}",
    "itself": "lookups: {a: {type: 'AWS::EC2::VPC', identifier: '${lookups.a.VpcId}'}}",
    "a wrong name": "lookups: {A-b: {type: 'AWS::STS::CallerIdentity'}}",
    "null": "lookups: {a: {type: 'AWS::EC2::VPC', filter: {CidrBlock: '${null}'}}}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_lookups_of_a_wrong_form_are_diagnostics(name: str) -> None:
    loaded = load(
        f"  {HOSTILE[name]}\n  resources: {{}}\n  outputs: {{x: '${{lookups.a.VpcId}}'}}\n"
    )
    assert loaded.diagnostics
    assert loaded.stacks == ()


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        ({"UserData": "x"}, True),
        ([{"a": {"Environment": {}}}], True),
        ({"a": ["Environment", {"b": 1}]}, False),
        (None, False),
    ],
)
def test_what_holds_secrets_is_known_at_any_depth(value: Json, secret: bool) -> None:
    assert holds_secrets(value) is secret

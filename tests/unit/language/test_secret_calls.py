"""Tests for secrets in expressions: what is named, what is made of it, and who may name it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.errors import UserError
from gitbot.language.bind import bind
from gitbot.language.confidential import confidential
from gitbot.language.documents import read_documents
from gitbot.language.problems import Problems
from gitbot.language.secret_listing import AT_TIP, unlisted_secrets, unreadable_secrets
from gitbot.model.desired import DesiredStack, LoadedTree
from gitbot.model.names import Address, RemoteId
from gitbot.model.secret_references import (
    INPUT,
    OWN_TYPE,
    SecretProblem,
    as_named_by_the_cloud,
    own_secrets,
    parse_reference,
    secrets_of,
)
from gitbot.model.values import Sensitive, Unknown
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, TYPES, load_files
from tests.unit.language.test_aws_specs import CATALOG

LISTS = f'{ENVIRONMENT}  secrets: ["ssm:/dev/*", "secretsmanager:api", "secretsmanager:(*)"]\n'
BOX = Address("box")
WITH_SECRETS = {
    **TYPES,
    **{name: one for name in (OWN_TYPE,) if (one := CATALOG.lookup(name)) is not None},
}


def loaded(spec: str, **modules: str) -> LoadedTree:
    files = {f"modules/{name}/module.yaml": text for name, text in modules.items()}
    files |= {"specs/dev/environment.yaml": LISTS, "specs/dev/demo.yaml": HEAD + spec}
    return load_files(files, WITH_SECRETS)


def stack_of(spec: str, **modules: str) -> DesiredStack:
    found = loaded(spec, **modules)
    assert found.errors() == ()
    return found.stacks[0]


def box(name: str) -> str:
    return (
        f"  resources: {{lid: {{type: Test::Box, properties: {{Name: lid, Items: [{name!r}]}}}}}}\n"
    )


def item(spec: str, **modules: str) -> Unknown:
    (found,) = stack_of(spec, **modules).resources[Address("lid")].properties["Items"]  # type: ignore[misc,union-attr,call-overload]
    assert isinstance(found, Unknown)
    assert found.sensitive
    return found


def opened(unknown: Unknown, **values: str) -> Any:
    secrets = {f"ssm:/dev/{name}": Sensitive(value) for name, value in values.items()}
    return bind(replace(unknown, inputs={**unknown.inputs, INPUT: secrets}), {})


@pytest.mark.parametrize(
    ("text", "names", "becomes"),
    [
        ('${secret("ssm:/dev/a")}', {"a"}, "A"),
        ("pg://u:${secret('ssm:/dev/a')}@h", {"a"}, "pg://u:A@h"),
        ('${secret("ssm:/" + env.name + "/a")}', {"a"}, "A"),
        ('${secret("ssm:/dev/a") + secret("ssm:/dev/b")}', {"a", "b"}, "AB"),
        ('${env.name == "dev" ? secret("ssm:/dev/a") : secret("ssm:/dev/b")}', {"a", "b"}, "A"),
        ('${lower(secret(["ssm:/dev/a"][0]))}', {"a"}, "a"),
        ("${vars.open + locals.key}", {"b"}, "oB"),
    ],
)
def test_what_a_secret_is_made_into_is_known_only_with_its_value(
    text: str, names: set[str], becomes: str
) -> None:
    more = "  variables: {open: {type: string, default: o}}\n"
    more += "  locals: {key: '${secret(\"ssm:/dev/b\")}'}\n"
    found = item(more + box(text))
    assert set(found.secrets) == {f"ssm:/dev/{name}" for name in names}
    values = {name: name.upper() for name in names}
    assert opened(found, **values) == Sensitive(becomes)
    assert isinstance(bind(found, {}), Unknown)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('${secret("/dev/a")}', "no store of secrets"),
        ('${secret("ssm:/dev a")}', "no parameter of SSM"),
        ('${secret("secretsmanager:")}', "no secret of Secrets Manager"),
        ("${secret()}", "other than one text"),
        ('${secret("ssm:/a", "b")}', "other than one text"),
        ('${secret("ssm:/a"', "never closed"),
        ('${"x".secret("ssm:/a")}', "on a value"),
        ('${["a"].map(x, secret("ssm:/" + x))}', "only while the expression runs"),
        ('${secret(secret("ssm:/a"))}', "only while the expression runs"),
        ("${secret(1)}", "gives no text"),
        ("${secret(other.Arn)}", "gives no text"),
        ("${secret(vars.hidden)}", "is sensitive"),
    ],
)
def test_a_call_that_names_no_secret_is_a_problem(text: str, says: str) -> None:
    more = "  variables: {hidden: {type: string, sensitive: true, default: hidden-text}}\n"
    spec = box(text).replace("{lid:", "{other: {type: Test::Box, properties: {Name: o}}, lid:")
    found = loaded(more + spec).errors()
    assert [one.code for one in found] == [
        "bad-expression" if says == "never closed" else "bad-secret"
    ]
    assert says in found[0].detail + found[0].fix


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (box('${secret("ssm:/prod/a")}'), "secret-not-listed"),
        (box("a") + "  outputs: {o: '${secret(\"ssm:/dev/a\")}'}\n", "sensitive-output"),
        (
            box("a") + "  outputs: {o: {value: '${secret(\"ssm:/no\")}', sensitive: true}}\n",
            "secret-not-listed",
        ),
        (
            box("a").replace("{type", '{when: \'${secret("ssm:/dev/a") == ""}\', type'),
            "unknown-copies",
        ),
        (
            box("a").replace(
                "{type",
                '{lifecycle: {preconditions: [{that: \'${secret("ssm:/dev/a") != ""}\', says: x}]}, type',
            ),
            "bad-secret",
        ),
        (
            box("a").replace(
                "{type", "{lifecycle: {replaceWhen: {a: '${secret(\"ssm:/no\")}'}}, type"
            ),
            "secret-not-listed",
        ),
    ],
)
def test_where_a_secret_may_not_go_is_a_problem(spec: str, code: str) -> None:
    found = loaded(spec).errors()
    assert [one.code for one in found] == [code]


def test_a_secret_does_not_mix_with_the_cloud_in_what_replaces() -> None:
    spec = box("a").replace(
        "{type",
        "{lifecycle: {replaceWhen: {a: '${secret(\"ssm:/dev/a\") + o.Arn}'}}, type",
    )
    spec = spec.replace("{lid:", "{o: {type: Test::Box, properties: {Name: o}}, lid:")
    assert [one.code for one in loaded(spec).errors()] == ["bad-secret"]


def test_a_module_gets_a_secret_as_a_value_and_gives_it_on() -> None:
    module = """apiVersion: gitbot/v1
kind: Module
metadata: {name: crate}
spec:
  variables: {key: {type: string, sensitive: true}, path: {type: string, default: a}}
  resources:
    inner: {type: Test::Box, properties: {Name: i, Items: ["${vars.key}"]}}
    other: {type: Test::Box, properties: {Name: k, Items: ['${secret("ssm:/dev/" + vars.path)}']}}
  outputs: {key: {value: "k-${vars.key}", sensitive: true}}
"""
    spec = box("${crate.key}").replace(
        "{lid:", "{crate: {module: modules/crate, values: {key: '${secret(\"ssm:/dev/a\")}'}}, lid:"
    )
    found = item(spec, crate=module)
    assert opened(found, a="A") == Sensitive("k-A")
    inner = stack_of(spec, crate=module).resources[Address("crate.inner")]
    assert secrets_of(inner.properties) == {"ssm:/dev/a"}


@pytest.mark.parametrize("copied", [False, True])
def test_a_property_made_of_a_secret_is_read_through_the_resource(copied: bool) -> None:
    each, name = ("forEach: [x], ", 'box["x"]') if copied else ("", "box")
    spec = box(f"<${{{name}.Items[0]}}>").replace(
        "{lid:",
        f"{{box: {{{each}type: Test::Box, properties: {{Name: b, Items: ['${{secret(\"ssm:/dev/a\")}}']}}}}, lid:",
    )
    found = item(spec)
    assert set(found.secrets) == {"ssm:/dev/a"}
    settled = bind(found, {at: {"Arn": "arn:1"} for at in found.references.values()})
    assert isinstance(settled, Unknown)
    assert opened(settled, a="A") == Sensitive("<A>")


def test_what_a_resource_gives_becomes_an_input_when_only_secrets_are_missing() -> None:
    spec = box('${secret("ssm:/dev/a")}-${box.Arn}').replace(
        "{lid:", "{box: {type: Test::Box, properties: {Name: b}}, lid:"
    )
    found = item(spec)
    assert bind(found, {}) == found
    settled = bind(found, {BOX: {"Arn": "arn:1"}})
    assert isinstance(settled, Unknown)
    assert settled.references == {}
    assert settled.inputs["box"] == {"Arn": Sensitive("arn:1")}
    assert opened(settled, a="A") == Sensitive("A-arn:1")


SECRET_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:made-AbCdEf"
OWN = "made: {{{how}type: AWS::SecretsManager::Secret, properties: {{Name: made}}}}, lid:"


@pytest.mark.parametrize(
    ("how", "text", "names", "becomes"),
    [
        ("", '${secret("secretsmanager:" + made.Id)}', "(made)", "K"),
        ("", "<${secret('secretsmanager:' + made.Id + '#key')}>", "(made)#key", "<K>"),
        (
            "",
            "${secret('secretsmanager:' + made.Id + ':AWSPREVIOUS#key')}",
            "(made):AWSPREVIOUS#key",
            "K",
        ),
        ("", "${secret('secretsmanager:' + locals.arn)} of ${made.Id}", "(made)", None),
        ("when: true, ", '${secret("secretsmanager:" + made.Id)}', "(made)", "K"),
        (
            "forEach: [x], ",
            '${secret("secretsmanager:" + made["x"].Id)}',
            '(made["x"])',
            "K",
        ),
    ],
)
def test_a_secret_of_the_stack_is_named_by_its_address_and_opened_by_its_arn(
    how: str, text: str, names: str, becomes: str | None
) -> None:
    """State learns its ARN, and asks for it again each time."""
    locals_ = "  locals: {arn: '${made.Id}'}\n" if "locals" in text else ""
    found = item(locals_ + box(text).replace("lid:", OWN.format(how=how), 1))
    named = f"secretsmanager:{names}"
    (address,) = own_secrets([named])
    assert set(found.secrets) == {named}
    assert secrets_of(bind(found, {})) == {named}
    settled = bind(found, {address: {"Id": SECRET_ARN}})
    assert isinstance(settled, Unknown)
    assert settled.references == {}, "nothing but the secret is missing"
    assert set(settled.secrets) == {named}
    by_arn = {as_named_by_the_cloud(parse_reference(named), {address: RemoteId(SECRET_ARN)}): "K"}
    given = replace(settled, inputs={**settled.inputs, INPUT: by_arn})
    assert bind(given, {}) == Sensitive(becomes or f"K of {SECRET_ARN}")


@pytest.mark.parametrize(
    "text",
    [
        "${secret('secretsmanager:(made)')}",
        "${secret('secretsmanager:' + made.Name)}",
        "${secret('ssm:' + made.Id)}",
        "${secret('secretsmanager:' + box.Arn)}",
        "${secret('secretsmanager:prod' + (made.Id == '' ? '' : ''))}",
    ],
)
def test_a_secret_of_the_stack_is_named_by_nothing_but_its_arn(text: str) -> None:
    spec = box(text).replace("lid:", OWN.format(how=""), 1)
    spec = spec.replace("{made:", "{box: {type: Test::Box, properties: {Name: b}}, made:")
    assert [one.code for one in loaded(spec).errors()] == ["bad-secret"]


TEMPLATE = """\
Resources:
  MySecret:
    Type: AWS::SecretsManager::Secret
    Properties: {GenerateSecretString: {GenerateStringKey: password, SecretStringTemplate: '{}'}}
  Box: {Type: Test::Box, Properties: {Name: b, Secret: {"Fn::%s}}}
"""


@pytest.mark.parametrize(
    "call",
    [
        "Sub\": '{{resolve:secretsmanager:${MySecret}::password}}'",
        "Sub\": '{{resolve:secretsmanager:${MySecret.Id}:SecretString:password}}'",
        """Join": ["", ["{{resolve:secretsmanager:", {Ref: MySecret}, ":SecretString:password::}}"]]""",
    ],
)
def test_a_template_may_use_the_secret_that_it_makes(call: str) -> None:
    files = {
        "specs/dev/environment.yaml": LISTS,
        "specs/dev/demo.yaml": f"{HEAD}  resources: {{net: {{module: templates/a.yaml}}}}\n",
        "templates/a.yaml": TEMPLATE % call,
    }
    found = load_files(files, WITH_SECRETS)
    assert found.errors() == ()
    box = found.stacks[0].resources[Address("net.Box")]
    assert secrets_of(box.properties) == {"secretsmanager:(net.MySecret)#password"}
    assert Address("net.MySecret") in box.depends_on
    (unlisted,) = load_files(
        {**files, "specs/dev/environment.yaml": ENVIRONMENT}, WITH_SECRETS
    ).errors()
    assert unlisted.code == "secret-not-listed"
    assert "secretsmanager:(*)" in unlisted.fix


def test_a_secret_that_a_module_names_and_nobody_lists_names_the_line_that_uses_it() -> None:
    module = """apiVersion: gitbot/v1
kind: Module
metadata: {name: inside}
spec:
  resources: {lid: {type: Test::Box, properties: {Name: lid, Items: ['${secret("ssm:/prod/a")}']}}}
"""
    (found,) = loaded("  resources:\n    a: {module: modules/inside}\n", inside=module).errors()
    assert (found.code, found.file) == ("secret-not-listed", "modules/inside/module.yaml")
    assert list(map(str, found.used_at)) == ["specs/dev/demo.yaml:6:5"]


def test_an_expression_that_fails_with_the_secret_says_nothing_of_it() -> None:
    found = item(box('${{}[secret("ssm:/dev/a")]}'))
    with pytest.raises(UserError) as caught:
        opened(found, a="Eisvogel")
    assert "Eisvogel" not in str(caught.value)


def test_the_list_of_the_tip_counts_and_each_secret_is_told_once_where_it_is_used() -> None:
    stack = stack_of(box('${secret("ssm:/dev/a")}${secret("secretsmanager:api#k")}'))
    assert unlisted_secrets(stack, ["ssm:/dev/a", "secretsmanager:*"], AT_TIP) == ()
    (found,) = unlisted_secrets(stack, ["ssm:/dev/*"], AT_TIP)
    assert found.code == "secret-not-listed"
    assert "secretsmanager:api#k" in found.fix
    assert "merge that first" in found.fix
    told = {"ssm:/dev/a": "1", "secretsmanager:api#k": SecretProblem(detail="No.", fix="Yes.")}
    (unread,) = unreadable_secrets(stack, told)
    assert (unread.code, unread.fix) == ("secret-unreadable", "Yes.")
    assert unread.detail == "`lid` uses it: No."


def test_what_names_a_secret_is_not_hidden_in_texts() -> None:
    text = HEAD + (
        "  variables: {a: {type: string, sensitive: true}, b: {type: string, sensitive: true}}\n"
        "  values: {a: 'pg://${secret(\"ssm:/dev/a\")}', b: 'my secret text'}\n"
    )
    documents = read_documents(text, Problems(file="x"))
    found = confidential(text, documents, (), whole=True)
    assert found.secrets.texts == {"my secret text"}

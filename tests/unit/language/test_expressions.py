"""Templates: parsing, evaluating, and binding later."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.errors import UserError
from gitbot.language.bind import bind
from gitbot.language.evaluate import evaluate
from gitbot.language.scope import Attributes, Scope
from gitbot.language.templates import ExpressionError, parse_template
from gitbot.model.names import Address
from gitbot.model.values import Redacted, Sensitive, Unknown, Value
from tests.unit.language.specs_by_hand import box, codes, load_spec

SCOPE = Scope(
    inputs={
        "vars": {"n": 3, "s": "hi", "m": {"k": [1, 2]}, "pw": Sensitive("hunter2"), "f": 2.5},
        "env": {"name": "dev"},
        "stack": {"name": "demo", "labels": {}},
    },
    resources={
        "box": Attributes(
            address=Address("box"),
            known={"Name": "b", "Endpoint": {"Port": 1}},
            late=frozenset({"Address"}),
        ),
        "safe": Attributes(
            address=Address("safe"), known={"Secret": "x"}, sensitive=frozenset({"Secret"})
        ),
    },
)


def value_of(text: str) -> Value:
    return evaluate(parse_template(text), SCOPE)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${vars.n}", 3),
        ("${vars.n + 1}", 4),
        ("${vars.f}", 2.5),
        ("${vars.m}", {"k": [1, 2]}),
        ("${vars.m.k.map(x, x * 2)}", [2, 4]),
        ("${env.map(k, k).size()}", 1),
        ("${vars.n > 2}", True),
        ("a-${vars.s}-${vars.n}-${vars.n > 2}", "a-hi-3-true"),
        ("${ box.Name }", "b"),
        ("$${aws:username} and ${vars.s}", "${aws:username} and hi"),
        ("$$5 $ ${vars.s}$", "$$5 $ hi$"),
        ('${{"}": "}"}["}"]}', "}"),
        ("${vars.n > 1 ? 'small' : box.Arn}", "small"),
        ("${vars.n > 1 || box.Arn == 'x'}", True),
        ("${box.Endpoint.Port}", 1),
        ("${null}", None),
        ("${lower('AB') + upper('c') + trim(' d ')}", "abCd"),
        ("${replace(vars.s, 'h', 'H')}", "Hi"),
        ("${split('a,b', ',').join('-')}", "a-b"),
        ("${json({'b': vars.n, 'a': [true]})}", '{"a":[true],"b":3}'),
        ("${base64('''#!/bin/sh\necho ${HOME}\n''')}", "IyEvYmluL3NoCmVjaG8gJHtIT01FfQo="),
    ],
)
def test_known_expressions_keep_their_type(text: str, value: object) -> None:
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


def test_an_expression_that_needs_the_cloud_is_unknown_with_all_it_takes_to_bind_it() -> None:
    assert value_of("x-${box.Arn}-${vars.s}") == Unknown(
        template="x-${box.Arn}-${vars.s}",
        inputs={"vars": {"s": "hi"}},
        references={"box": Address("box")},
    )


@pytest.mark.parametrize(
    "path", ["box.Name", "box.Arn", "box.Endpoint", "safe.Secret", "safe.Other"]
)
def test_a_plain_attribute_is_what_the_same_expression_is_in_other_words(path: str) -> None:
    resource, attribute = path.split(".")
    plain, other = f"${{{path}}}", f'${{{resource}["{attribute}"]}}'
    found, same = value_of(plain), value_of(other)
    assert (replace(found, template=other) if isinstance(found, Unknown) else found) == same


def test_functions_wait_for_what_only_the_cloud_gives() -> None:
    assert isinstance(value_of("${lower(box.Arn)}"), Unknown)
    assert isinstance(value_of("${json({'a': box.Arn})}"), Unknown)


def test_a_read_only_key_below_a_declared_property_is_unknown() -> None:
    assert isinstance(value_of("${box.Endpoint.Address}"), Unknown)


def test_what_is_made_from_something_sensitive_is_sensitive() -> None:
    assert value_of("${vars.pw}") == Sensitive("hunter2")
    assert value_of("p=${vars.pw}") == Sensitive("p=hunter2")
    assert value_of("${size(vars.pw)}") == Sensitive(7)
    assert value_of("${safe.Secret}") == Sensitive("x")
    unknown = value_of("${vars.pw}${box.Arn}")
    assert isinstance(unknown, Unknown)
    assert unknown.sensitive
    assert unknown.inputs == {"vars": {"pw": Sensitive("hunter2")}}


def test_a_use_of_all_variables_takes_all_of_them_along() -> None:
    unknown = value_of("${vars.exists(k, k == box.Arn)}")
    assert isinstance(unknown, Unknown)
    assert set(unknown.inputs["vars"]) == {"n", "s", "m", "pw", "f"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("${vars.n", "bad-expression", "never closed"),
        ("${1 +}", "bad-expression", "not a CEL expression"),
        ("${var}", "bad-expression", "keeps for itself"),
        ("${" + "1+" * 10_000 + "1}", "bad-expression", "20000"),
        ("${" + "(" * 120 + "1" + ")" * 120 + "}", "bad-expression", "not a CEL expression"),
        ("${secret('/x')}", "bad-secret", "no store of secrets"),
        ("${reverse('x')}", "unknown-name", "reverse()"),
        ("${vars.m.zz}", "expression-failed", '"zz"'),
        ("${1 / 0}", "expression-failed", "divides by zero"),
        ("${vars.n + 'x'}", "expression-failed", "fails"),
        ("${int('x')}", "expression-failed", "fails"),
        ("${vars.m.k['a']}", "expression-failed", 'vars.m.k is a list, so it has no "a"'),
        ("${vars.m.k.a}", "expression-failed", "vars.m.k is a list"),
        ("${vars.n.a}", "expression-failed", "vars.n is a number"),
        ("${vars.m.k[9]}", "expression-failed", "fails"),
        ("${9223372036854775807 + 1}", "expression-failed", "fails"),
        (
            "${['x']" + ".map(a, a+a+a+a+a+a+a+a+a+a)" * 7 + "[0]}",
            "expression-failed",
            "10,000,000",
        ),
        ("${lower(1)}", "expression-failed", "does not take these values"),
        ("${join([1], '')}", "expression-failed", "does not take these values"),
        ("${lower(vars.m.zz)}", "expression-failed", '"zz"'),
        ("${1.0 / 0.0}", "expression-failed", "a spec cannot hold"),
        ("${duration('1h')}", "expression-failed", "a spec cannot hold"),
        ("${{1: 2}}", "expression-failed", "a spec cannot hold"),
        ("a${vars.m}", "expression-failed", "a map"),
        ("a${vars.m.k}", "expression-failed", "a list"),
        ("a${null}", "expression-failed", "nothing"),
    ],
)
def test_wrong_expressions_say_what_is_wrong(text: str, code: str, says: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        value_of(text)
    assert caught.value.code == code
    assert says in caught.value.detail
    assert caught.value.fix


@pytest.mark.parametrize(
    "text", ["${int(vars.pw)}", "${vars.m[vars.pw]}", "${'a'.matches('(' + vars.pw)}"]
)
def test_the_failure_of_a_sensitive_expression_does_not_tell_the_value(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        value_of(text)
    assert "hunter2" not in caught.value.detail + caught.value.fix
    assert "sensitive" in caught.value.detail


ARN: dict[Address, dict[str, Any]] = {Address("box"): {"Arn": "arn:x", "Number": 5}}


def test_binding_gives_the_value_once_the_attribute_is_there() -> None:
    unknown = value_of("x-${box.Arn}-${vars.s}")
    assert isinstance(unknown, Unknown)
    assert bind(unknown, {}) == unknown
    assert bind(unknown, {Address("box"): {"Other": 1}}) == unknown
    assert bind(unknown, ARN) == "x-arn:x-hi"


def test_binding_keeps_types_and_sensitivity() -> None:
    references = {"box": Address("box")}
    assert bind(Unknown(template="${box.Number}", references=references), ARN) == 5
    hidden = Unknown(template="${box.Arn}", references=references, sensitive=True)
    assert bind(hidden, ARN) == Sensitive("arn:x")


def test_a_failing_binding_names_the_expression() -> None:
    unknown = Unknown(template="${box.Arn + 1}", references={"box": Address("box")})
    with pytest.raises(UserError, match=r"\$\{box\.Arn \+ 1\}"):
        bind(unknown, ARN)


def test_a_hash_cannot_stand_for_the_sensitive_value_it_was_made_from() -> None:
    unknown = Unknown(
        template="${vars.pw}${box.Arn}",
        inputs={"vars": {"pw": Redacted(digest="d", key_id="k")}},
        references={"box": Address("box")},
        sensitive=True,
    )
    with pytest.raises(UserError):
        bind(unknown, ARN)


@pytest.mark.parametrize(
    "made",
    [
        "{'$gitbot': 'sensitive', 'value': 'open to all'}",
        "{'$gitbot': 'unknown'}",
        "[{'a': {'$gitbot': 'redacted'}}]",
        "{'$git' + 'bot': 'sensitive', 'value': 1}",
    ],
    ids=["sensitive", "unknown", "deep", "put together"],
)
@pytest.mark.parametrize("place", ["property", "output"])
def test_an_expression_cannot_make_one_of_gitbots_own_marks(made: str, place: str) -> None:
    text = f'"${{{made}}}"'
    spec = (
        box(f"Name: {text}")
        if place == "property"
        else f"  resources: {{}}\n  outputs:\n    o: {text}\n"
    )
    assert codes(load_spec(spec)) == ["reserved-key"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${m.map(key, m[key])}", list(range(26))),
        ("${m.filter(key, m[key] < 3)}", ["a", "b", "c"]),
        ("${m.map(key, m[key] < 3, key + '!')}", ["a!", "b!", "c!"]),
        ("${[m].map(each, each.map(key, key))[0][25]}", "z"),
        ("${[3, 1].map(x, x)}", [3, 1]),
        ("${'m.map(x, x)'}", "m.map(x, x)"),
    ],
)
def test_maps_are_walked_in_the_order_of_their_keys(text: str, value: Value) -> None:
    letters = {chr(ord("a") + number): number for number in reversed(range(26))}
    assert evaluate(parse_template(text), Scope(inputs={"m": letters})) == value


def test_a_map_that_an_expression_gives_has_its_keys_in_order() -> None:
    letters = {chr(ord("a") + number): {} for number in reversed(range(26))}
    found = evaluate(
        parse_template("${{'outer': vars.letters}}"), Scope(inputs={"vars": {"letters": letters}})
    )
    assert list(found["outer"]) == sorted(letters)  # type: ignore[index,call-overload]

"""What the expression library says of wrong expressions is told in gitbot's own words."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from gitbot.language.cel_library import cel
from gitbot.language.cel_syntax import reading
from gitbot.language.cel_words import IN_GENERAL, running
from gitbot.language.evaluate import evaluate
from gitbot.language.functions import OWN_FUNCTIONS
from gitbot.language.scanner import Names
from gitbot.language.scope import Scope
from gitbot.language.templates import ExpressionError, parse_template

VALUES: Final[dict[str, Any]] = {
    "s": "abc",
    "n": 3,
    "f": 1.5,
    "b": True,
    "l": [1, 2, 3],
    "m": {"a": 1},
    "z": None,
    "big": 2**63 - 1,
}
WRONG: Final = r"""
vars.l[0.5]
vars.l[5]
vars.l[-1]
vars.l["a"]
vars.l[vars.s]
vars.m[0]
vars.m[1.5]
vars.m["b"]
vars.m[true]
vars.s[0]
vars.s["a"]
vars.n[0]
vars.n["a"]
vars.z[0]
vars.z.a
vars.n + vars.s
vars.s + vars.n
vars.n + vars.f
vars.s - "a"
vars.s * 2
vars.n / 0
vars.n % 0
1/0
1.0/0.0
vars.big + 1
-vars.big - 10
vars.big * 2
vars.n > vars.s
vars.s > 1
vars.b > 1
vars.l > 1
vars.l < vars.l
vars.m < vars.m
vars.s < true
!vars.n
!vars.s
-vars.s
-vars.l
vars.n && true
true && vars.n
vars.n || false
vars.n ? 1 : 2
vars.s ? 1 : 2
vars.n in vars.n
1 in vars.s
"a" in vars.s
"a" in 3
vars.l.contains(1)
vars.m.contains("a")
vars.n.contains(1)
vars.s.contains(1)
vars.s.startsWith(1)
vars.s.endsWith(vars.l)
vars.s.matches("(")
vars.s.matches("(?=a)")
vars.s.matches(1)
size(vars.n)
size(vars.b)
size()
size(1,2)
vars.s.size(1)
int(vars.s)
int("1.5")
int("99999999999999999999")
int(vars.l)
int(1e300)
uint(-1)
uint("a")
double(vars.s)
double("x")
string(vars.l)
string(vars.m)
string(vars.z)
bytes(1)
bytes(vars.l)
duration("x")
duration("3 days")
duration(1)
timestamp("x")
timestamp("2020")
timestamp(1)
timestamp("2020-01-01T00:00:00Z").getFullYear("Nowhere/City")
timestamp("2020-01-01T00:00:00Z").getHours(1)
timestamp("9999-12-31T23:59:59Z") + duration("8760h")
duration("999999999999h")
duration("1h") + 1
vars.n.startsWith("a")
vars.l.map(x, x.foo)
vars.l.map(x, x + "a")
vars.n.map(x, x)
vars.s.map(x, x)
vars.z.map(x,x)
vars.l.filter(x, x)
vars.l.all(x, x)
vars.l.exists(x, x + 1)
vars.l.exists_one(x, "a")
vars.m.map(k, vars.m[k].b)
vars.l.map(x, y)
vars.l.map(1, 2)
vars.l.map(x)
has(vars.m.q.r)
has(vars.z.r)
lower(1)
upper(vars.l)
trim()
trim(1,2)
replace(vars.s, "a")
replace(1,2,3)
split(vars.s, "")
split(1, ",")
join(vars.l, ",")
join(vars.s, ",")
json(timestamp("2020-01-01T00:00:00Z"))
json(duration("1h"))
base64(1)
subnets("x", 1, 1)
subnets("10.0.0.0/8", 1000, 1)
subnets("10.0.0.0/24", 2, 60)
subnets(1,2,3)
subnets("10.0.0.0/8")
b"abc"
1u + 1
[1,2] + 3
{"a":1} + {"b":2}
{1: 2}
{true: 1}
{vars.l: 1}
[1,
1 +
"abc
vars..a
vars.l[
a b
1 = 2
x => 1
if vars.b then 1
${vars.s}
1 ?: 2
vars.?a
vars.m[?"a"]
null + 1
null.a
vars.l[0][1]
vars.l[0].a
vars.l.a.b
"a".b
vars.s.split(",", 1, 2)
int()
string(1,2)
0x1FFFFFFFFFFFFFFFFFF
99999999999999999999999
1e999
vars.l[9223372036854775807]
vars.l[99999999999999999999]
vars.l[null]
vars.l[vars.l]
vars.m[vars.m]
vars.m[null]
vars.l.size().foo
google.protobuf.Any{}
Foo{a: 1}
vars.l[0:1]
size(size)
env["nope"]
vars.m.a.b.c
duration("1h").getHours(1)
vars.b + vars.b
vars.b * 2
vars.z + 1
vars.l * 2
vars.s % 2
vars.f % 2
vars.f / 0.0
int(vars.f / 0.0)
uint(vars.n) - uint(5)
uint(1) + 1
vars.l in vars.m
vars.l.map(x, x).map(y, y.z)
[1,2,3].map(x, x/0)
["a"].map(x, int(x))
vars.s.matches('[')
timestamp("2020-01-01T00:00:00Z") - 1
timestamp("2020-01-01T00:00:00Z") > 1
has(vars)
has("a")
all(vars.l, x, x)
""".strip().splitlines()


def told(expression: str) -> ExpressionError | None:
    try:
        evaluate(parse_template(f"${{{expression}}}"), Scope(inputs={"vars": VALUES, "env": {}}))
    except ExpressionError as error:
        return error
    return None


def raw(expression: str) -> str:
    """What the library itself says."""
    try:
        context = cel.Context(variables={"vars": VALUES, "env": {}}, functions=dict(OWN_FUNCTIONS))
        cel.compile(expression).execute(context)
    except (RuntimeError, ValueError, TypeError, ArithmeticError, LookupError) as error:
        return str(error)
    return ""


def phrases(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[A-Za-z]+", text)
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


@pytest.mark.parametrize("expression", WRONG)
def test_no_words_of_the_library_reach_people(expression: str) -> None:
    error = told(expression)
    assert error is not None
    said = f"{error.detail} {error.fix}"
    assert len(error.fix) > 10
    if not expression.startswith("subnets"):  # these words are gitbot's own
        assert not phrases(raw(expression)) & phrases(said) - phrases(expression)
    assert not re.search(
        r"overload|operand|[A-Z]\w+Error|lambda|argument[^ ]|expecting|macro|Function '|NoneType",
        said,
    )


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("vars.l[0.5]", "a decimal number does not choose an item of a list (vars.l is a list)"),
        ("vars.l[5]", "a list has no item 5 (vars.l is a list)"),
        ("vars.l[-1]", "the last is list[size(list) - 1]"),
        (
            "vars.n + vars.f",
            "means nothing for such values (vars.f is a decimal number, vars.n is a whole number)",
        ),
        ("vars.s + vars.n", "a text + a whole number is not defined"),
        ("vars.n / 0", "divides by zero"),
        ("vars.l.contains(1)", 'of a list ask "x" in list'),
        ("int(vars.s)", "int() gets what is no whole number"),
        (
            'subnets("10.0.0.0/24", 2, 60)',
            "cannot divide 10.0.0.0/24 into blocks of 2^60 addresses",
        ),
        ('duration("3 days")', 'a day is "24h"'),
        ("if vars.b then 1", "Write condition ? this : that."),
        ("1 +", "it ends too early (at its character 4)"),
        ("vars.s = 1", "Compare with ==."),
        ("vars.l.map(1, 2)", "is no name (at its character 12)"),
        ("1.0 / 0.0", "gives a number that is not finite"),
        ('duration("1h")', "gives a duration, which a spec cannot hold"),
        ("{1: 2}", "a map with keys that are no texts"),
    ],
)
def test_the_words_say_what_is_wrong_and_what_to_write(expression: str, says: str) -> None:
    error = told(expression)
    assert error is not None
    assert says in f"{error.detail} {error.fix}"


def test_what_the_table_does_not_know_is_told_in_general() -> None:
    assert running("Something new: hunter22", Names(), {}) == IN_GENERAL
    assert "hunter22" not in "".join(reading("Something new: hunter22"))


def test_the_library_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert told('subnets("hunter22", 1, 1)') is not None
    assert not caplog.records

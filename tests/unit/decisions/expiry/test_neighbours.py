"""Who uses a stack that ends, what stays of it, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gitbot.decisions.expiry.keeping import kept_of, wiped_by_stop
from gitbot.decisions.expiry.people import mentions
from gitbot.decisions.expiry.places import elsewhere
from gitbot.decisions.expiry.users import users_of
from gitbot.model.desired import Environment, Grant
from gitbot.model.expiry import Use
from gitbot.model.names import Address
from gitbot.model.recorded import RecordedResource
from gitbot.model.schema import OnExpiry, Route, Switch, TypeSchema
from tests.unit.decisions.expiry.expiries_by_hand import a_resource, a_state
from tests.unit.decisions.facts_by_hand import ACCOUNT, DEV, REGION, stack_id

ROLE_ARN = "arn:aws:iam::111111111111:role/trainer"
VPC, GROUP = "vpc-0123456789abcdef0", "sg-0a1b2c3d4e5f60718"
ENDING = a_state(
    a_resource("data", "my-data"),
    a_resource("role", "trainer", attributes={"Arn": ROLE_ARN, "VpcId": VPC}),
    a_resource("group", GROUP, properties={"Tags": [{"Value": "x"}]}),
    a_resource("tiny", "ab"),
)


@pytest.mark.parametrize(
    ("properties", "value"),
    [
        pytest.param({"Bucket": "my-data"}, "my-data", id="a name as a whole value"),
        pytest.param({"Note": "about my-data"}, None, id="a name in a text"),
        pytest.param({"Resource": ["arn:aws:s3:::my-data/*"]}, "my-data", id="a name in an ARN"),
        pytest.param({"Url": "s3://my-data/x"}, "my-data", id="a name in a URL"),
        pytest.param({"Resource": "arn:aws:s3:::my-data-2"}, None, id="a longer name"),
        pytest.param({"Role": ROLE_ARN}, ROLE_ARN, id="an ARN"),
        pytest.param({"Text": f"use {GROUP}, please"}, GROUP, id="an id in a text"),
        pytest.param({"VpcId": VPC}, None, id="something else that both use"),
        pytest.param({"Name": "ab"}, None, id="an identifier that says too little"),
        pytest.param({"Tags": [{"Key": "from", "Value": "my-data"}]}, None, id="a tag"),
        pytest.param({"Count": 3, "On": None}, None, id="no text"),
    ],
)
def test_who_uses_a_stack(properties: Mapping[str, Any], value: str | None) -> None:
    user = a_state(a_resource("job", properties=properties), name="job")
    expected = (Use(stack=stack_id("job"), address=Address("job"), value=value),) if value else ()
    assert users_of(ENDING, [ENDING, user]) == expected


def test_a_stack_that_used_an_output_is_a_user() -> None:
    uses = {f"{ENDING.id.name}.vpc_id": "m", "other.id": "m"}
    user = replace(a_state(a_resource("job"), name="job"), uses=uses)
    (found,) = users_of(ENDING, [ENDING, user])
    assert (found.stack.name, found.value) == ("job", f"{ENDING.id.name}.vpc_id")
    elsewhere = replace(user, id=replace(user.id, environment="prod"))
    gone = replace(a_state(name="job"), uses=uses)
    assert users_of(ENDING, [elsewhere, gone, replace(user, uses={"other.id": "m"})]) == ()


def test_an_object_of_the_same_name_is_no_use() -> None:
    assert users_of(ENDING, [a_state(a_resource("data", "my-data"), name="job")]) == ()


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        pytest.param(DEV, "", id="in place"),
        pytest.param(replace(DEV, account=None), "", id="an account that nobody names"),
        pytest.param(
            replace(DEV, region="us-west-2"),
            f"it is in region {REGION}, and environment.yaml names region us-west-2",
            id="another region",
        ),
        pytest.param(
            replace(DEV, account="222222222222"), f"in account {ACCOUNT}", id="another account"
        ),
    ],
)
def test_what_is_elsewhere_is_not_touched(rules: Environment, words: str) -> None:
    found = elsewhere(ENDING, rules)
    assert words in found
    assert bool(words) == bool(found)


def _schema(name: str) -> TypeSchema | None:
    if name == "Unknown":
        return None
    return TypeSchema(
        name=name,
        route=Route.NATIVE,
        stateful=name == "AWS::S3::Bucket",
        switch=Switch(states={}, size="Size", wiped=("g5.",)) if name == "Machine" else None,
    )


@pytest.mark.parametrize(
    ("resources", "kept"),
    [
        pytest.param([a_resource("a")], "a", id="stateful"),
        pytest.param([a_resource("a", on_expiry=OnExpiry.DELETE)], "", id="deleted by the spec"),
        pytest.param([a_resource("a", type="Machine")], "", id="not stateful"),
        pytest.param(
            [a_resource("a", type="Machine", on_expiry=OnExpiry.KEEP)], "a", id="kept by the spec"
        ),
        pytest.param([a_resource("a", type="Unknown")], "a", id="of a type that is not known"),
        pytest.param([a_resource("a", retain=True)], "", id="retained: it leaves state"),
        pytest.param(
            [
                a_resource("a", type="Machine", retain=True, depends_on=("n",)),
                a_resource("n", type="Network"),
                a_resource("m", type="Machine"),
            ],
            "n",
            id="what a retained one needs",
        ),
        pytest.param(
            [
                a_resource("a", depends_on=("k", "gone")),
                a_resource("k", type="Key", depends_on=("r", "k")),
                a_resource("r", type="Role"),
                a_resource("m", type="Machine", depends_on=("a",)),
            ],
            "akr",
            id="with what it needs, and without what needs it",
        ),
    ],
)
def test_what_is_kept(resources: list[RecordedResource], kept: str) -> None:
    assert kept_of(a_state(*resources), _schema) == tuple(kept)


def test_which_machines_a_stop_erases() -> None:
    local = a_resource("gpu", type="Machine", properties={"Size": "g5.xlarge"})
    other = a_resource("cpu", type="Machine", properties={"Size": "t3.micro"})
    choices = {"placement": {"instanceTypes": ["t3.micro", "g5.xlarge"]}}
    chosen = a_resource("spot", type="Machine", properties=choices)
    state = a_state(local, other, chosen, a_resource("data"), a_resource("x", type="Unknown"))
    assert wiped_by_stop(state, _schema) == ("gpu", "spot")


def _granted(**grant: Any) -> Any:
    return replace(DEV, grants={"apply": Grant(**grant)})


TEAM = _granted(teams=frozenset({"acme/ml"}), users=frozenset({"zoe", "bob"}))
OUT = _granted(teams=frozenset({"acme/out"}), users=frozenset({"bob"}))
PEOPLE = _granted(users=frozenset({"zoe", "bob", "ghost"}))


@pytest.mark.parametrize(
    ("author", "owner", "rules", "expected"),
    [
        pytest.param("ada", "", DEV, ("ada",), id="who wrote the pull request"),
        pytest.param("ada", "bob", DEV, ("ada", "bob"), id="and the owner"),
        pytest.param("ada", "@ada", DEV, ("ada",), id="who may be the same"),
        pytest.param(None, "acme/ops", DEV, ("acme/ops",), id="a team that owns it"),
        pytest.param(None, "other/ops", TEAM, ("acme/ml",), id="a team that is not seen here"),
        pytest.param(None, "acme/out", PEOPLE, ("bob", "zoe"), id="a team of whom nobody reads"),
        pytest.param(None, "acme/out", DEV, (), id="such a team, and nobody else"),
        pytest.param(None, "", OUT, ("bob",), id="the people instead of a team that cannot read"),
        pytest.param(None, "the ML team", TEAM, ("acme/ml",), id="a label that is no login"),
        pytest.param("ghost", "", TEAM, ("acme/ml",), id="an author who cannot read any more"),
        pytest.param(None, "", PEOPLE, ("bob", "zoe"), id="the people of the environment"),
        pytest.param(None, "", DEV, (), id="nobody"),
        pytest.param(None, "", None, (), id="nobody, and no environment"),
    ],
)
def test_who_is_mentioned(
    author: str | None, owner: str, rules: Any, expected: tuple[str, ...]
) -> None:
    labels = {"owner": owner} if owner else {}
    reads = {"ada", "bob", "zoe"}.__contains__
    teams = {"acme/ops": ["gone", "ada"], "acme/ml": ["bob"], "acme/out": ["gone"]}
    found = mentions(
        author=author,
        labels=labels,
        rules=rules,
        reads=reads,
        members=lambda team: teams.get(team, []),
    )
    assert found == expected

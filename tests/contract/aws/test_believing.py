"""Many objects are read with AWS's index of tags, which is believed where it says the same as state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Observation, Present, ReadRequest, Remembered
from gitbot.model.schema import Route, TagShape
from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.table_handler import TableHandler
from gitbot.providers.aws.tagging import tag_list, tag_map
from gitbot.providers.aws.types import NATIVE_TYPES
from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.aws.moto_tagging import LAG
from tests.contract.aws.cases import CASES
from tests.contract.aws.world import TOKEN, AwsWorld, ownership

GROUP = "AWS::Logs::LogGroup"
SECRET = "AWS::SecretsManager::Secret"
TAGS = [{"Key": "owner", "Value": "ml"}]


def reading_of(name: str) -> str:
    """The call that reads the tags of one object of the type, where only such a call tells them; else empty."""
    if name == "AWS::S3::Bucket":
        return "get_bucket_tagging"
    handler = NATIVE_TYPES[name].handler
    listing = handler.table.listing if isinstance(handler, TableHandler) else None
    indexed = isinstance(listing, Plain) and listing.index is not None and listing.tags is not None
    # A second object like the first is one that only its name tells apart.
    alike = indexed and (listing.name is not None or handler.table.natural_key is None)
    return listing.tags.reading if alike else ""


APART = {case.type: case for case in CASES if reading_of(case.type)}


def test_the_tags_of_the_usual_types_come_from_the_index() -> None:
    usual = {
        "AWS::CloudWatch::Alarm",
        "AWS::DynamoDB::Table",
        "AWS::ECR::Repository",
        "AWS::Events::Rule",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::SSM::Parameter",
        "AWS::SageMaker::Model",
    }
    assert usual <= set(APART)


MARKS = {key: value for key, value in ownership().items() if key != "gitbot:operation"}


def made(world: AwsWorld, type_: str, how_many: int = 3) -> list[ReadRequest]:
    """Objects of the type with tags, and what state would ask of each."""
    schema, requests = world.schema(type_), []
    spec = {"SecretString": "s", "Description": "old"}
    if type_ in APART:
        spec = dict(APART[type_].minimal(world))
    mapped = schema.tag_shape is TagShape.MAP
    spec |= {"Tags": tag_map(TAGS) if mapped else TAGS}
    for number in range(how_many):
        for name in schema.natural_key or ("BucketName",):
            spec.pop(name, None)  # it is generated from the token
            if name in schema.json_schema.get("required", ()):
                spec[name] = f"thing-{number}"
        properties = dict(spec)
        request = ReadRequest(
            address=Address(f"thing_{number}"),
            type=type_,
            remote_id=world.create(type_, properties, token=f"{number}{TOKEN[1:]}"),
            route=Route.NATIVE,
            surfaces=frozenset(properties),
            remembered=Remembered(properties=properties, marks=MARKS),
        )
        requests.append(request)
    return requests


def counted(
    world: AwsWorld, requests: Sequence[ReadRequest]
) -> tuple[Mapping[Address, Observation], Counter[str]]:
    """What the objects look like, and the calls that it cost."""
    world.aws.forget_calls()
    seen = world.cloud.read(requests)
    return seen, Counter(call.operation for call in world.aws.calls)


def live(requests: Sequence[ReadRequest]) -> list[ReadRequest]:
    return [replace(one, remembered=None) for one in requests]


def in_order(seen: Mapping[Address, Observation]) -> dict[Address, Any]:
    """What the objects look like, with their tags by key: no service keeps them in an order."""
    found = {}
    for address, one in seen.items():
        assert isinstance(one, Present)
        tags: Any = one.properties.get("Tags")
        found[address] = replace(one, properties={**one.properties, "Tags": tag_map(tags)})
    return found


def retag(world: AwsWorld, request: ReadRequest, **tags: str) -> dict[str, Any]:
    """Change the tags behind gitbot's back; the spec that has them."""
    assert request.remembered is not None
    before = dict(request.remembered.properties)
    after = {**before, "Tags": tag_list(tags)}
    world.update(request.type, request.remote_id, before, after)
    return after


@pytest.mark.parametrize("type_", sorted(APART))
def test_the_tags_of_many_objects_cost_one_call(world: AwsWorld, type_: str) -> None:
    requests = made(world, type_, how_many=2)
    alone = world.cloud.read(live(requests))
    seen, calls = counted(world, requests)
    assert in_order(seen) == in_order(alone)
    assert all(isinstance(one, Present) and one.ownership for one in seen.values())
    words = "".join(word.capitalize() for word in reading_of(type_).split("_"))
    assert (calls["GetResources"], calls[words]) == (1, 0)


def test_what_somebody_changed_is_seen_and_costs_one_call_more(world: AwsWorld) -> None:
    requests = made(world, GROUP)
    retag(world, requests[1], owner="other")
    seen, calls = counted(world, requests)
    assert tags_in(seen, 1) == {"owner": "other"}
    assert tags_in(seen, 2) == {"owner": "ml"}
    assert (calls["GetResources"], calls["ListTagsForResource"]) == (1, 1)


def tags_in(seen: Mapping[Address, Observation], number: int) -> dict[str, Any]:
    """The tags of an object, without gitbot's own."""
    one = seen[Address(f"thing_{number}")]
    assert isinstance(one, Present)
    tags: Any = one.properties["Tags"]
    return {key: value for key, value in tag_map(tags).items() if not key.startswith("gitbot:")}


def test_an_index_that_lags_behind_an_apply_shows_no_drift(world: AwsWorld) -> None:
    requests = made(world, GROUP)
    with LAG.hold():
        applied = retag(world, requests[0], owner="other")
        known = Remembered(properties=applied, marks=MARKS)
        requests[0] = replace(requests[0], remembered=known)
        seen, calls = counted(world, requests)
    assert tags_in(seen, 0) == {"owner": "other"}
    assert calls["ListTagsForResource"] == 1


@pytest.mark.parametrize("tag", sorted(MARKS))
def test_an_object_that_is_marked_otherwise_is_not_believed(world: AwsWorld, tag: str) -> None:
    requests = made(world, GROUP)
    assert requests[0].remembered is not None
    mine = replace(requests[0].remembered, marks=MARKS | {tag: "another"})
    _, calls = counted(world, [replace(requests[0], remembered=mine), *requests[1:]])
    assert calls["ListTagsForResource"] == 1


def test_one_object_alone_is_read_as_it_is(world: AwsWorld) -> None:
    """The kind: what is about to be deleted must not be judged by an index that lags."""
    requests = made(world, GROUP, how_many=1)
    with LAG.hold():
        retag(world, requests[0], owner="other")
        seen, calls = counted(world, requests)
    assert tags_in(seen, 0) == {"owner": "other"}
    assert (calls["GetResources"], calls["ListTagsForResource"]) == (0, 1)


def test_without_the_right_to_ask_the_index_each_object_is_asked(world: AwsWorld) -> None:
    requests = made(world, GROUP)
    refused = Fault(
        kind=FaultKind.ERROR,
        operation="GetResources",
        status=403,
        code="AccessDeniedException",
        count=None,
    )
    world.aws.inject(refused)
    seen, calls = counted(world, requests)
    assert [tags_in(seen, number) for number in range(3)] == [{"owner": "ml"}] * 3
    assert calls["ListTagsForResource"] == 3


def test_secrets_are_listed_and_those_that_differ_from_state_are_described(
    world: AwsWorld,
) -> None:
    requests = made(world, SECRET)
    seen, calls = counted(world, requests)
    assert in_order(seen) == in_order(world.cloud.read(live(requests)))
    assert (calls["ListSecrets"], calls["DescribeSecret"]) == (1, 0)
    world.aws.client("secretsmanager").update_secret(
        SecretId=requests[0].remote_id, Description="new"
    )
    seen, calls = counted(world, requests)
    one = seen[requests[0].address]
    assert isinstance(one, Present)
    assert one.properties["Description"] == "new"
    assert (calls["ListSecrets"], calls["DescribeSecret"]) == (1, 1)


def test_a_secret_that_is_gone_is_absent_whatever_the_list_says(world: AwsWorld) -> None:
    requests = made(world, SECRET)
    gone = replace(
        requests[0],
        address=Address("gone"),
        remote_id=RemoteId(requests[0].remote_id[:-6] + "abcdef"),
    )
    seen, _ = counted(world, [*requests, gone])
    assert not isinstance(seen[Address("gone")], Present)

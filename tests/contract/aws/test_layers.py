"""Which version of a layer a call published whose answer was lost.

The kinds: a version that is published twice, and somebody else's that is taken for one's own.
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from gitbot.errors import CloudError, TransientError
from gitbot.model.cloud import Operation
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases.lambda_ import bucket, layer_version
from tests.contract.aws.world import AwsWorld

LAYER = "AWS::Lambda::LayerVersion"
ARN = "arn:aws:lambda:us-east-1:123456789012:layer:tools"
Meanwhile = Callable[[AwsWorld], object]


def other_archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("another.py", f"of_another_size = {list(range(99))}")
    return packed.getvalue()


def publish(world: AwsWorld, **other: Any) -> None:
    """What somebody else does."""
    world.aws.client("lambda").publish_layer_version(**{**layer_version(world), **other})


def publish_another(world: AwsWorld) -> None:
    publish(world, Content={"ZipFile": other_archive()})


def replace_the_archive(world: AwsWorld) -> None:
    """S3 tells times in whole seconds."""
    time.sleep(1.1)
    s3 = world.aws.client("s3")
    s3.put_object(Bucket=bucket(world), Key="a", Body=other_archive())


def take_the_archive_away(world: AwsWorld) -> None:
    world.aws.client("s3").delete_object(Bucket=bucket(world), Key="a")


def nothing(_: AwsWorld) -> None:
    """Nobody else does anything."""


def asked(world: AwsWorld, fault: FaultKind, spec: Mapping[str, Any]) -> Operation:
    """An operation whose call got no answer; as recovery has it."""
    operation = world.operation(LAYER, spec, asked=False)
    world.aws.inject(Fault(kind=fault, operation="PublishLayerVersion"))
    with pytest.raises(TransientError):
        world.cloud.create(operation)
    return replace(world.again(operation), asked=True)


@pytest.mark.parametrize(
    ("before", "fault", "after", "found"),
    [
        (nothing, FaultKind.LOST_REPLY, nothing, 1),
        (nothing, FaultKind.LOST_REQUEST, nothing, None),
        (publish, FaultKind.LOST_REPLY, nothing, 2),
        (publish, FaultKind.LOST_REQUEST, nothing, None),
        (nothing, FaultKind.LOST_REPLY, publish_another, 1),
        (nothing, FaultKind.LOST_REQUEST, publish_another, None),
        (nothing, FaultKind.LOST_REPLY, lambda w: publish(w, LicenseInfo="other"), 1),
        (nothing, FaultKind.LOST_REPLY, lambda w: publish(w, CompatibleRuntimes=[]), 1),
    ],
)
def test_the_version_of_a_lost_answer_is_found_and_no_other_one(
    world: AwsWorld, before: Meanwhile, fault: FaultKind, after: Meanwhile, found: int | None
) -> None:
    before(world)
    operation = asked(world, fault, layer_version(world))
    after(world)
    one = world.cloud.find(operation)
    assert (one and one.remote_id) == (found and f"{ARN}:{found}")
    assert one is None or one.operation == operation.token


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (publish, "all that AWS tells of them is the same"),
        (replace_the_archive, "was replaced since then"),
        (take_the_archive_away, "cannot be read"),
    ],
)
def test_where_nobody_can_tell_nothing_is_taken_and_people_are_told_what_to_do(
    world: AwsWorld, after: Meanwhile, why: str
) -> None:
    operation = asked(world, FaultKind.LOST_REPLY, layer_version(world))
    after(world)
    with pytest.raises(CloudError, match=why) as told:
        world.cloud.find(operation)
    assert told.value.code == "Untraceable"
    assert f"{ARN}:1" in str(told.value)
    assert "gitbot state push" in str(told.value)


def test_a_layer_whose_name_is_generated_is_looked_at_only_after_a_lost_answer(
    world: AwsWorld,
) -> None:
    """Nobody else publishes versions of it, so that nothing must be known before the call."""
    spec = {"Content": layer_version(world)["Content"]}
    world.aws.forget_calls()
    operation = asked(world, FaultKind.LOST_REPLY, spec)
    assert [call.operation for call in world.aws.calls] == ["PublishLayerVersion"]
    found = world.cloud.find(operation)
    assert found is not None
    assert world.cloud.create(operation) == found.remote_id


def test_an_identifier_that_names_no_version_is_told_so(world: AwsWorld) -> None:
    with pytest.raises(CloudError, match="`tools` is not the ARN of a version of a layer"):
        world.observe(LAYER, "tools")  # type: ignore[arg-type]  # as people write it

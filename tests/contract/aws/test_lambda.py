"""Functions of Lambda take one change after the other, and say why they failed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest

from gitbot.errors import CloudError, ConflictError
from gitbot.providers.aws.types.lambda_.code import code_parameters
from gitbot_sandbox.aws.faults import Fault, FaultKind
from gitbot_sandbox.aws.states import hold
from tests.contract.aws.cases.lambda_ import OTHER_CODE, a_function, minimal
from tests.contract.aws.world import AwsWorld

FUNCTION = "AWS::Lambda::Function"


@pytest.fixture(autouse=True)
def at_once_afterwards() -> Iterator[None]:
    """Let no object of another test take time."""
    yield
    hold()


def calls_of(world: AwsWorld) -> list[str]:
    return [call.operation for call in world.aws.calls if call.service == "lambda"]


def test_new_code_waits_for_the_new_configuration(world: AwsWorld) -> None:
    """The kind: the second of two updates is refused because of the first."""
    spec = minimal(world)
    remote_id = world.create(FUNCTION, spec)
    hold(describes=2)
    wanted = {**spec, "Timeout": 30, "Code": OTHER_CODE}
    world.aws.forget_calls()
    world.update(FUNCTION, remote_id, spec, wanted)
    made = calls_of(world)
    assert made.count("UpdateFunctionConfiguration") == made.count("UpdateFunctionCode") == 1
    assert made[-1] == "GetFunction"
    assert world.differences(FUNCTION, remote_id, wanted) == ()


def test_a_new_function_is_waited_for(world: AwsWorld) -> None:
    hold(describes=3)
    spec = {**minimal(world), "ReservedConcurrentExecutions": 1}
    remote_id = world.create(FUNCTION, spec)
    assert world.differences(FUNCTION, remote_id, spec) == ()


def test_an_update_that_fails_says_why(world: AwsWorld) -> None:
    spec = minimal(world)
    remote_id = world.create(FUNCTION, spec)
    hold(describes=1, fails="The subnet has no free addresses")
    with pytest.raises(CloudError, match="no free addresses"):
        world.update(FUNCTION, remote_id, spec, {**spec, "Timeout": 30})
    hold()
    world.update(FUNCTION, remote_id, spec, {**spec, "Timeout": 40})


def test_a_role_that_lambda_may_not_assume_yet_is_waited_for(world: AwsWorld) -> None:
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            operation="CreateFunction",
            status=400,
            code="InvalidParameterValueException",
            message="The role defined for the function cannot be assumed by Lambda.",
            count=2,
        )
    )
    spec = minimal(world)
    world.aws.forget_calls()
    world.create(FUNCTION, spec)
    assert calls_of(world).count("CreateFunction") == 3


def test_source_code_in_a_spec_is_the_one_file_that_lambda_gets() -> None:
    packed = code_parameters({"ZipFile": "exports.x = 1"}, "nodejs22.x")["ZipFile"]
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["index.js"]
        assert archive.read("index.js") == b"exports.x = 1"


def test_source_code_for_a_compiled_language_is_refused(world: AwsWorld) -> None:
    spec = {**minimal(world), "Runtime": "java21"}
    with pytest.raises(CloudError, match="S3Bucket"):
        world.create(FUNCTION, spec)


def test_a_mapping_reads_kafka_and_is_the_only_one_of_its_function(world: AwsWorld) -> None:
    kind = "AWS::Lambda::EventSourceMapping"
    spec = {
        "FunctionName": f"arn:aws:lambda:us-east-1:123456789012:function:{a_function(world)}",
        "EventSourceArn": "arn:aws:kafka:us-east-1:123456789012:cluster/one/0",
        "Topics": ["trips"],
        "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "one"},
    }
    made = world.create(kind, spec)
    assert world.differences(kind, made, {**spec, "FunctionName": a_function(world)}) == ()
    with pytest.raises(ConflictError, match=made):
        world.create(kind, spec, token="5" * 32)


def test_a_permission_is_one_for_all_names_of_its_function(world: AwsWorld) -> None:
    kind, name = "AWS::Lambda::Permission", a_function(world)
    spec = {"FunctionName": name, "Action": "lambda:InvokeFunction", "Principal": "123456789012"}
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    made = world.create(kind, {**spec, "FunctionName": arn})
    assert made.startswith(f"{name}|")
    assert world.differences(kind, made, spec) == ()
    other = {**spec, "SourceAccount": "210987654321"}
    assert world.cloud.find(world.operation(kind, other)) is None

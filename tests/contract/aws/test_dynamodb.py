"""What DynamoDB takes only in steps, and only together."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot.model.plan import Action, Cause
from tests.contract.aws.cases.dynamodb import KEY, definitions, index, stream
from tests.contract.aws.life import Life, RefusedError
from tests.contract.aws.world import AwsWorld

UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
MORE_UNITS = {"ReadCapacityUnits": 10, "WriteCapacityUnits": 5}


def table(*names: str, **more: Any) -> dict[str, Any]:
    return {"KeySchema": KEY, "AttributeDefinitions": definitions(*names), **more}


def test_a_table_goes_to_provisioned_throughput_and_back_with_its_index(world: AwsWorld) -> None:
    on_demand = table(
        "owner", BillingMode="PAY_PER_REQUEST", GlobalSecondaryIndexes=[index("by-owner", "owner")]
    )
    life = Life(world, "AWS::DynamoDB::Table")
    life.apply(on_demand)
    for units in (UNITS, MORE_UNITS):
        indexes = [index("by-owner", "owner", ProvisionedThroughput=units)]
        provisioned = table(
            "owner",
            BillingMode="PROVISIONED",
            ProvisionedThroughput=units,
            GlobalSecondaryIndexes=indexes,
        )
        assert life.apply(provisioned).action is Action.UPDATE
    assert life.apply(on_demand).action is Action.UPDATE


def test_indexes_are_made_and_deleted_one_after_the_other(world: AwsWorld) -> None:
    """With the definitions of their attributes, which DynamoDB drops with the last index."""
    mode = {"BillingMode": "PAY_PER_REQUEST"}
    life = Life(world, "AWS::DynamoDB::Table")
    life.apply(table(**mode))
    world.aws.forget_calls()
    two = [index("by-owner", "owner"), index("by-cost", "cost")]
    assert (
        life.apply(table("owner", "cost", GlobalSecondaryIndexes=two, **mode)).action
        is Action.UPDATE
    )
    assert [str(call) for call in world.aws.calls].count("dynamodb.UpdateTable") == 2
    other = [index("by-owner", "owner", Projection={"ProjectionType": "KEYS_ONLY"})]
    life.apply(table("owner", GlobalSecondaryIndexes=other, **mode))
    assert [str(call) for call in world.aws.calls].count("dynamodb.UpdateTable") == 5
    life.apply(table(**mode))


def test_throughput_has_the_billing_mode_that_takes_it(world: AwsWorld) -> None:
    life = Life(world, "AWS::DynamoDB::Table")
    for wrong in (
        table(BillingMode="PAY_PER_REQUEST", ProvisionedThroughput=UNITS),
        table(BillingMode="PROVISIONED"),
        table(ProvisionedThroughput=UNITS, OnDemandThroughput={"MaxReadRequestUnits": 5}),
    ):
        with pytest.raises(RefusedError):
            life.apply(wrong)


def test_a_protected_table_is_not_deleted(world: AwsWorld) -> None:
    spec = table(BillingMode="PAY_PER_REQUEST", DeletionProtectionEnabled=True)
    remote_id = world.create("AWS::DynamoDB::Table", spec)
    operation = world.operation("AWS::DynamoDB::Table", spec)
    with pytest.raises(CloudError, match="Set `DeletionProtectionEnabled: false` and apply that"):
        world.cloud.delete(operation, remote_id)
    assert not world.is_absent("AWS::DynamoDB::Table", remote_id)


def test_a_key_that_somebody_changed_is_seen_and_put_back(world: AwsWorld) -> None:
    keys = "arn:aws:kms:us-east-1:123456789012:key/"
    own = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": f"{keys}own"}
    spec = table(BillingMode="PAY_PER_REQUEST", SSESpecification=own)
    life = Life(world, "AWS::DynamoDB::Table")
    life.apply(spec)
    other = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": f"{keys}other"}
    client = world.aws.client("dynamodb")
    client.update_table(TableName=str(life.remote_id), SSESpecification=other)
    change = life.apply(spec)
    assert [path.path for path in change.paths] == ["/SSESpecification/KMSMasterKeyId"]
    assert [path.cause for path in change.paths] == [Cause.DRIFT]
    told = client.describe_table(TableName=str(life.remote_id))["Table"]["SSEDescription"]
    assert told["KMSMasterKeyArn"] == f"{keys}own"


def test_keys_of_an_index_are_counted_once_it_is_there_and_no_longer(world: AwsWorld) -> None:
    """What somebody turns off is seen and put back; one listing tells of all tables."""
    mode = {"BillingMode": "PAY_PER_REQUEST"}
    counted = {"ContributorInsightsSpecification": {"Enabled": True, "Mode": "THROTTLED_KEYS"}}
    plain = index("by-cost", "cost")
    life = Life(world, "AWS::DynamoDB::Table")
    life.apply(table("cost", **mode, **counted, GlobalSecondaryIndexes=[{**plain, **counted}]))
    spec = table(
        *("owner", "cost"),
        **mode,
        **counted,
        GlobalSecondaryIndexes=[
            {**index("by-owner", "owner"), **counted},
            {**plain, "ContributorInsightsSpecification": {"Enabled": True}},
        ],
    )
    assert life.apply(spec).action is Action.UPDATE
    world.aws.forget_calls()
    assert life.apply(spec).action is Action.NOOP
    listed = [str(call) for call in world.aws.calls].count("dynamodb.ListContributorInsights")
    assert listed == 2  # the sandbox gives pages of two
    world.aws.client("dynamodb").update_contributor_insights(
        TableName=life.remote_id, IndexName="by-owner", ContributorInsightsAction="DISABLE"
    )
    change = life.change(spec)
    assert change.action is Action.UPDATE
    assert {path.cause for path in change.paths} == {Cause.DRIFT}
    life.apply(spec)
    off = [index("by-owner", "owner"), plain]
    assert life.apply({**spec, "GlobalSecondaryIndexes": off}).action is Action.UPDATE


def test_changes_go_to_one_stream_of_kinesis_and_no_other(world: AwsWorld) -> None:
    def going() -> set[str]:
        told = world.aws.client("dynamodb").describe_kinesis_streaming_destination(
            TableName=life.remote_id
        )
        return {one["StreamArn"] for one in told["KinesisDataStreamDestinations"]}

    mode = {"BillingMode": "PAY_PER_REQUEST"}
    first, second = stream(world, "first"), stream(world, "second")
    life = Life(world, "AWS::DynamoDB::Table")
    life.apply(table(**mode, KinesisStreamSpecification={"StreamArn": first}))
    to_other = table(**mode, KinesisStreamSpecification={"StreamArn": second})
    assert life.apply(to_other).action is Action.UPDATE
    assert going() == {second}
    fine = {"StreamArn": second, "ApproximateCreationDateTimePrecision": "MICROSECOND"}
    assert life.apply(table(**mode, KinesisStreamSpecification=fine)).action is Action.UPDATE
    assert life.apply(table(**mode)).action is Action.UPDATE
    assert going() == set()

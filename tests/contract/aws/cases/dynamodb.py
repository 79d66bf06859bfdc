"""Cases of the types of DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.world import AwsWorld

KEY = [{"AttributeName": "run", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]
ON_DEMAND = {"BillingMode": "PAY_PER_REQUEST"}


def definitions(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": "S"} for name in ("run", "at", *names)]


def index(name: str, key: str, **more: Any) -> dict[str, Any]:
    """A global index over an attribute."""
    schema = [{"AttributeName": key, "KeyType": "HASH"}]
    projection = more.pop("Projection", {"ProjectionType": "ALL"})
    return {"IndexName": name, "KeySchema": schema, "Projection": projection, **more}


def stream(world: AwsWorld, name: str) -> str:
    """The ARN of a stream of Kinesis that gets changes."""

    def make() -> str:
        kinesis = world.aws.client("kinesis")
        kinesis.create_stream(StreamName=name, ShardCount=1)
        told = kinesis.describe_stream_summary(StreamName=name)
        return str(told["StreamDescriptionSummary"]["StreamARN"])

    return str(world.thing(f"stream-{name}", make))


COUNTED = {"Enabled": True, "Mode": "THROTTLED_KEYS"}


def table(world: AwsWorld) -> dict[str, Any]:
    some = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["loss", "accuracy"]}
    return {
        "TableName": "runs",
        "KeySchema": KEY,
        "AttributeDefinitions": definitions("loss"),
        "LocalSecondaryIndexes": [
            {
                "IndexName": "by-loss",
                "KeySchema": [KEY[0], {"AttributeName": "loss", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        "GlobalSecondaryIndexes": [
            index("by-at", "at", ContributorInsightsSpecification=COUNTED),
            index("by-loss-alone", "loss", Projection=some),
            index("by-run-alone", "run", OnDemandThroughput={"MaxReadRequestUnits": 10}),
            index("by-run-free", "run", OnDemandThroughput={"MaxReadRequestUnits": 10}),
        ],
        **ON_DEMAND,
        "OnDemandThroughput": {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 10},
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
        "DeletionProtectionEnabled": False,
        "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": True,
            "RecoveryPeriodInDays": 7,
        },
        "KinesisStreamSpecification": {"StreamArn": stream(world, "a")},
        "ContributorInsightsSpecification": {"Enabled": True},
        "Tags": TAGS,
    }


def table_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "AttributeDefinitions": definitions("loss"),
        "GlobalSecondaryIndexes": [
            index("by-at", "at"),
            index(
                *("by-loss-alone", "loss"),
                Projection={"ProjectionType": "KEYS_ONLY"},
                ContributorInsightsSpecification={"Enabled": True},
            ),
            index("by-at-too", "at"),
            index("by-run-alone", "run", OnDemandThroughput={"MaxWriteRequestUnits": 5}),
            index("by-run-free", "run"),
            index("by-run", "run"),
        ],
        **ON_DEMAND,
        "OnDemandThroughput": {"MaxReadRequestUnits": 20},
        "StreamSpecification": {"StreamViewType": "OLD_IMAGE"},
        "SSESpecification": {"SSEEnabled": False},
        "TableClass": "STANDARD",
        "DeletionProtectionEnabled": True,
        "TimeToLiveSpecification": {"AttributeName": "gone", "Enabled": True},
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": True,
            "RecoveryPeriodInDays": 35,
        },
        "KinesisStreamSpecification": {
            "StreamArn": stream(world, "b"),
            "ApproximateCreationDateTimePrecision": "MICROSECOND",
        },
        "ContributorInsightsSpecification": COUNTED,
        "Tags": OTHER_TAGS,
    }


THROUGHPUTS = ("ProvisionedThroughput", "OnDemandThroughput")
UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
RUN = [{"AttributeName": "run", "AttributeType": "S"}]


def least(world: AwsWorld) -> dict[str, Any]:
    return {
        "KeySchema": KEY[:1],
        "AttributeDefinitions": RUN,
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": UNITS,
    }


def beside(world: AwsWorld, name: str) -> Mapping[str, Any]:
    if name == "OnDemandThroughput":
        return ON_DEMAND
    if name == "LocalSecondaryIndexes":
        return {"KeySchema": KEY, "AttributeDefinitions": definitions()}
    return {}


def local(projected: str) -> dict[str, Any]:
    """A local index."""
    return {
        "IndexName": "by-at",
        "KeySchema": KEY,
        "Projection": {"ProjectionType": projected},
    }


def beside_index(world: AwsWorld, name: str) -> Mapping[str, Any]:
    return {} if name in THROUGHPUTS else {"ProvisionedThroughput": UNITS}


def beside_projection(world: AwsWorld, name: str) -> Mapping[str, Any]:
    return {"ProjectionType": "INCLUDE"} if name == "NonKeyAttributes" else {}


CASES = (
    Case(
        type="AWS::DynamoDB::Table",
        one_value=frozenset({"AttributeDefinitions", "BillingMode"}),
        creating="CreateTable",
        absent="gone",
        minimal=least,
        full=table,
        changes=table_changes,
        elsewhere=frozenset({"ProvisionedThroughput"}),
        attributes=frozenset({"Arn", "TableName"}),
        stack="""\
runs:
  type: AWS::DynamoDB::Table
  properties:
    KeySchema: [{AttributeName: run, KeyType: HASH}]
    AttributeDefinitions:
      - {AttributeName: run, AttributeType: S}
      - {AttributeName: owner, AttributeType: S}
    GlobalSecondaryIndexes:
      - IndexName: by-owner
        KeySchema: [{AttributeName: owner, KeyType: HASH}]
        Projection: {ProjectionType: ALL}
    BillingMode: PAY_PER_REQUEST
    PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
    TimeToLiveSpecification: {AttributeName: expires, Enabled: true}
""",
        beside={
            "": beside,
            "GlobalSecondaryIndexes/*": beside_index,
            "GlobalSecondaryIndexes/*/Projection": beside_projection,
            **{
                f"GlobalSecondaryIndexes/*/OnDemandThroughput/Max{kind}RequestUnits": lambda world, name: {
                    **ON_DEMAND,
                    "ProvisionedThroughput": None,
                }
                for kind in ("Read", "Write")
            },
            "TimeToLiveSpecification": lambda world, name: {
                "AttributeName": "expires",
                "Enabled": True,
            },
            "PointInTimeRecoverySpecification": lambda world, name: {
                "PointInTimeRecoveryEnabled": True
            },
            "SSESpecification": lambda world, name: {"SSEEnabled": True, "SSEType": "KMS"},
            **dict.fromkeys(
                (
                    "ContributorInsightsSpecification",
                    "GlobalSecondaryIndexes/*/ContributorInsightsSpecification",
                ),
                lambda world, name: {"Enabled": True},
            ),
        },
        samples={
            "TableName": ["one", "two"],
            "BillingMode": ["PROVISIONED", "PROVISIONED"],
            "AttributeDefinitions/*/AttributeType": ["S", "S"],
            "AttributeDefinitions/*/AttributeName": ["run", "run"],
            "KeySchema/*/AttributeName": ["run", "at"],
            "KeySchema/*/KeyType": ["HASH", "HASH"],
            "GlobalSecondaryIndexes/*/KeySchema/*/AttributeName": ["run", "run"],
            "GlobalSecondaryIndexes/*/KeySchema/*/KeyType": ["HASH", "HASH"],
            "GlobalSecondaryIndexes/*/Projection/ProjectionType": ["ALL", "KEYS_ONLY"],
            "LocalSecondaryIndexes": [[local("ALL")], [local("KEYS_ONLY")]],
            "KinesisStreamSpecification/StreamArn": lambda world: [
                stream(world, name) for name in "ab"
            ],
            "SSESpecification/KMSMasterKeyId": ["alias/aws/dynamodb", "alias/other"],
        },
    ),
)

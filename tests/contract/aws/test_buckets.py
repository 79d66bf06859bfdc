"""Tests for what only buckets have: names, emptiness, and the calls of a read."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from gitbot.errors import CloudError, ConflictError
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Absent, Present, ReadRequest
from gitbot.model.schema import Route
from gitbot.providers.aws.types.s3.emptying import why_not_empty
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases.case import read_policy
from tests.contract.aws.cases.s3 import bucket
from tests.contract.aws.life import Life
from tests.contract.aws.world import AwsWorld

BUCKET = "AWS::S3::Bucket"


def put_object(world: AwsWorld, name: str, key: str, times: int = 1) -> None:
    client = world.aws.client("s3")
    for _ in range(times):
        client.put_object(Bucket=name, Key=key, Body=b"x")


def test_a_bucket_without_a_name_gets_one_from_its_address_and_operation(world: AwsWorld) -> None:
    address = Address('data["EU West"].training_Sets_that_have_a_very_long_name_indeed_too_long')
    operation = world.operation(BUCKET, {}, address=address)
    name = world.cloud.create(operation)
    assert re.fullmatch(r"data-eu-west-training-sets-[a-z0-9-]*-[0-9a-f]{12}", name)
    assert len(name) <= 63
    assert world.cloud.create(operation) == name
    assert world.cloud.create(world.operation(BUCKET, {}, address=address, token="other")) != name


def test_our_own_bucket_of_that_name_is_a_conflict_although_s3_would_accept_it(
    world: AwsWorld,
) -> None:
    world.aws.client("s3").create_bucket(Bucket="mine-already")
    with pytest.raises(ConflictError, match="mine-already exists already"):
        world.cloud.create(world.operation(BUCKET, {"BucketName": "mine-already"}))
    assert [call for call in world.aws.calls if call.operation == "CreateBucket"] == []


def test_a_name_that_s3_is_still_busy_with_is_asked_for_again(world: AwsWorld) -> None:
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            operation="CreateBucket",
            status=409,
            code="OperationAborted",
            count=2,
        )
    )
    name = world.create(BUCKET, {"BucketName": "soon-free"})
    assert not world.is_absent(BUCKET, name)


def test_a_bucket_with_objects_is_left_alone_and_the_message_says_what_to_do(
    world: AwsWorld,
) -> None:
    remote_id = world.create(BUCKET, {"BucketName": "full-bucket"})
    put_object(world, "full-bucket", "model.bin")
    operation = world.operation(BUCKET, {"BucketName": "full-bucket"})
    with pytest.raises(CloudError, match="emptyOnDelete: true") as refused:
        world.cloud.delete(operation, remote_id)
    assert refused.value.code == "BucketNotEmpty"
    assert not world.is_absent(BUCKET, remote_id)


def test_a_bucket_that_may_be_emptied_is_deleted_with_all_versions_markers_and_uploads(
    world: AwsWorld,
) -> None:
    spec = {"BucketName": "to-empty", "VersioningConfiguration": {"Status": "Enabled"}}
    remote_id = world.create(BUCKET, spec)
    client = world.aws.client("s3")
    put_object(world, "to-empty", "a", times=3)
    put_object(world, "to-empty", "b")
    client.delete_object(Bucket="to-empty", Key="b")
    client.create_multipart_upload(Bucket="to-empty", Key="half")
    world.cloud.delete(world.operation(BUCKET, spec, empty_on_delete=True), remote_id)
    assert world.is_absent(BUCKET, remote_id)


def deletions(world: AwsWorld) -> int:
    return sum(call.operation == "DeleteBucket" for call in world.aws.calls)


def not_empty(count: int | None = None) -> Fault:
    """S3 says for a while that a bucket is not empty, of which it lists nothing any more."""
    return Fault(
        kind=FaultKind.ERROR,
        operation="DeleteBucket",
        status=409,
        code="BucketNotEmpty",
        count=count,
    )


def test_a_bucket_that_is_not_empty_and_lists_nothing_is_asked_for_again_with_pauses(
    world: AwsWorld,
) -> None:
    remote_id = world.create(BUCKET, {"BucketName": "slow-to-empty"})
    world.aws.inject(not_empty(3))
    began = time.monotonic()
    world.cloud.delete(world.operation(BUCKET, {}, empty_on_delete=True), remote_id)
    assert world.is_absent(BUCKET, remote_id)
    assert time.monotonic() - began > 0.2 + 0.3 + 0.45


def test_a_bucket_that_never_gets_empty_is_given_up_at_its_deadline_with_what_to_do(
    world: AwsWorld,
) -> None:
    """The kind: a loop without pause and end, of which nobody hears."""
    remote_id = world.create(BUCKET, {"BucketName": "never-empty"})
    world.aws.inject(not_empty())
    before = deletions(world)
    operation = world.operation(BUCKET, {}, within_s=1.5, empty_on_delete=True)
    with pytest.raises(CloudError) as given_up:
        world.cloud.delete(operation, remote_id)
    world.aws.clear_faults()
    assert str(given_up.value).startswith("gave up waiting for bucket never-empty to be empty;")
    assert "lists nothing in it" in str(given_up.value)
    assert "Apply again to go on; `lifecycle.timeouts` says how long" in str(given_up.value)
    assert 2 < deletions(world) - before < 8
    world.cloud.delete(world.operation(BUCKET, {}, empty_on_delete=True), remote_id)


@pytest.mark.parametrize(
    ("rounds", "words"),
    [
        ([], ""),
        ([3], ""),
        ([3, 2], "Something writes to it: 2 more came while it was emptied. Stop what writes."),
        ([3, 2, 0], "S3 says that it is not empty, and lists nothing in it. That passes by itself"),
    ],
)
def test_what_keeps_a_bucket_from_being_empty_is_told(rounds: list[int], words: str) -> None:
    assert why_not_empty(rounds).startswith(words)
    assert bool(words) is bool(why_not_empty(rounds))


def _retained(**period: int) -> dict[str, Any]:
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", **period}}
    return {"ObjectLockEnabled": "Enabled", "Rule": rule}


def test_object_lock_gets_another_retention_and_none_and_is_never_turned_off(
    world: AwsWorld,
) -> None:
    life, base = Life(world, BUCKET), {"BucketName": "kept"}
    keeps = {**base, "ObjectLockEnabled": True, "ObjectLockConfiguration": _retained(Days=3)}
    made = life.apply(keeps)
    assert "Object Lock can never be turned off again" in "".join(made.reasons)
    s3 = world.aws.client("s3")
    put_object(world, "kept", "model.bin")
    kept = s3.get_object_retention(Bucket="kept", Key="model.bin")["Retention"]
    assert (kept["Mode"], kept["RetainUntilDate"] > datetime.now(UTC)) == ("GOVERNANCE", True)

    def told() -> Any:
        answer = s3.get_object_lock_configuration(Bucket="kept")
        return answer["ObjectLockConfiguration"]

    assert told() == _retained(Days=3)
    hold = {"DefaultEventHold": {"Years": 2}}
    by_hand = _retained(Days=3)
    by_hand["Rule"]["DefaultRetention"] |= hold
    s3.put_object_lock_configuration(Bucket="kept", ObjectLockConfiguration=by_hand)
    life.apply({**base, "ObjectLockEnabled": True, "ObjectLockConfiguration": _retained(Years=1)})
    assert told()["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Years": 1, **hold}
    gone = life.apply({**base, "ObjectLockEnabled": True})
    assert "new versions get no retention" in str(gone.paths)
    assert told() == {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": hold}}
    life.apply(keeps)
    life.apply({**keeps, "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}})
    assert told()["Rule"]["DefaultRetention"] == hold
    assert life.attempt({**base, "ObjectLockEnabled": False}) == {"cannot-shrink"}
    assert life.attempt(base) == {"removal-undeclared"}
    assert [one["Key"] for one in s3.list_object_versions(Bucket="kept")["Versions"]] == [
        "model.bin"
    ]


def test_a_bucket_that_is_there_gets_object_lock_and_is_not_emptied_of_what_is_retained(
    world: AwsWorld,
) -> None:
    versioned = {"BucketName": "late", "VersioningConfiguration": {"Status": "Enabled"}}
    life = Life(world, BUCKET)
    life.apply(versioned)
    put_object(world, "late", "before")
    locked = {**versioned, "ObjectLockConfiguration": _retained(Days=3)}
    assert "never be turned off" in "".join(life.apply(locked).reasons)
    put_object(world, "late", "after")
    operation = world.operation(BUCKET, locked, empty_on_delete=True)
    with pytest.raises(CloudError, match=r"cannot be emptied: 1 objects were refused.*after"):
        world.cloud.delete(operation, RemoteId("late"))
    versions = world.aws.client("s3").list_object_versions(Bucket="late")["Versions"]
    assert [one["Key"] for one in versions] == ["after"]


REPLICATED = {
    "Role": "arn:aws:iam::123456789012:role/replicator",
    "Rules": [{"Id": "all", "Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::copy"}}],
}


def test_replication_ends_before_the_versioning_that_it_needs(world: AwsWorld) -> None:
    """https://github.com/hashicorp/terraform/issues/22491"""
    base = {"BucketName": "copied"}
    versioned = {**base, "VersioningConfiguration": {"Status": "Enabled"}}
    life = Life(world, BUCKET)
    life.apply({**versioned, "ReplicationConfiguration": REPLICATED})
    life.apply({**base, "VersioningConfiguration": {"Status": "Suspended"}})
    life.apply({**versioned, "ReplicationConfiguration": REPLICATED})
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            operation="PutBucketVersioning",
            status=409,
            code="InvalidBucketState",
            message="A replication configuration is present on this bucket",
        )
    )
    life.apply(base)
    assert life.attempt({**base, "ReplicationConfiguration": REPLICATED}) == {"made-otherwise"}


@pytest.mark.parametrize(
    ("call", "given"),
    [
        pytest.param(
            "put_object_lock_configuration",
            {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}},
            id="a lock",
        ),
        pytest.param(
            "put_bucket_replication",
            {
                "ReplicationConfiguration": {
                    "Role": REPLICATED["Role"],
                    "Rules": [
                        {
                            "ID": "all",
                            "Prefix": "",
                            "Status": "Enabled",
                            "Destination": {"Bucket": "arn:aws:s3:::copy"},
                        }
                    ],
                }
            },
            id="replication",
        ),
    ],
)
def test_versioning_that_others_need_is_not_suspended_and_the_plan_says_so(
    world: AwsWorld, call: str, given: dict[str, Any]
) -> None:
    base = {"BucketName": "needed"}
    versioned = {**base, "VersioningConfiguration": {"Status": "Enabled"}}
    life = Life(world, BUCKET)
    life.apply(versioned)
    getattr(world.aws.client("s3"), call)(Bucket="needed", **given)
    suspended = {**base, "VersioningConfiguration": {"Status": "Suspended"}}
    for spec in (suspended, base):
        assert life.attempt(spec) == {"made-otherwise"}
    with pytest.raises(CloudError, match="the versioning state"):
        world.update(BUCKET, RemoteId("needed"), versioned, suspended, within_s=1)
    life.apply(versioned)


def test_tags_that_others_have_put_on_the_bucket_stay(world: AwsWorld) -> None:
    before: dict[str, Any] = {
        "BucketName": "tagged",
        "Tags": [{"Key": "owner", "Value": "ml"}, {"Key": "old", "Value": "1"}],
    }
    remote_id = world.create(BUCKET, before)
    tags = world.properties(BUCKET, remote_id)["Tags"]
    world.aws.client("s3").put_bucket_tagging(
        Bucket="tagged", Tagging={"TagSet": [*tags, {"Key": "billing", "Value": "x"}]}
    )
    after = {**before, "Tags": [{"Key": "owner", "Value": "platform"}]}
    world.update(BUCKET, remote_id, before, after)
    keys = {tag["Key"]: tag["Value"] for tag in world.properties(BUCKET, remote_id)["Tags"]}
    assert keys["owner"] == "platform"
    assert keys["billing"] == "x"
    assert keys["gitbot:lineage"] == "lineage-1"
    assert "old" not in keys


def test_a_bucket_whose_tags_decide_about_access_is_tagged_with_other_calls(
    world: AwsWorld,
) -> None:
    """S3 does not take PutBucketTagging for a bucket with ABAC (attribute-based access control)."""
    spec = {"BucketName": "by-tags"}
    name = world.create(BUCKET, spec)
    s3 = world.aws.client("s3")
    s3.put_bucket_abac(Bucket=name, AbacStatus={"Status": "Enabled"})
    tagged = {**spec, "Tags": [{"Key": "owner", "Value": "ml"}, {"Key": "old", "Value": "x"}]}
    moved = {**spec, "Tags": [{"Key": "owner", "Value": "platform"}]}
    world.aws.forget_calls()
    for before, after in ((spec, tagged), (tagged, moved), (moved, spec)):
        world.update(BUCKET, name, before, after)
        assert world.differences(BUCKET, name, after) == ()
    calls = [call.operation for call in world.aws.calls if call.service == "s3control"]
    assert calls == ["TagResource", "TagResource", "UntagResource", "UntagResource"]
    kept = {tag["Key"] for tag in s3.get_bucket_tagging(Bucket=name)["TagSet"]}
    assert kept == set(world.operation(BUCKET, spec).ownership)


def test_a_refused_tag_of_a_bucket_without_abac_stays_refused(world: AwsWorld) -> None:
    spec = {"BucketName": "plain"}
    name = world.create(BUCKET, spec)
    world.aws.inject(
        Fault(operation="PutBucketTagging", kind=FaultKind.ERROR, status=400, code="InvalidRequest")
    )
    with pytest.raises(CloudError) as refused:
        world.update(BUCKET, name, spec, {**spec, "Tags": [{"Key": "owner", "Value": "ml"}]})
    assert refused.value.code == "InvalidRequest"


def test_undeclared_public_access_blocks_keep_their_values(world: AwsWorld) -> None:
    before = bucket(world)
    remote_id = world.create(BUCKET, before)
    after = {**before, "PublicAccessBlockConfiguration": {"BlockPublicPolicy": False}}
    world.update(BUCKET, remote_id, before, after)
    assert world.properties(BUCKET, remote_id)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": False,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


def test_a_read_asks_only_for_the_declared_surfaces(world: AwsWorld) -> None:
    world.create(BUCKET, bucket(world))
    world.aws.forget_calls()
    observed = world.observe(
        BUCKET, RemoteId("gitbot-contract"), {"BucketName", "Tags", "VersioningConfiguration"}
    )
    assert isinstance(observed, Present)
    assert sorted(call.operation for call in world.aws.calls) == [
        "GetBucketTagging",
        "GetBucketVersioning",
        "HeadBucket",
    ]
    assert "LifecycleConfiguration" not in observed.properties


def test_many_buckets_are_read_side_by_side_and_missing_ones_are_absent(world: AwsWorld) -> None:
    client = world.aws.client("s3")
    for number in range(5):
        client.create_bucket(Bucket=f"many-{number}")
    requests = [
        ReadRequest(
            address=Address(f"b{number}"),
            type=BUCKET,
            remote_id=RemoteId(f"many-{number}"),
            route=Route.NATIVE,
            surfaces=frozenset({"BucketName"}),
        )
        for number in range(6)
    ]
    observed = world.cloud.read(requests)
    assert [isinstance(observed[request.address], Present) for request in requests] == [
        True,
        True,
        True,
        True,
        True,
        False,
    ]
    assert isinstance(observed[Address("b5")], Absent)


def test_another_policy_on_the_bucket_is_a_conflict_and_the_same_one_is_not(
    world: AwsWorld,
) -> None:
    policy = "AWS::S3::BucketPolicy"
    client = world.aws.client("s3")
    client.create_bucket(Bucket="guarded")
    document = read_policy("arn:aws:s3:::guarded/*")
    document["Statement"][0]["Principal"] = "*"
    first = world.operation(policy, {"Bucket": "guarded", "PolicyDocument": document})
    with pytest.raises(CloudError, match="because it is public, as new buckets do"):
        world.cloud.create(first)
    client.delete_public_access_block(Bucket="guarded")  # which refuses a public policy
    client.put_bucket_policy(Bucket="guarded", Policy=json.dumps(document))
    other = json.loads(json.dumps(document))
    other["Statement"][0]["Effect"] = "Deny"
    with pytest.raises(ConflictError, match="another policy"):
        world.cloud.create(world.operation(policy, {"Bucket": "guarded", "PolicyDocument": other}))
    same = world.operation(policy, {"Bucket": "guarded", "PolicyDocument": document})
    assert world.cloud.create(same) == "guarded"

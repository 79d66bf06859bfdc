"""Tests for what gitbot's tests and demo need from the local AWS over HTTP."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from gitbot.errors import UserError
from gitbot_sandbox.aws import Fault, FaultKind, LocalAws
from gitbot_sandbox.aws.calls import identify
from gitbot_sandbox.aws.faults import fault_from_data
from tests.contract.aws.cases.case import trust

AMI = "ami-0123456789abcdef0"


@pytest.fixture(scope="module")
def running() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture
def aws(running: LocalAws) -> LocalAws:
    running.reset()
    return running


@cache
def _client(url: str, service: str, attempts: int, region: str) -> Any:
    # One session for all: each new one reads the services' models again, a third of a second.
    session: Any = _session(region)
    config = Config(retries={"mode": "standard", "total_max_attempts": attempts}, read_timeout=60)
    return session.client(service, endpoint_url=url, config=config)


@cache
def _session(region: str) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id="AKIATEST", aws_secret_access_key="test", region_name=region
    )


def client(aws: LocalAws, service: str, attempts: int = 1, region: str = "us-east-1") -> Any:
    return _client(aws.url, service, attempts, region)


def control(aws: LocalAws, method: str, path: str, data: Any = None, **headers: str) -> Any:
    body = None if data is None else json.dumps(data).encode()
    headers = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(
        f"{aws.url}/_sandbox/{path}", data=body, method=method, headers=headers
    )
    with urllib.request.urlopen(request) as reply:
        text = reply.read().decode()
    return json.loads(text) if text and text[0] in "[{" else text


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def run(ec2: Any, **more: Any) -> str:
    launched = ec2.run_instances(
        ImageId=AMI, MinCount=1, MaxCount=1, **{"InstanceType": "g4dn.xlarge", **more}
    )
    return str(launched["Instances"][0]["InstanceId"])


def describe(ec2: Any, instance: str) -> Any:
    return ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]


def state(ec2: Any, instance: str) -> str:
    return str(describe(ec2, instance)["State"]["Name"])


# --- the log of calls ----------------------------------------------------------------------------


def test_calls_are_logged_by_service_and_operation(aws: LocalAws) -> None:
    s3 = client(aws, "s3")
    s3.create_bucket(Bucket="artifacts")
    s3.put_bucket_versioning(Bucket="artifacts", VersioningConfiguration={"Status": "Enabled"})
    s3.delete_bucket_lifecycle(Bucket="artifacts")
    s3.list_objects_v2(Bucket="artifacts")
    client(aws, "sts").get_caller_identity()
    client(aws, "ssm").describe_parameters()
    with pytest.raises(ClientError):
        client(aws, "iam").get_role(RoleName="absent")
    assert [(str(call), call.status) for call in aws.calls] == [
        ("s3.CreateBucket", 200),
        ("s3.PutBucketVersioning", 200),
        ("s3.DeleteBucketLifecycle", 204),
        ("s3.ListObjectsV2", 200),
        ("sts.GetCallerIdentity", 200),
        ("ssm.DescribeParameters", 200),
        ("iam.GetRole", 404),
    ]


def test_calls_behind_gitbots_back_are_not_logged_and_meet_no_fault(aws: LocalAws) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, count=None))
    assert aws.client("ec2").describe_instances()["Reservations"] == []
    assert aws.calls == ()


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", "/", "", "ListBuckets"),
        ("HEAD", "/b", "", "HeadBucket"),
        ("PUT", "/b", "publicAccessBlock", "PutPublicAccessBlock"),
        ("GET", "/b", "versions", "ListObjectVersions"),
        ("POST", "/b", "delete", "DeleteObjects"),
        ("PUT", "/b/a/key", "", "PutObject"),
        ("PUT", "/b/a/key", "partNumber=1&uploadId=x", "UploadPart"),
        ("GET", "/b/a/key", "tagging", "GetObjectTagging"),
    ],
)
def test_s3_operations_are_named_by_method_level_and_subresource(
    method: str, path: str, query: str, expected: str
) -> None:
    assert identify(method, path, query, {}, b"") == ("s3", expected)


# --- faults --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "call", "expected"),
    [
        ("ec2", "describe_instances", "RequestLimitExceeded"),
        ("iam", "list_roles", "Throttling"),
        ("s3", "list_buckets", "SlowDown"),
        ("ssm", "describe_parameters", "ThrottlingException"),
    ],
)
def test_each_service_throttles_in_its_own_words(
    aws: LocalAws, service: str, call: str, expected: str
) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, service=service))
    with pytest.raises(ClientError) as refused:
        getattr(client(aws, service), call)()
    assert code(refused) == expected
    getattr(client(aws, service), call)()
    assert [call.fault for call in aws.calls] == ["throttle", None]


def test_boto_retries_an_error_that_looks_like_an_outage(aws: LocalAws) -> None:
    aws.inject(Fault(kind=FaultKind.ERROR, status=503, service="s3", operation="Put*"))
    s3 = client(aws, "s3", attempts=3)
    s3.create_bucket(Bucket="artifacts")
    s3.put_object(Bucket="artifacts", Key="k", Body=b"x" * 100_000)
    assert [call.status for call in aws.calls] == [200, 503, 200]


def test_an_error_can_have_any_code_and_skip_the_first_calls(aws: LocalAws) -> None:
    refusal = Fault(
        kind=FaultKind.ERROR,
        operation="Describe*",
        status=403,
        code="UnauthorizedOperation",
        skip=1,
    )
    aws.inject(refusal)
    ec2 = client(aws, "ec2")
    ec2.describe_vpcs()
    assert aws.calls[-1].status == 200
    with pytest.raises(ClientError) as refused:
        ec2.describe_vpcs()
    assert code(refused) == "UnauthorizedOperation"


def test_a_delay_only_takes_time(aws: LocalAws) -> None:
    aws.inject(Fault(kind=FaultKind.DELAY, seconds=0.2))
    started = time.monotonic()
    client(aws, "sts").get_caller_identity()
    assert time.monotonic() - started >= 0.2


def test_a_delayed_call_goes_on_when_the_fault_is_cleared(aws: LocalAws) -> None:
    aws.inject(Fault(kind=FaultKind.DELAY, seconds=50))
    began = time.monotonic()
    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(client(aws, "sts").get_caller_identity)
        with pytest.raises(TimeoutError):
            asked.result(1)
        aws.clear_faults()
        asked.result()
    assert time.monotonic() - began < 45


def test_a_call_whose_reply_is_lost_is_applied(aws: LocalAws) -> None:
    aws.inject(Fault(kind=FaultKind.LOST_REPLY, operation="CreateBucket"))
    with pytest.raises(ConnectionClosedError):
        client(aws, "s3").create_bucket(Bucket="artifacts")
    names = [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]]
    assert names == ["artifacts"]
    assert [(call.operation, call.status) for call in aws.calls] == [("CreateBucket", 0)]


def test_a_call_whose_request_is_lost_is_not_applied(aws: LocalAws) -> None:
    aws.inject(Fault(kind=FaultKind.LOST_REQUEST, operation="CreateBucket"))
    with pytest.raises(ConnectionClosedError):
        client(aws, "s3").create_bucket(Bucket="artifacts")
    assert aws.client("s3").list_buckets()["Buckets"] == []


def test_a_lost_reply_to_a_launch_that_boto_retries_starts_one_instance(aws: LocalAws) -> None:
    aws.inject(Fault(kind=FaultKind.LOST_REPLY, operation="RunInstances"))
    instance = run(client(aws, "ec2", attempts=3), ClientToken="operation-1")
    reservations = aws.client("ec2").describe_instances()["Reservations"]
    assert [one["Instances"][0]["InstanceId"] for one in reservations] == [instance]
    assert [call.fault for call in aws.calls] == ["lost-reply", None]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"kind": "throttle", "sevice": "s3"}, "a fault has no 'sevice'"),
        ({"kind": "explode"}, "'kind' of a fault is one of throttle, error"),
        ({"kind": "error", "count": "many"}, "'count' of a fault must not be 'many'"),
    ],
)
def test_a_wrong_fault_is_refused_with_a_reason(data: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        fault_from_data(data)


# --- what moto lacks: EC2 ------------------------------------------------------------------------


def test_a_client_token_starts_one_instance_and_refuses_other_parameters(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    first = run(ec2, ClientToken="t-1")
    assert run(ec2, ClientToken="t-1") == first
    assert run(ec2, ClientToken="t-2") != first
    with pytest.raises(ClientError) as refused:
        run(ec2, ClientToken="t-1", InstanceType="g5.xlarge")
    assert code(refused) == "IdempotentParameterMismatch"


def test_many_at_once_with_one_token_still_start_one_instance(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    with ThreadPoolExecutor(8) as threads:
        started = set(threads.map(lambda _: run(ec2, ClientToken="t-1"), range(16)))
    assert len(started) == 1
    assert len(aws.client("ec2").describe_instances()["Reservations"]) == 1


def test_instances_pass_through_their_states_when_told_to(aws: LocalAws) -> None:
    aws.hold_instances(pending=2, stopping=1, shutting_down=1)
    ec2 = client(aws, "ec2")
    instance = run(ec2)
    assert [state(ec2, instance) for _ in range(4)] == ["pending", "pending", "running", "running"]
    ec2.stop_instances(InstanceIds=[instance])
    assert [state(ec2, instance) for _ in range(2)] == ["stopping", "stopped"]
    ec2.start_instances(InstanceIds=[instance])
    assert [state(ec2, instance) for _ in range(3)] == ["pending", "pending", "running"]
    ec2.terminate_instances(InstanceIds=[instance])
    assert [state(ec2, instance) for _ in range(2)] == ["shutting-down", "terminated"]


def test_a_terminated_machine_takes_the_interface_of_its_launch_with_it(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    network = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=network, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    instance = run(ec2, SubnetId=subnet)
    (interface,) = ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert interface["Attachment"]["DeleteOnTermination"] is True
    with pytest.raises(ClientError) as refused:
        ec2.delete_subnet(SubnetId=subnet)
    assert code(refused) == "DependencyViolation"
    for _ in range(2):
        ec2.terminate_instances(InstanceIds=[instance])
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    ec2.delete_subnet(SubnetId=subnet)
    assert state(ec2, instance) == "terminated"


def test_instances_run_at_once_by_default(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    assert state(ec2, run(ec2)) == "running"


def test_termination_protection_at_launch_holds(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    instance = run(ec2, DisableApiTermination=True)
    with pytest.raises(ClientError) as refused:
        ec2.terminate_instances(InstanceIds=[instance])
    assert code(refused) == "OperationNotPermitted"


def test_a_volumes_performance_is_kept_and_the_root_device_exists(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    disk = {"VolumeSize": 200, "VolumeType": "gp3", "Iops": 4000, "Throughput": 250}
    instance = run(ec2, BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": disk}])
    filters = [{"Name": "attachment.instance-id", "Values": [instance]}]
    volumes = {
        volume["Attachments"][0]["Device"]: volume
        for volume in ec2.describe_volumes(Filters=filters)["Volumes"]
    }
    assert sorted(volumes) == ["/dev/sda1", "/dev/sdf"]
    assert volumes["/dev/sda1"]["Size"] == 8
    data = volumes["/dev/sdf"]
    assert (data["Size"], data["Iops"], data["Throughput"]) == (200, 4000, 250)


def test_a_partial_update_of_metadata_options_leaves_the_others(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    instance = run(ec2, MetadataOptions={"HttpPutResponseHopLimit": 3, "HttpTokens": "optional"})
    ec2.modify_instance_metadata_options(InstanceId=instance, HttpTokens="required")
    options = describe(ec2, instance)["MetadataOptions"]
    assert (options["HttpTokens"], options["HttpPutResponseHopLimit"]) == ("required", 3)
    assert options["HttpEndpoint"] == "enabled"


def test_user_data_is_encoded_once_at_launch_and_in_an_update(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    instance = run(ec2, UserData="#!/bin/sh\necho one")

    def user_data() -> str:
        answer = ec2.describe_instance_attribute(InstanceId=instance, Attribute="userData")
        return base64.b64decode(answer["UserData"]["Value"]).decode()

    assert user_data() == "#!/bin/sh\necho one"
    ec2.stop_instances(InstanceIds=[instance])
    ec2.modify_instance_attribute(InstanceId=instance, UserData={"Value": b"#!/bin/sh\necho two"})
    assert user_data() == "#!/bin/sh\necho two"


def test_the_type_of_a_running_instance_cannot_be_changed(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    instance = run(ec2)
    change = {"InstanceId": instance, "InstanceType": {"Value": "g5.xlarge"}}
    with pytest.raises(ClientError) as refused:
        ec2.modify_instance_attribute(**change)
    assert code(refused) == "IncorrectInstanceState"
    ec2.stop_instances(InstanceIds=[instance])
    ec2.modify_instance_attribute(**change)
    assert describe(ec2, instance)["InstanceType"] == "g5.xlarge"


def test_an_instance_type_that_does_not_exist_is_refused(aws: LocalAws) -> None:
    with pytest.raises(ClientError) as refused:
        run(client(aws, "ec2"), InstanceType="g4dn.huge")
    assert code(refused).startswith("InvalidInstanceType")


def test_a_key_pair_that_does_not_exist_is_refused(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    with pytest.raises(ClientError) as refused:
        run(ec2, KeyName="absent")
    assert code(refused) == "InvalidKeyPair.NotFound"
    ec2.create_key_pair(KeyName="present")
    assert describe(ec2, run(ec2, KeyName="present"))["KeyName"] == "present"


def test_a_stopped_instance_takes_no_type_that_does_not_exist(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    instance = run(ec2)
    ec2.stop_instances(InstanceIds=[instance])
    with pytest.raises(ClientError) as refused:
        ec2.modify_instance_attribute(InstanceId=instance, InstanceType={"Value": "t3.huge"})
    assert code(refused) == "InvalidInstanceAttributeValue"
    with pytest.raises(ClientError) as refused:
        ec2.modify_instance_attribute(
            InstanceId=instance, Attribute="instanceType", Value="t3.huge"
        )
    assert code(refused) == "InvalidInstanceAttributeValue"
    ec2.modify_instance_attribute(InstanceId=instance, InstanceType={"Value": "t3.large"})
    assert describe(ec2, instance)["InstanceType"] == "t3.large"


def test_a_security_group_in_use_cannot_be_deleted(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    used, other = (
        ec2.create_security_group(GroupName=name, Description=name)["GroupId"]
        for name in ("used", "other")
    )
    instance = run(ec2, SecurityGroupIds=[used])
    pair = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    pair |= {"UserIdGroupPairs": [{"GroupId": used}]}
    ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[pair])
    with pytest.raises(ClientError) as refused:
        ec2.delete_security_group(GroupId=used)
    assert code(refused) == "DependencyViolation"
    ec2.terminate_instances(InstanceIds=[instance])
    with pytest.raises(ClientError) as refused:
        ec2.delete_security_group(GroupId=used)
    assert code(refused) == "DependencyViolation"
    ec2.delete_security_group(GroupId=other)
    ec2.delete_security_group(GroupId=used)


# --- what moto lacks: S3 -------------------------------------------------------------------------


def test_a_new_bucket_is_encrypted_private_and_without_acls(aws: LocalAws) -> None:
    s3 = client(aws, "s3")
    s3.create_bucket(Bucket="artifacts")

    def algorithm() -> str:
        answer = s3.get_bucket_encryption(Bucket="artifacts")
        rule = answer["ServerSideEncryptionConfiguration"]["Rules"][0]
        return str(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"])

    assert algorithm() == "AES256"
    block = s3.get_public_access_block(Bucket="artifacts")["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    controls = s3.get_bucket_ownership_controls(Bucket="artifacts")["OwnershipControls"]
    assert controls["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    kms = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket="artifacts", ServerSideEncryptionConfiguration={"Rules": [kms]})
    assert algorithm() == "aws:kms"
    s3.delete_bucket_encryption(Bucket="artifacts")
    assert algorithm() == "AES256"


def test_a_public_policy_is_refused_until_the_block_is_lifted(aws: LocalAws) -> None:
    s3 = client(aws, "s3")
    s3.create_bucket(Bucket="artifacts")
    statement = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::artifacts/*",
    }
    public = {"Version": "2012-10-17", "Statement": [statement | {"Principal": "*"}]}
    with pytest.raises(ClientError) as refused:
        s3.put_bucket_policy(Bucket="artifacts", Policy=json.dumps(public))
    assert code(refused) == "AccessDenied"
    s3.delete_public_access_block(Bucket="artifacts")
    s3.put_bucket_policy(Bucket="artifacts", Policy=json.dumps(public))


def test_lifecycle_rules_read_back_as_written(aws: LocalAws) -> None:
    rules = [
        {
            "ID": "old-versions",
            "Status": "Enabled",
            "Filter": {
                "And": {
                    "Prefix": "models/",
                    "ObjectSizeGreaterThan": 1024,
                    "Tags": [{"Key": "tier", "Value": "cold"}],
                }
            },
            "NoncurrentVersionTransitions": [
                {"NoncurrentDays": 30, "StorageClass": "STANDARD_IA", "NewerNoncurrentVersions": 2}
            ],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 365, "NewerNoncurrentVersions": 5},
        },
        {
            "ID": "rest",
            "Status": "Disabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": 10},
            "Transitions": [{"Days": 5, "StorageClass": "GLACIER"}],
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
        {"ID": "small", "Status": "Enabled", "Filter": {"ObjectSizeLessThan": 10}, "Expiration": {"Days": 1}},
    ]  # fmt: skip
    s3 = client(aws, "s3")
    s3.create_bucket(Bucket="artifacts")
    s3.put_bucket_lifecycle_configuration(
        Bucket="artifacts", LifecycleConfiguration={"Rules": rules}
    )
    assert s3.get_bucket_lifecycle_configuration(Bucket="artifacts")["Rules"] == rules
    s3.delete_bucket_lifecycle(Bucket="artifacts")
    with pytest.raises(ClientError) as refused:
        s3.get_bucket_lifecycle_configuration(Bucket="artifacts")
    assert code(refused) == "NoSuchLifecycleConfiguration"


def test_tags_given_at_the_creation_of_a_bucket_are_kept(aws: LocalAws) -> None:
    s3 = client(aws, "s3", region="eu-west-1")
    tags = [{"Key": "gitbot:stack", "Value": "dev/data"}, {"Key": "owner", "Value": "ml"}]
    s3.create_bucket(
        Bucket="artifacts",
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1", "Tags": tags},
    )
    assert s3.get_bucket_tagging(Bucket="artifacts")["TagSet"] == tags


# --- what moto has, and gitbot relies on ---------------------------------------------------------


def test_iam_refuses_to_delete_what_is_in_use(aws: LocalAws) -> None:
    iam = client(aws, "iam")
    iam.create_role(
        RoleName="trainer", AssumeRolePolicyDocument=json.dumps(trust("ec2.amazonaws.com"))
    )
    iam.create_instance_profile(InstanceProfileName="trainer")
    iam.add_role_to_instance_profile(InstanceProfileName="trainer", RoleName="trainer")
    with pytest.raises(ClientError) as refused:
        iam.delete_role(RoleName="trainer")
    assert code(refused) == "DeleteConflict"
    with pytest.raises(ClientError) as refused:
        iam.delete_instance_profile(InstanceProfileName="trainer")
    assert code(refused) == "DeleteConflict"


# --- control API, page, life ---------------------------------------------------------------------


def test_the_control_api_arms_faults_lists_calls_and_changes_the_cloud(aws: LocalAws) -> None:
    control(aws, "POST", "faults", {"kind": "throttle", "service": "sts", "count": 2})
    assert control(aws, "GET", "faults")[0]["service"] == "sts"
    with pytest.raises(ClientError):
        client(aws, "sts").get_caller_identity()
    control(aws, "DELETE", "faults")
    client(aws, "sts").get_caller_identity()
    assert control(aws, "GET", "calls")["counts"] == {"sts.GetCallerIdentity": 2}
    control(aws, "DELETE", "calls")
    change = {"service": "s3", "operation": "CreateBucket", "parameters": {"Bucket": "drifted"}}
    assert control(aws, "POST", "change", change)["Location"] == "/drifted"
    assert control(aws, "GET", "calls") == {"counts": {}, "calls": []}
    control(aws, "POST", "instances", {"pending": 1})
    ec2 = client(aws, "ec2")
    assert state(ec2, run(ec2)) == "pending"
    control(aws, "POST", "reset")
    assert aws.client("s3").list_buckets()["Buckets"] == []
    assert state(ec2, run(ec2)) == "running"


@pytest.mark.parametrize(
    ("method", "path", "data", "headers", "status"),
    [
        ("POST", "faults", {"kind": "explode"}, {}, 400),
        ("POST", "change", {"service": "s3", "operation": "Nothing"}, {}, 400),
        ("POST", "change", {"service": "s3", "operation": "DeleteBucket", "parameters": {"Bucket": "absent"}}, {}, 400),
        ("POST", "change", [], {}, 400),
        ("POST", "change", {"service": "s3", "operation": "UploadFile", "parameters": {"Filename": "/etc/passwd", "Bucket": "b", "Key": "k"}}, {}, 400),
        ("POST", "change", {"service": "s3", "operation": "__class__"}, {}, 400),
        ("POST", "change", {"service": ["s3"], "operation": "ListBuckets"}, {}, 400),
        ("POST", "change", {"service": "s3", "operation": "ListBuckets", "parameters": []}, {}, 400),
        ("GET", "elsewhere", None, {}, 404),
        ("POST", "reset", None, {"Origin": "http://evil.example"}, 403),
    ],
)  # fmt: skip
def test_the_control_api_refuses_with_a_message(
    aws: LocalAws, method: str, path: str, data: Any, headers: dict[str, str], status: int
) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        control(aws, method, path, data, **headers)
    assert refused.value.code == status
    assert json.loads(refused.value.read())["message"]
    refused.value.close()


def test_an_operation_that_is_only_a_method_of_the_client_touches_no_file(
    aws: LocalAws, tmp_path: Path
) -> None:
    """The kind: a name from outside that is looked up among the attributes of an object."""
    secret, stolen = tmp_path / "secret", tmp_path / "stolen"
    secret.write_text("hunter2")
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="files")
    s3.put_object(Bucket="files", Key="k", Body=b"mine")
    for operation, filename in (("UploadFile", secret), ("DownloadFile", stolen)):
        parameters = {"Filename": str(filename), "Bucket": "files", "Key": "k"}
        asked = {"service": "s3", "operation": operation, "parameters": parameters}
        with pytest.raises(urllib.error.HTTPError) as refused:
            control(aws, "POST", "change", asked)
        assert f"s3 has no operation {operation}" in refused.value.read().decode()
        refused.value.close()
    assert s3.get_object(Bucket="files", Key="k")["Body"].read() == b"mine"
    assert not stolen.exists()


@pytest.mark.parametrize("path", ["_sandbox/", "_sandbox/calls", "", "bucket"])
def test_a_site_that_gives_its_name_our_address_is_refused(aws: LocalAws, path: str) -> None:
    """The kind: a service on loopback that a web page reaches by DNS rebinding."""
    port = aws.url.rsplit(":", 1)[1]
    for host, refused in (("evil.example", True), (f"x.localhost:{port}", False)):
        request = urllib.request.Request(f"{aws.url}/{path}", headers={"Host": host})
        try:
            with urllib.request.urlopen(request) as reply:
                status = reply.status
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
        assert (status == 403) is refused


def test_the_page_shows_the_cloud_escaped_and_its_buttons_make_it_drift(aws: LocalAws) -> None:
    s3, ec2 = aws.client("s3"), aws.client("ec2")
    s3.create_bucket(Bucket="artifacts")
    s3.put_bucket_versioning(Bucket="artifacts", VersioningConfiguration={"Status": "Enabled"})
    instance = run(ec2)
    ec2.create_tags(Resources=[instance], Tags=[{"Key": "note", "Value": "<b>&"}])
    page = control(aws, "GET", "")
    assert f"<td>{instance}</td>" in page
    assert "note=&lt;b&gt;&amp;" in page
    assert "open SSH to the world" in page
    parameters = {"Bucket": "artifacts", "VersioningConfiguration": {"Status": "Suspended"}}
    assert json.dumps(parameters).replace('"', "&quot;") in page
    fields = {"service": "s3", "operation": "PutBucketVersioning"}
    form = urllib.parse.urlencode({**fields, "parameters": json.dumps(parameters)}).encode()
    with urllib.request.urlopen(f"{aws.url}/_sandbox/change", data=form) as reply:
        assert reply.url == f"{aws.url}/_sandbox/?region=us-east-1"
    assert s3.get_bucket_versioning(Bucket="artifacts")["Status"] == "Suspended"


def test_the_error_names_a_port_that_is_taken(running: LocalAws) -> None:
    taken = int(running.url.rsplit(":", 1)[1])
    with pytest.raises(UserError, match=f"Port {taken} on 127.0.0.1 cannot be used"):
        LocalAws(port=taken).start()


def test_stopping_twice_and_asking_before_the_start_are_harmless() -> None:
    aws = LocalAws()
    with pytest.raises(UserError, match="not running"):
        _ = aws.url
    aws.start()
    aws.stop()
    aws.stop()


def test_it_starts_with_an_empty_cloud_but_where_another_one_serves_beside_it() -> None:
    program = """
from gitbot_sandbox.aws.server import LocalAws
with LocalAws() as first:
    first.client("s3").create_bucket(Bucket="left-behind")
    with LocalAws() as beside:
        print(len(beside.client("s3").list_buckets()["Buckets"]))
with LocalAws() as later:
    print(len(later.client("s3").list_buckets()["Buckets"]))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["1", "0"]


def test_it_runs_as_a_program_until_it_is_stopped() -> None:
    program = [sys.executable, "-m", "gitbot_sandbox.aws", "--port", "0"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        says = process.stdout.readline()
        url = says.split()[3]
        with urllib.request.urlopen(f"{url}/_sandbox/calls") as reply:
            assert json.loads(reply.read()) == {"counts": {}, "calls": []}
        process.terminate()
        assert process.wait(timeout=60) == 0
    assert says == f"AWS is at {url} (console: {url}/_sandbox/)\n"


def test_a_page_of_the_index_of_tags_is_full_however_many_tags_its_objects_have(
    aws: LocalAws,
) -> None:
    tags = [{"Key": f"key-{number}", "Value": "x"} for number in range(20)]
    for number in range(6):
        aws.client("ec2").create_security_group(
            GroupName=f"group-{number}",
            Description="none",
            TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
        )
    page = aws.client("resourcegroupstaggingapi").get_resources(ResourcesPerPage=100)
    assert len(page["ResourceTagMappingList"]) == 6
    assert not page.get("PaginationToken")


def test_an_interface_goes_with_the_instance_that_it_was_made_for(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]

    def ended(**where: Any) -> list[str]:
        made = ec2.run_instances(ImageId=AMI, MinCount=1, MaxCount=1, **where)["Instances"][0]
        with pytest.raises(ClientError, match="has dependencies"):
            ec2.delete_subnet(SubnetId=subnet)
        ec2.terminate_instances(InstanceIds=[made["InstanceId"]])
        found = ec2.describe_network_interfaces()["NetworkInterfaces"]
        return [one["NetworkInterfaceId"] for one in found if one["SubnetId"] == subnet]

    assert ended(SubnetId=subnet) == []
    kept = {"DeviceIndex": 0, "SubnetId": subnet, "DeleteOnTermination": False}
    (left,) = ended(NetworkInterfaces=[kept])
    ec2.delete_network_interface(NetworkInterfaceId=left)
    ec2.delete_subnet(SubnetId=subnet)


def test_a_placement_group_is_kept_while_a_machine_is_in_it(aws: LocalAws) -> None:
    ec2 = client(aws, "ec2")
    launch = {"ImageId": AMI, "MinCount": 1, "MaxCount": 1, "Placement": {"GroupName": "together"}}
    with pytest.raises(ClientError, match="together' is unknown"):
        ec2.run_instances(**launch)
    ec2.create_placement_group(GroupName="together", Strategy="cluster")
    (made,) = ec2.run_instances(**launch)["Instances"]
    assert made["Placement"]["GroupName"] == "together"
    with pytest.raises(ClientError, match="is in use"):
        ec2.delete_placement_group(GroupName="together")
    ec2.terminate_instances(InstanceIds=[made["InstanceId"]])
    ec2.delete_placement_group(GroupName="together")


def test_a_bucket_may_be_made_private_and_its_acl_is_not_set_afterwards(aws: LocalAws) -> None:
    """Terraform makes every bucket so: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html"""
    s3 = client(aws, "s3")
    s3.create_bucket(Bucket="made-private", ACL="private")
    assert len(s3.get_bucket_acl(Bucket="made-private")["Grants"]) == 1
    for call, bucket in ((s3.put_bucket_acl, "made-private"), (s3.create_bucket, "made-public")):
        with pytest.raises(ClientError) as refused:
            call(Bucket=bucket, ACL="public-read")
        assert code(refused) == "AccessControlListNotSupported"


def test_subnets_without_a_zone_are_all_in_the_first_one(aws: LocalAws) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24")["Subnet"] for n in range(8)]
    assert {subnet["AvailabilityZone"] for subnet in made} == {"us-east-1a"}


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("ec2", "describe_volume_status", "InvalidAction"),
        ("rds", "describe_certificates", "InvalidAction"),
        ("ssm", "list_associations", "UnknownOperationException"),
        ("cloudwatch", "list_metric_streams", "UnknownOperationException"),
        ("efs", "describe_replication_configurations", "UnknownOperationException"),
    ],
)
def test_a_call_that_it_does_not_serve_is_refused_in_the_words_of_the_service(
    aws: LocalAws, service: str, call: str, code: str
) -> None:
    """The kind: a page with the status 500, which clients take for an outage and ask again."""
    with pytest.raises(ClientError, match="does not serve") as refused:
        getattr(client(aws, service, attempts=3), call)()
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert len([one for one in aws.calls if one.status]) == 1


def test_settings_of_a_cluster_are_changed_by_themselves(aws: LocalAws) -> None:
    ecs = client(aws, "ecs")
    ecs.create_cluster(
        clusterName="it", settings=[{"name": "containerInsights", "value": "disabled"}]
    )
    wanted = [{"name": "containerInsights", "value": "enhanced"}]
    assert (
        ecs.update_cluster_settings(cluster="it", settings=wanted)["cluster"]["settings"] == wanted
    )
    [found] = ecs.describe_clusters(clusters=["it"], include=["SETTINGS"])["clusters"]
    assert found["settings"] == wanted


def test_scripts_of_notebooks_are_listed_by_a_part_of_their_names(aws: LocalAws) -> None:
    made = client(aws, "sagemaker")
    for name in ("one-a", "two"):
        made.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name)

    def listed(**more: str) -> list[str]:
        found = made.list_notebook_instance_lifecycle_configs(**more)
        return [
            one["NotebookInstanceLifecycleConfigName"]
            for one in found["NotebookInstanceLifecycleConfigs"]
        ]

    assert (listed(), listed(NameContains="one")) == (["two", "one-a"], ["one-a"])

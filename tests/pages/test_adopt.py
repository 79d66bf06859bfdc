"""What somebody made by hand becomes a stack that adopts it and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from gitbot_sandbox.aws import LocalAws
from tests.e2e.shell import Shell, person

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
ENVIRONMENT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec: {region: us-east-1}
"""
TAGS = [{"Key": "owner", "Value": "ml-team"}]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    files = {"specs/dev/environment.yaml": ENVIRONMENT}
    with person(tmp_path_factory.mktemp("adopt"), files) as made:
        by_hand(made.aws)
        yield made


def by_hand(aws: LocalAws) -> None:
    ec2, s3 = aws.client("ec2"), aws.client("s3")
    vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.30.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="ssh", Description="SSH", VpcId=vpc)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**rule, "IpRanges": [{"CidrIp": "203.0.113.5/32"}]}]
    )
    machine = ec2.run_instances(
        ImageId="ami-0a1b2c3d4e5f60718",
        InstanceType="g4dn.xlarge",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[group],
    )["Instances"][0]["InstanceId"]
    gone = ec2.run_instances(
        ImageId="ami-0a1b2c3d4e5f60718", InstanceType="t3.micro", MinCount=1, MaxCount=1
    )["Instances"][0]["InstanceId"]
    ec2.create_tags(Resources=[vpc, subnet, group, machine, gone], Tags=TAGS)
    ec2.terminate_instances(InstanceIds=[gone])
    ec2.create_tags(Resources=[machine], Tags=[{"Key": "Name", "Value": "trainer"}])
    for name in ("acme-data", "acme-other"):
        s3.create_bucket(Bucket=name)
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": TAGS if name == "acme-data" else []})
    s3.put_bucket_versioning(Bucket="acme-data", VersioningConfiguration={"Status": "Enabled"})


def test_what_has_a_tag_is_adopted_with_references_and_nothing_changes(shell: Shell) -> None:
    made = shell.gitbot("adopt", "--tag", "owner=ml-team", "dev")
    assert made.returncode == 0, made.stdout + made.stderr
    assert "5 to adopt" in made.stdout
    assert "left out: there is no AWS::EC2::Instance i-" in made.stderr
    text = (shell.clone / "specs/dev/adopted.yaml").read_text()
    resources = yaml.safe_load(text)["spec"]["resources"]
    by_type = {one["type"].rpartition("::")[2]: key for key, one in resources.items()}
    trainer = resources["trainer"]["properties"]
    assert trainer["SubnetId"] == f"${{{by_type['Subnet']}.SubnetId}}"
    assert trainer["SecurityGroupIds"] == [f"${{{by_type['SecurityGroup']}.GroupId}}"]
    assert resources[by_type["Subnet"]]["properties"]["VpcId"] == f"${{{by_type['VPC']}.VpcId}}"

    shell.write({})
    plan = shell.gitbot("plan", "dev")
    digest = plan.stdout.partition("Digest ")[2][:16]
    done = shell.gitbot("apply", "dev", "--digest", digest, "--new-store")
    assert done.returncode == 0, done.stdout + done.stderr
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0
    taken = shell.gitbot("adopt", "AWS::S3::Bucket", "acme-data", "dev", "--name", "again")
    assert (taken.returncode, "manages it already" in taken.stderr) == (1, True)


def a_network(aws: LocalAws) -> list[tuple[str, str]]:
    """Make one object of each type of networks; their types and identifiers."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.40.1.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    link = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    web = ec2.create_security_group(GroupName="web", Description="Web", VpcId=vpc)["GroupId"]
    base = ec2.create_security_group(GroupName="base", Description="Base", VpcId=vpc)["GroupId"]
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    came = ec2.authorize_security_group_ingress(
        GroupId=base, IpPermissions=[{**https, "UserIdGroupPairs": [{"GroupId": web}]}]
    )["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    went = ec2.authorize_security_group_egress(
        GroupId=base, IpPermissions=[{**https, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]
    )["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    tagged = [vpc, subnet, gateway, table, web, came]
    ec2.create_tags(Resources=tagged, Tags=[{"Key": "team", "Value": "net"}])
    return [
        ("AWS::EC2::VPC", vpc),
        ("AWS::EC2::Subnet", subnet),
        ("AWS::EC2::InternetGateway", gateway),
        ("AWS::EC2::VPCGatewayAttachment", f"IGW|{vpc}"),
        ("AWS::EC2::RouteTable", table),
        ("AWS::EC2::Route", f"{table}|0.0.0.0/0"),
        ("AWS::EC2::SubnetRouteTableAssociation", link),
        ("AWS::EC2::SecurityGroup", web),
        ("AWS::EC2::SecurityGroup", base),
        ("AWS::EC2::SecurityGroupIngress", came),
        ("AWS::EC2::SecurityGroupEgress", went),
    ]


def the_rest(aws: LocalAws, subnet: str, group: str) -> list[tuple[str, str]]:
    """Make one object of each other type, which use each other."""
    s3, iam, ec2 = aws.client("s3"), aws.client("iam"), aws.client("ec2")
    s3.create_bucket(Bucket="acme-models")
    team = [{"Key": "team", "Value": "ml"}]
    s3.put_bucket_tagging(Bucket="acme-models", Tagging={"TagSet": team})
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-models/*"}
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "ec2.amazonaws.com"},
    }
    made = iam.create_role(RoleName="trainer", AssumeRolePolicyDocument=document(trust))["Role"]
    iam.put_role_policy(RoleName="trainer", PolicyName="read", PolicyDocument=document(read))
    iam.attach_role_policy(
        RoleName="trainer", PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    )
    iam.tag_role(RoleName="trainer", Tags=team)
    iam.create_instance_profile(InstanceProfileName="trainer")
    iam.add_role_to_instance_profile(InstanceProfileName="trainer", RoleName="trainer")
    allow = {**read, "Principal": {"AWS": made["Arn"]}}
    s3.put_bucket_policy(Bucket="acme-models", Policy=document(allow))
    key = ec2.import_key_pair(KeyName="laptop", PublicKeyMaterial=KEY.encode())
    ec2.create_tags(Resources=[key["KeyPairId"]], Tags=team)
    machine = ec2.run_instances(
        ImageId="ami-0a1b2c3d4e5f60718",
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[group],
        KeyName=key["KeyName"],
        IamInstanceProfile={"Name": "trainer"},
    )["Instances"][0]["InstanceId"]
    return [
        ("AWS::S3::Bucket", "acme-models"),
        ("AWS::S3::BucketPolicy", "acme-models"),
        ("AWS::IAM::Role", "trainer"),
        ("AWS::IAM::InstanceProfile", "trainer"),
        ("AWS::EC2::KeyPair", "laptop"),
        ("AWS::EC2::Instance", machine),
    ]


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBx0nRwyvXJPrFRDbLZ3Y5aLbHw7WZZ6wVuFj6vQk3pD me@laptop"


def document(statement: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_network_with_what_runs_in_it_is_adopted_alone_and_whole_with_references(
    shell: Shell,
) -> None:
    """Of the other types tests/contract/test_every_type.py adopts every one."""
    network = a_network(shell.aws)
    others = the_rest(shell.aws, network[1][1], network[7][1])
    for type_, own in (*network, *others):
        name = type_.rpartition("::")[2].lower()
        made = shell.gitbot("adopt", type_, own, "dev", "--name", name)
        assert made.returncode == 0, (
            type_,
            made.stdout + made.stderr,
            (shell.clone / f"specs/dev/{name}.yaml").read_text(),
        )
        (shell.clone / f"specs/dev/{name}.yaml").unlink()
    pairs = [text for pair in (*network, *others) for text in pair]
    made = shell.gitbot("adopt", *pairs, "dev", "--name", "all")
    text = (shell.clone / "specs/dev/all.yaml").read_text()
    assert made.returncode == 0, made.stdout + made.stderr + text
    assert "17 to adopt" in made.stdout, text
    resources = yaml.safe_load(text)["spec"]["resources"]
    found = {one["type"].rpartition("::")[2]: (key, one) for key, one in resources.items()}
    keys = {name: key for name, (key, _) in found.items() if name != "SecurityGroup"}

    def properties(name: str) -> Any:
        return found[name][1]["properties"]

    bucket, role = keys["Bucket"], keys["Role"]
    assert properties("Bucket")["BucketName"] == "acme-models"
    assert properties("Role")["RoleName"] == "trainer"
    assert properties("BucketPolicy")["Bucket"] == f"${{{bucket}.BucketName}}"
    (allow,) = properties("BucketPolicy")["PolicyDocument"]["Statement"]
    assert allow["Resource"] in (f"${{{bucket}.Arn}}/*", [f"${{{bucket}.Arn}}/*"])
    assert f"${{{role}.Arn}}" in str(allow["Principal"])
    assert properties("InstanceProfile")["Roles"] == [f"${{{role}.RoleName}}"]
    machine = properties("Instance")
    assert machine["IamInstanceProfile"] == f"${{{keys['InstanceProfile']}.InstanceProfileName}}"
    assert machine["KeyName"] == f"${{{keys['KeyPair']}.KeyName}}"
    assert properties("Route")["GatewayId"] == f"${{{keys['InternetGateway']}.InternetGatewayId}}"
    assert properties("VPCGatewayAttachment")["VpcId"] == f"${{{keys['VPC']}.VpcId}}"
    (shell.clone / "specs/dev/all.yaml").unlink()

    made = shell.gitbot("adopt", "--tag", "team=net", "--tag", "team=ml", "dev", "--name", "tags")
    text = (shell.clone / "specs/dev/tags.yaml").read_text()
    assert made.returncode == 0, made.stdout + made.stderr + text
    types = [one["type"] for one in yaml.safe_load(text)["spec"]["resources"].values()]
    # Attachment, route, association, policy and profile have no tags, and belong to what has one.
    without = {"AWS::EC2::Instance", "AWS::EC2::SecurityGroupEgress"}
    assert sorted(types) == sorted({type_ for type_, _ in (*network, *others)} - without)
    assert "left out" not in made.stderr
    (shell.clone / "specs/dev/tags.yaml").unlink()


def test_one_object_is_adopted_by_its_identifier(shell: Shell) -> None:
    made = shell.gitbot("adopt", "AWS::S3::Bucket", "acme-other", "dev", "--name", "other")
    assert made.returncode == 0, made.stdout + made.stderr
    assert "1 to adopt" in made.stdout
    text = (shell.clone / "specs/dev/other.yaml").read_text()
    (one,) = yaml.safe_load(text)["spec"]["resources"].values()
    assert one["lifecycle"] == {"import": "acme-other"}
    assert one["properties"]["BucketName"] == "acme-other"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("AWS::S3::Bucket", "acme-none", "dev", "--name", "n"), "there is no AWS::S3::Bucket"),
        (("AWS::No::Such", "x", "dev", "--name", "n"), "no type that gitbot manages"),
        (
            ("--tag", "owner=nobody", "dev", "--name", "n"),
            "nothing that can be adopted has such a tag",
        ),
        (("--tag", "owner", "dev", "--name", "n"), "KEY=VALUE"),
        (("AWS::S3::Bucket", "dev", "--name", "n"), "pairs of TYPE and ID"),
    ],
)
def test_what_cannot_be_adopted_is_told_and_nothing_is_written(
    shell: Shell, arguments: tuple[str, ...], words: str
) -> None:
    made = shell.gitbot("adopt", *arguments)
    assert made.returncode != 0
    assert words in made.stderr
    assert not (shell.clone / "specs/dev/n.yaml").exists()

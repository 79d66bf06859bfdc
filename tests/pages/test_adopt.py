"""What somebody made by hand becomes a stack that adopts it and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

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

"""What Terraform made is adopted by the spec that its configuration and its state are converted to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitbot_sandbox.aws import LocalAws
from tests.e2e.shell import person

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
ENVIRONMENT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec: {region: us-east-1}
"""
CONFIGURATION = """\
variable "my_ip" { type = string }
resource "aws_s3_bucket" "data" {
  bucket = "acme-data"
  tags   = { owner = "ml-team" }
}
resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_security_group" "ssh" {
  name = "ssh"
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.my_ip]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
output "group" { value = aws_security_group.ssh.id }
"""


def terraformed(aws: LocalAws, folder: Path) -> Path:
    """Make what the configuration describes, as Terraform does, and write its state."""
    s3, ec2 = aws.client("s3"), aws.client("ec2")
    s3.create_bucket(Bucket="acme-data")
    s3.put_bucket_versioning(Bucket="acme-data", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(
        Bucket="acme-data", Tagging={"TagSet": [{"Key": "owner", "Value": "ml-team"}]}
    )
    group = ec2.create_security_group(GroupName="ssh", Description="Managed by Terraform")[
        "GroupId"
    ]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**rule, "IpRanges": [{"CidrIp": "203.0.113.5/32"}]}]
    )
    resources = [
        {"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": {"id": own}}]}
        for kind, name, own in (
            ("aws_s3_bucket", "data", "acme-data"),
            ("aws_security_group", "ssh", group),
        )
    ]
    (folder / "main.tf").write_text(CONFIGURATION)
    (folder / "terraform.tfvars").write_text('my_ip = "203.0.113.5/32"\n')
    state = folder / "state.json"
    state.write_text(json.dumps({"version": 4, "resources": resources}))
    return state


def test_what_terraform_made_is_adopted_and_stays_as_it_is(tmp_path: Path) -> None:
    infra = tmp_path / "terraform"
    infra.mkdir()
    with person(tmp_path, {"specs/dev/environment.yaml": ENVIRONMENT}) as shell:
        state = terraformed(shell.aws, infra)
        made = shell.gitbot("convert", "terraform", str(infra), "--state", str(state))
        assert (made.returncode, made.stderr) == (0, "")
        shell.write({"specs/dev/infra.yaml": made.stdout})
        # The name of the stack is that of the folder.
        plan = shell.gitbot("plan", "dev")
        assert "2 to adopt" in plan.stdout, plan.stdout + plan.stderr
        assert "to create" not in plan.stdout
        assert "to update" not in plan.stdout
        digest = plan.stdout.partition("Digest ")[2][:16]
        done = shell.gitbot("apply", "dev", "--digest", digest, "--new-store")
        assert done.returncode == 0, done.stdout + done.stderr
        assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0
        group = shell.gitbot("output", "dev", "terraform", "group").stdout.strip()
        assert f'"{group}"' in state.read_text()


NETWORK = """\
data "aws_caller_identity" "me" {}
locals { tags = { owner = "ml-team" } }
resource "aws_vpc" "main" {
  cidr_block = "10.7.0.0/16"
  tags       = merge(local.tags, { Name = "main" })
}
resource "aws_internet_gateway" "out" {
  vpc_id = aws_vpc.main.id
}
module "zone" {
  source   = "./zone"
  for_each = { a = "10.7.1.0/24", b = "10.7.2.0/24" }
  vpc_id   = aws_vpc.main.id
  gateway  = aws_internet_gateway.out.id
  cidr     = each.value
}
resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.main.id
  ingress {
    from_port = 443
    to_port   = 443
    protocol  = "tcp"
    self      = true
  }
}
resource "aws_security_group_rule" "ssh" {
  type              = "ingress"
  security_group_id = aws_security_group.other.id
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = ["203.0.113.5/32"]
}
resource "aws_security_group" "other" {
  name   = "other"
  vpc_id = aws_vpc.main.id
}
resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.other.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}
resource "aws_s3_bucket" "data" {
  count  = 2
  bucket = "acme-data-${count.index}"
}
resource "aws_s3_bucket_versioning" "data" {
  count  = 2
  bucket = aws_s3_bucket.data[count.index].id
  versioning_configuration { status = "Enabled" }
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}
data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [aws_s3_bucket.data[0].arn, "${aws_s3_bucket.data[0].arn}/*"]
  }
}
resource "aws_iam_role" "trainer" {
  name               = "trainer"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  inline_policy {
    name   = "list"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" }]
    })
  }
}
resource "aws_iam_role_policy" "read" {
  name   = "read"
  role   = aws_iam_role.trainer.name
  policy = data.aws_iam_policy_document.read.json
}
resource "aws_iam_role_policy_attachment" "managed" {
  for_each   = toset(["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"])
  role       = aws_iam_role.trainer.id
  policy_arn = each.value
}
resource "aws_iam_instance_profile" "trainer" {
  name = "trainer"
  role = aws_iam_role.trainer.name
}
output "zones" { value = [module.zone["a"].subnet_id, module.zone["b"].subnet_id] }
output "buckets" { value = aws_s3_bucket.data[*].bucket }
"""
ZONE = """\
variable "vpc_id" { type = string }
variable "gateway" { type = string }
variable "cidr" { type = string }
resource "aws_subnet" "this" {
  vpc_id     = var.vpc_id
  cidr_block = var.cidr
}
resource "aws_route_table" "this" {
  vpc_id = var.vpc_id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = var.gateway
  }
}
resource "aws_route_table_association" "this" {
  subnet_id      = aws_subnet.this.id
  route_table_id = aws_route_table.this.id
}
output "subnet_id" { value = aws_subnet.this.id }
"""
TRUST = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"Service": "ec2.amazonaws.com"},
}
READ = {
    "Sid": "Read",
    "Effect": "Allow",
    "Action": ["s3:ListBucket", "s3:GetObject"],
    "Resource": ["arn:aws:s3:::acme-data-0/*", "arn:aws:s3:::acme-data-0"],
}
LIST = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}


class Made:
    """The objects of a configuration, as Terraform makes them and writes them into its state."""

    def __init__(self, aws: LocalAws) -> None:
        self.ec2, self.s3, self.iam = aws.client("ec2"), aws.client("s3"), aws.client("iam")
        self.resources: list[dict[str, object]] = []

    def know(
        self, type_: str, name: str, attributes: dict[str, object], key: object = None, at: str = ""
    ) -> None:
        instance = {"attributes": attributes} | ({} if key is None else {"index_key": key})
        one = {"mode": "managed", "type": type_, "name": name, "instances": [instance]}
        self.resources.append(one | ({"module": at} if at else {}))

    def network(self) -> str:
        ec2 = self.ec2
        vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        tags = [{"Key": "owner", "Value": "ml-team"}, {"Key": "Name", "Value": "main"}]
        ec2.create_tags(Resources=[vpc], Tags=tags)
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        self.know("aws_vpc", "main", {"id": vpc})
        self.know("aws_internet_gateway", "out", {"id": gateway, "vpc_id": vpc})
        for key, cidr in (("a", "10.7.1.0/24"), ("b", "10.7.2.0/24")):
            at = f'module.zone["{key}"]'
            subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr)["Subnet"]["SubnetId"]
            table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
            ec2.create_route(
                RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
            )
            link = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
            self.know("aws_subnet", "this", {"id": subnet}, at=at)
            route = {"cidr_block": "0.0.0.0/0", "gateway_id": gateway}
            self.know("aws_route_table", "this", {"id": table, "route": [route]}, at=at)
            self.know("aws_route_table_association", "this", {"id": link}, at=at)
        return str(vpc)

    def groups(self, vpc: str) -> None:
        ec2, every = self.ec2, {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        groups = []
        for name in ("web", "other"):
            group = ec2.create_security_group(
                GroupName=name, Description="Managed by Terraform", VpcId=vpc
            )["GroupId"]
            ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[every])
            self.know("aws_security_group", name, {"id": group})
            groups.append(group)
        web, other = groups
        tcp = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
        pairs = [{"GroupId": web}]
        ec2.authorize_security_group_ingress(
            GroupId=web, IpPermissions=[{**tcp, "UserIdGroupPairs": pairs}]
        )
        ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
        ranges = [{"CidrIp": "203.0.113.5/32"}]
        came = ec2.authorize_security_group_ingress(
            GroupId=other, IpPermissions=[{**ssh, "IpRanges": ranges}]
        )["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        went = ec2.authorize_security_group_egress(GroupId=other, IpPermissions=[every])[
            "SecurityGroupRules"
        ][0]["SecurityGroupRuleId"]
        own = {"id": "sgrule-1", "security_group_rule_id": came}
        self.know("aws_security_group_rule", "ssh", own)
        own = {"id": went, "security_group_rule_id": went}
        self.know("aws_vpc_security_group_egress_rule", "all", own)

    def rest(self) -> None:
        for at in range(2):
            name = f"acme-data-{at}"
            self.s3.create_bucket(Bucket=name)
            self.s3.put_bucket_versioning(
                Bucket=name, VersioningConfiguration={"Status": "Enabled"}
            )
            self.know("aws_s3_bucket", "data", {"id": name}, at)
        iam = self.iam
        iam.create_role(RoleName="trainer", AssumeRolePolicyDocument=document(TRUST))
        for name, one in (("list", LIST), ("read", READ)):
            iam.put_role_policy(RoleName="trainer", PolicyName=name, PolicyDocument=document(one))
        iam.attach_role_policy(
            RoleName="trainer", PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
        )
        iam.create_instance_profile(InstanceProfileName="trainer")
        iam.add_role_to_instance_profile(InstanceProfileName="trainer", RoleName="trainer")
        self.know("aws_iam_role", "trainer", {"id": "trainer"})
        self.know("aws_iam_instance_profile", "trainer", {"id": "trainer"})


def document(statement: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_copies_modules_and_what_is_inside_of_others_are_adopted_too(tmp_path: Path) -> None:
    infra = tmp_path / "infra-of-terraform"
    (infra / "zone").mkdir(parents=True)
    (infra / "main.tf").write_text(NETWORK)
    (infra / "zone/main.tf").write_text(ZONE)
    with person(tmp_path, {"specs/dev/environment.yaml": ENVIRONMENT}) as shell:
        made = Made(shell.aws)
        made.groups(made.network())
        made.rest()
        (infra / "state.json").write_text(json.dumps({"version": 4, "resources": made.resources}))
        modules = shell.clone / "modules"
        state = str(infra / "state.json")
        done = shell.gitbot(
            "convert", "terraform", str(infra), "--state", state, "--modules", str(modules)
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        shell.write({"specs/dev/infra.yaml": done.stdout})
        plan = shell.gitbot("plan", "dev")
        assert "19 to adopt" in plan.stdout, done.stdout + plan.stdout + plan.stderr
        assert all(f"to {word}" not in plan.stdout for word in ("create", "update", "replace"))
        digest = plan.stdout.partition("Digest ")[2][:16]
        applied = shell.gitbot("apply", "dev", "--digest", digest, "--new-store")
        assert applied.returncode == 0, applied.stdout + applied.stderr
        assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0

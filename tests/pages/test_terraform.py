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

"""Give tests small stacks that are quick to apply."""

from __future__ import annotations

from textwrap import indent


def stack(name: str, resources: str, outputs: str = "") -> str:
    """The text of a stack."""
    text = (
        f"apiVersion: gitbot/v1\nkind: Stack\nmetadata:\n  name: {name}\n"
        f"  labels: {{owner: ml-team, cost: tests}}\nspec:\n  resources:\n{indent(resources, '    ')}"
    )
    return text + (f"  outputs:\n{indent(outputs, '    ')}" if outputs else "")


def bucket(name: str = "artifacts", versioning: str = "Enabled", more: str = "") -> str:
    """A stack with one versioned bucket, named after the repository."""
    return stack(
        name,
        "bucket:\n"
        "  type: AWS::S3::Bucket\n"
        "  properties:\n"
        f"    BucketName: ${{env.project}}-${{env.name}}-{name}\n"
        f"    VersioningConfiguration: {{Status: {versioning}}}\n{more}",
        "bucket: ${bucket.BucketName}\n",
    )


def group(name: str = "ssh", cidr: str = "203.0.113.5/32", more: str = "") -> str:
    """A stack with one security group that lets one address in by SSH."""
    return stack(
        name,
        "ssh:\n"
        "  type: AWS::EC2::SecurityGroup\n"
        "  properties:\n"
        f"    GroupName: ${{env.project}}-${{env.name}}-{name}\n"
        "    GroupDescription: SSH from one address only\n"
        "    SecurityGroupIngress:\n"
        f"      - {{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: {cidr}}}\n{more}",
        "group: ${ssh.GroupId}\n",
    )

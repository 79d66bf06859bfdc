"""Run Terraform with the hashicorp/aws provider, on the same stacks as gitbot. Shell."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Finished, measured

MIRROR_VARIABLE = "BENCH_TF_MIRROR"
MIRRORS = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)
PROVIDER = "registry.terraform.io/hashicorp/aws"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """Where Terraform and the AWS provider are; None for one that is missing."""

    program: str | None
    mirror: Path | None

    @property
    def missing(self) -> str:
        """What to do to have Terraform beside gitbot; empty when nothing is missing."""
        if self.program is None:
            return "terraform is not on PATH: install it to compare"
        if self.mirror is None:
            return (
                f"the provider hashicorp/aws was not found: make a mirror with `terraform providers "
                f"mirror FOLDER` and set {MIRROR_VARIABLE}=FOLDER"
            )
        return ""


def look_for_terraform() -> Installed:
    """``terraform`` on PATH, and a mirror: the one that the variable names, or one in a usual
    place."""
    named = os.environ.get(MIRROR_VARIABLE)
    places = [Path(named)] if named else [Path(place).expanduser() for place in MIRRORS]
    found = [place for place in places if any((place / PROVIDER).glob("*"))]
    return Installed(program=shutil.which("terraform"), mirror=found[0] if found else None)


class Terraform:
    """One root module, its state, and the command line."""

    def __init__(
        self, installed: Installed, folder: Path, text: str, environ: Mapping[str, str]
    ) -> None:
        assert installed.program is not None
        self._program = installed.program
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.write(text)
        settings = folder / "terraform.rc"
        settings.write_text(_settings(installed.mirror))
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._environ = {
            **kept,
            **environ,
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
        }
        self.run("init", "-input=false")

    def write(self, text: str) -> None:
        """Write the module anew."""
        (self._folder / "main.tf").write_text(text)

    def run(self, *arguments: str, ok: Collection[int] = (0,)) -> Finished:
        """Run ``terraform …`` in the module's folder."""
        command = [self._program, *arguments, "-no-color"]
        return measured(command, cwd=self._folder, environ=self._environ, ok=ok)

    def validate(self) -> Finished:
        """Validate offline; this also warms the file system's caches."""
        return self.run("validate")

    def plan(self, *more: str, ok: Collection[int] = (0,)) -> Finished:
        """Plan the module. By default only an empty plan is a success."""
        return self.run("plan", "-input=false", "-detailed-exitcode", *more, ok=ok)

    def apply(self) -> Finished:
        """Apply the module."""
        return self.run("apply", "-input=false", "-auto-approve")

    def destroy(self) -> Finished:
        """Destroy everything in the state."""
        return self.run("destroy", "-input=false", "-auto-approve")


def _settings(mirror: Path | None) -> str:
    if mirror is None:
        return ""
    return (
        "provider_installation {\n"
        f'  filesystem_mirror {{\n    path    = "{mirror}"\n    include = ["{PROVIDER}"]\n  }}\n'
        "}\n"
    )


def copies(count: int, ami: str) -> str:
    """``count`` copies of the two example stacks of dev, property for property."""
    return f'locals {{\n  copies = toset([for n in range({count}) : format("%03d", n)])\n}}\n' + (
        (HEAD + EXAMPLE).replace("AMI", ami)
    )


def pairs(count: int) -> str:
    """``count`` pairs of dependent resources that need no provider."""
    blocks = [
        f'resource "terraform_data" "ssh_{n:05}" {{\n  input = "SSH from my IP only {n}"\n}}\n'
        f'resource "terraform_data" "trainer_{n:05}" {{\n'
        f"  input = terraform_data.ssh_{n:05}.id\n}}\n"
        for n in range(count)
    ]
    return "".join(blocks)


def pairs_by_for_each(count: int) -> str:
    """The same pairs in two blocks; at most 1,024, because ``range`` gives no more."""
    return PAIRS_BY_FOR_EACH.replace("COUNT", str(count))


PAIRS_BY_FOR_EACH = """\
locals {
  copies = toset([for n in range(COUNT) : format("%05d", n)])
}

resource "terraform_data" "ssh" {
  for_each = local.copies
  input    = "SSH from my IP only ${each.key}"
}

resource "terraform_data" "trainer" {
  for_each = local.copies
  input    = terraform_data.ssh[each.key].id
}
"""

HEAD = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "us-east-1"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
"""

EXAMPLE = """
resource "aws_s3_bucket" "bucket" {
  for_each = local.copies
  bucket   = "ml-platform-dev-artifacts-${each.key}"
  tags     = { env = "dev", owner = "ml-team", cost = "ml-artifacts" }
}

resource "aws_s3_bucket_versioning" "bucket" {
  for_each = local.copies
  bucket   = aws_s3_bucket.bucket[each.key].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "bucket" {
  for_each   = local.copies
  bucket     = aws_s3_bucket.bucket[each.key].id
  depends_on = [aws_s3_bucket_versioning.bucket]
  rule {
    id     = "replaced-versions-to-infrequent-access"
    status = "Enabled"
    filter {}
    noncurrent_version_transition {
      storage_class   = "STANDARD_IA"
      noncurrent_days = 30
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "bucket" {
  for_each = local.copies
  bucket   = aws_s3_bucket.bucket[each.key].id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "bucket" {
  for_each                = local.copies
  bucket                  = aws_s3_bucket.bucket[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_security_group" "ssh" {
  for_each    = local.copies
  name        = "gpu-trainer-${each.key}-ssh"
  description = "SSH from one address only"
  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["203.0.113.5/32"]
    description = "SSH"
  }
  tags = { env = "dev", owner = "ml-team", cost = "ml-experiments", Name = "gpu-trainer-${each.key}-ssh" }
}

resource "aws_key_pair" "key" {
  for_each   = local.copies
  key_name   = "ml-platform-dev-gpu-trainer-${each.key}"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJraRsj69dW5AT+UxZwGqcou8cKLbYxXQBEMpHtMV1w"
  tags       = { env = "dev", owner = "ml-team", cost = "ml-experiments" }
}

resource "aws_instance" "trainer" {
  for_each               = local.copies
  ami                    = "AMI"
  instance_type          = "g4dn.xlarge"
  key_name               = aws_key_pair.key[each.key].key_name
  vpc_security_group_ids = [aws_security_group.ssh[each.key].id]
  root_block_device {
    volume_size = 100
    volume_type = "gp3"
    encrypted   = true
  }
  metadata_options {
    http_tokens = "required"
  }
  tags = { env = "dev", owner = "ml-team", cost = "ml-experiments", Name = "gpu-trainer-${each.key}" }
}

output "buckets" {
  value = { for key, bucket in aws_s3_bucket.bucket : key => bucket.arn }
}

output "trainers" {
  value = { for key, trainer in aws_instance.trainer : key => [trainer.id, trainer.public_ip] }
}
"""

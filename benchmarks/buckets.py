"""Compare what state in a bucket costs gitbot and Terraform, for the same stack. Shell.

Counted are the requests to the bucket of state at the local AWS, and the bytes of their bodies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.cloud import AwsProcess
from benchmarks.gitbot_tool import ENVIRONMENT, Gitbot
from benchmarks.measuring import Finished
from benchmarks.terraform_tool import Installed, Terraform
from gitbot.model.store_cost import StoreCost, kind_of
from gitbot.render.store_cost import cost_words
from gitbot_sandbox.sandbox import example_files

GROUPS = 50
BUCKET = "bench-state"
_STACK = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: groups}
spec:
  resources:
"""
_GROUP = """\
    group_{number:03}:
      type: AWS::EC2::SecurityGroup
      properties:
        GroupName: bench-{number:03}
        GroupDescription: A group of the benchmark
        Tags: [{{Key: note, Value: {note}}}]
"""
_ROOT = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
  backend "s3" {
    bucket                      = "BUCKET"
    key                         = "bench/terraform.tfstate"
    region                      = "us-east-1"
    encrypt                     = true
    use_lockfile                = true
    use_path_style              = true
    skip_credentials_validation = true
    skip_requesting_account_id  = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
  }
}

provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
"""
_TERRAFORM_GROUP = """
resource "aws_security_group" "group_{number:03}" {{
  name        = "bench-{number:03}"
  description = "A group of the benchmark"
  tags        = {{ note = "{note}" }}
}}
"""


Results = Mapping[str, Mapping[str, StoreCost]]


def compare(folder: Path, installed: Installed, say: Callable[[str], None]) -> Results:
    """What the state of the four commands cost each tool, one after the other, on the same local AWS."""
    with AwsProcess() as aws:
        found = {"gitbot": _gitbot(folder / "gitbot", aws, say)}
        if installed.missing:
            say(f"without Terraform: {installed.missing}")
        else:
            found["terraform"] = _terraform(folder / "terraform", installed, aws, say)
    return {name: {tool: found[tool][name] for tool in found} for name in found["gitbot"]}


def _gitbot(folder: Path, aws: AwsProcess, say: Callable[[str], None]) -> dict[str, StoreCost]:
    _new_bucket(aws)
    tool = Gitbot(folder, _specs("before"), aws.environ, store=f"s3://{BUCKET}/bench")
    costs = _Costs("gitbot", aws, say)
    costs.take("apply from nothing", tool.apply)
    tool.write(_specs("after"))
    costs.take("apply of one change", tool.apply)
    costs.take("plan that finds nothing", tool.plan)
    digests = tool.digests_to_destroy()
    costs.take("destroy", lambda: tool.destroy(digests))
    return costs.found


def _terraform(
    folder: Path, installed: Installed, aws: AwsProcess, say: Callable[[str], None]
) -> dict[str, StoreCost]:
    _new_bucket(aws)
    tool = Terraform(installed, folder, _module("before"), aws.environ)
    costs = _Costs("terraform", aws, say)
    costs.take("apply from nothing", tool.apply)
    tool.write(_module("after"))
    costs.take("apply of one change", tool.apply)
    costs.take("plan that finds nothing", tool.plan)
    costs.take("destroy", tool.destroy)
    return costs.found


def _new_bucket(aws: AwsProcess) -> None:
    aws.empty()
    aws.change("s3", "CreateBucket", Bucket=BUCKET)
    versioning = {"Status": "Enabled"}
    aws.change("s3", "PutBucketVersioning", Bucket=BUCKET, VersioningConfiguration=versioning)


def _specs(note: str) -> dict[str, str]:
    """The groups, of which the first has this note."""
    groups = (_GROUP.format(number=n, note="before" if n else note) for n in range(GROUPS))
    return {
        ENVIRONMENT: example_files()[ENVIRONMENT],
        "specs/dev/groups.yaml": _STACK + "".join(groups),
    }


def _module(note: str) -> str:
    """The same for Terraform."""
    groups = (
        _TERRAFORM_GROUP.format(number=n, note="before" if n else note) for n in range(GROUPS)
    )
    return _ROOT.replace("BUCKET", BUCKET) + "".join(groups)


class _Costs:
    """Collects what the state of one tool's commands cost, and reports each when it is measured."""

    def __init__(self, tool: str, aws: AwsProcess, say: Callable[[str], None]) -> None:
        self._tool, self._aws, self._say = tool, aws, say
        self.found: dict[str, StoreCost] = {}

    def take(self, scenario: str, command: Callable[[], Finished]) -> None:
        self._aws.forget_calls()
        command()
        calls = [call for call in self._aws.logged() if call["bucket"] == BUCKET]
        operations = Counter(str(call["operation"]) for call in calls)
        kinds = Counter(kind_of(name) for name in operations.elements())
        cost = StoreCost(
            **kinds,
            bytes_sent=sum(call["bytes_sent"] for call in calls),
            bytes_received=sum(call["bytes_received"] for call in calls),
        )
        self.found[scenario] = cost
        most = ", ".join(f"{name} {count}" for name, count in operations.most_common())
        self._say(f"{self._tool} {scenario}: {cost_words(cost)} ({most})")

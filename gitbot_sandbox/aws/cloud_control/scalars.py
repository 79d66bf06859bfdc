"""Make numbers and texts that fit a JSON schema of the registry. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from gitbot_sandbox.aws.cloud_control.merging import patterns_of
from gitbot_sandbox.aws.cloud_control.texts import text_for

Path = tuple[str, ...]
_HEX = "[0-9a-f]"
_ACCOUNT = "123456789012"
_FORMATS: Mapping[str, str] = {
    "AWS::ACM::Certificate.Arn": rf"^arn:aws:acm:us-east-1:{_ACCOUNT}:certificate/{_HEX}{{36}}$",
    "AWS::EC2::Image.Id": f"^ami-{_HEX}{{17}}$",
    "AWS::EC2::SecurityGroup.Id": f"^sg-{_HEX}{{17}}$",
    "AWS::EC2::Subnet.Id": f"^subnet-{_HEX}{{17}}$",
    "AWS::EC2::VPC.Id": f"^vpc-{_HEX}{{17}}$",
    "AWS::IAM::Role.Arn": rf"^arn:aws:iam::{_ACCOUNT}:role/[a-z]{{8}}$",
    "AWS::KMS::Key.Arn": rf"^arn:aws:kms:us-east-1:{_ACCOUNT}:key/{_HEX}{{8}}$",
    "AWS::Lambda::Function.Arn": rf"^arn:aws:lambda:us-east-1:{_ACCOUNT}:function:[a-z]{{8}}$",
    "AWS::S3::Bucket.Name": "^[a-z]{12}$",
    "AWS::SNS::Topic.Arn": rf"^arn:aws:sns:us-east-1:{_ACCOUNT}:[a-z]{{8}}$",
    "AWS::SQS::Queue.Arn": rf"^arn:aws:sqs:us-east-1:{_ACCOUNT}:[a-z]{{8}}$",
    "date-time": "^2026-0[1-9]-1[0-9]T1[0-9]:[0-5][0-9]:00Z$",
    "ipv4-network": "^10[.]1?[0-9][.]0[.]0/24$",
    "ipv6-network": f"^2001:db8:{_HEX}{{4}}::/64$",
    "json": r'^[{]"[a-z]{6}": [0-9][}]$',
    "timestamp": "^2026-0[1-9]-1[0-9]T1[0-9]:[0-5][0-9]:00Z$",
    "uri": "^https://[a-z]{8}[.]example[.]com/$",
}


class NotMadeError(Exception):
    """No value that fits was found. Says where and why."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(reason if reason.startswith("/") else f"/{'/'.join(path)}: {reason}")


def boolean(random: Random) -> bool:
    """Either."""
    return random.random() < 0.5


def number(schema: Mapping[str, Any], kind: str, random: Random) -> int | float:
    """A small number between the limits."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + 1
    if "exclusiveMaximum" in schema:
        high = schema["exclusiveMaximum"] - 1
    first = int(low) if low is not None else min(1, int(high)) if high is not None else 1
    if low is not None and first < low:
        first += 1
    last = min(first + 40, int(high)) if high is not None else first + 40
    if last < first:  # the limits have only broken numbers between them
        return low if low is not None else high  # type: ignore[return-value, unused-ignore]
    made = random.randint(first, last)
    step = schema.get("multipleOf")
    if step:
        made = -(-first // step) * step
    return made if kind == "integer" or made != int(made) else int(made)


def text(schema: Mapping[str, Any], path: Path, random: Random) -> str:
    """A text of the schema's pattern, format and length.

    Raises:
        NotMadeError: no text was found that fits.
    """
    patterns = patterns_of(schema)
    usual = _FORMATS.get(str(schema.get("format")))
    least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
    limit = None if most is None else int(most)
    choices = [[usual, *patterns]] if usual else []
    for one in [*choices, patterns]:
        made = text_for(tuple(one), least, limit, random)
        if made is not None:
            return made
    raise NotMadeError(path, f"no text found for {patterns} of length {least} to {limit}")

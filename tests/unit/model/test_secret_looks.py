"""Tables of what may be a secret and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.model.secret_looks import is_surely_secret, is_user_data, looks_secret

NO_SECRETS: list[tuple[str, Any]] = [
    ("Tags/owner", "ada"),
    ("InstanceType", "g5.xlarge"),
    ("RequiresToken", True),
    ("TokenLimit", 5),
    ("Password", ""),
    ("KmsKeyId", "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("SecretArn", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"),
    ("ImageId", "ami-0123456789abcdef0"),
    ("SecurityGroupIngress/-", {"IpProtocol": "tcp", "FromPort": 22, "CidrIp": "0.0.0.0/0"}),
    ("Tags/commit", "0123456789abcdef0123456789abcdef01234567"),
    ("BucketName", "ml-experiments-of-the-team-in-frankfurt-2026"),
    ("Policy", {"Statement": [{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}]}),
    ("Tags/author", "ada"),
    ("MetadataOptions/HttpTokens", "required"),
    ("AuthorizationType", "AWS_IAM"),
    ("Policy", {"Statement": [{"Action": ["secretsmanager:GetSecretValue", "sts:AssumeRole"]}]}),
    ("Nothing", None),
    ("Environment/TOKENIZERS_PARALLELISM", "false"),
    ("EnvironmentVariables", [{"Name": "API_TOKEN", "Type": "PARAMETER_STORE", "Value": "/a"}]),
    ("EnvironmentVariables", [{"Name": "MODE", "Value": "fast"}]),
    ("Filters", [{"Name": "token", "Values": ["a"]}]),
]
SECRETS: list[tuple[str, Any]] = [
    ("Environment/DB_PASSWORD", "hunter2"),
    ("Tags/api-key", "x"),
    ("Headers/Authorization", "Basic x"),
    ("Tags", [{"Key": "api_key", "Value": "x"}]),
    ("Environment", [{"Name": "DB_PASSWORD", "Value": "x"}]),
    ("EnvironmentVariables", [{"Name": "API_TOKEN", "Type": "PLAINTEXT", "Value": "x"}]),
    ("Environment/SIGNING_KEY", "x"),
    ("Tags/note", "password=hunter2"),
    ("Tags/note", "AKIAIOSFODNN7EXAMPLE"),
    ("Tags/note", "ghp_0123456789abcdefghij"),
    ("Url", "postgres://ada:pw@db:5432/x"),
    ("Key", "-----BEGIN RSA PRIVATE KEY-----\nabc"),
    ("Tags/note", "eyJhbGciOiJI.eyJzdWIiOiIx.abc"),
    ("Tags/note", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("List/0", ["fine", {"Token": "abc"}]),
]


@pytest.mark.parametrize(("path", "value"), NO_SECRETS)
def test_ordinary_values_are_no_secrets(path: str, value: Any) -> None:
    assert not looks_secret(path.split("/"), value)


@pytest.mark.parametrize(("path", "value"), SECRETS)
def test_what_looks_like_a_secret_counts_as_one(path: str, value: Any) -> None:
    assert looks_secret(path.split("/"), value)


def test_user_data_is_known_by_its_name() -> None:
    assert is_user_data(["UserData"])
    assert is_user_data(["LaunchTemplateData", "userData"])
    assert not is_user_data(["Tags", "user"])


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("postgres://ada:pw@db:5432/x", True),
        ("git clone https://$USER:$TOKEN@github.com/acme/x", False),
        ("-----BEGIN CERTIFICATE-----", False),
        ("-----BEGIN EC PRIVATE KEY-----", True),
        ("TOKEN=$(aws sts get-session-token)", False),
        ("arn:aws:iam::123456789012:user/AKIAIOSFODNN7EXAMPLE", False),
        ("://a:b@", True),
        *(
            (f"{start}GHIJKLMNOP", True)
            for start in ("sk-", "hf_", "npm_", "ghp_", "pypi-", "xoxb-")
        ),
        *((f"{start}GHIJKLMNOP", True) for start in ("glpat-", "github_pat_", "AKIA01")),
        ("eyJ01234567.01234567.", True),
    ],
)
def test_only_what_no_script_has_without_a_secret_is_surely_one(text: str, is_one: bool) -> None:
    assert is_surely_secret(text) is is_one

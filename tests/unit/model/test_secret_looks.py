"""Tables of what may be a secret and what is none."""

from __future__ import annotations

import base64
import gzip
import json
import time
from typing import Any

import pytest

from gitbot.model.secret_looks import (
    holds_secret,
    is_surely_secret,
    is_user_data,
    looks_secret,
)

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
    ("Command", ["run", "--password", "hunter2"]),
    ("Command", ["run", "--password=hunter2"]),
    ("Condition/StringEquals/sts:ExternalId", "hunter2"),
]
SCRIPT = "#!/bin/bash\nexport DB_PASSWORD=hunter2\n"


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


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


@pytest.mark.parametrize(
    "text",
    [
        SCRIPT,
        base64_of(SCRIPT),
        base64.b64encode(gzip.compress(SCRIPT.encode())).decode(),
        json.dumps({"userData": base64_of(SCRIPT)}),
        json.dumps({"script": json.dumps({"api_key": "hunter2"})}),
        base64_of("curl -u AKIAIOSFODNN7EXAMPLE x\n"),
        '{"api_key": "hunter2", "a": 1}',
        '{"a": <b>, "api_key": "hunter2"}',
        '["run", "--password", "hunter2"]',
        '{"environment": [{"name": "DB_PASSWORD", "value": "hunter2"}]}',
        '{"widgets": [{"properties": {"markdown": "password: hunter2"}}]}',
        "version: 0.2\nenv:\n  variables:\n    API_TOKEN: hunter2\n",
        "env:\n  - name: DB_PASSWORD\n    value: hunter2\n",
        "[db]\npassword = hunter2\n",
        "mysql -h db --password='hunter 2'",
        "run --password hunter2",
        "run --password=hunter2",
        "curl -H 'Authorization: Bearer hunter2'",
    ],
)
def test_a_secret_is_found_inside_of_a_text(text: str) -> None:
    assert holds_secret(text)
    assert looks_secret(("Content",), text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "export DB_PASSWORD=$(aws ssm get-parameter --name /x --with-decryption)",
        "export DB_PASSWORD=${OTHER}\necho $DB_PASSWORD",
        base64_of("export DB_PASSWORD=$OTHER\n"),
        "DB_PASSWORD=<your password>",
        "password: '*****'",
        '{"api_key": ""}',
        '{"token.$": "$$.Task.Token"}',
        '{"secret": "{{resolve:secretsmanager:prod/db}}"}',
        '{"SecretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"}',
        '{"secrets": [{"name": "DB_PASSWORD", "valueFrom": "db"}]}',
        '{"environment": [{"name": "DB_PASSWORD", "value": "db", "type": "SECRETS_MANAGER"}]}',
        "env:\n  secrets-manager:\n    DB_PASSWORD: db:password\n  parameter-store:\n    API_TOKEN: token\n",
        '{"env": {"parameter-store": {"API_TOKEN": "token"}}}',
        "aws secretsmanager get-secret-value --secret-id prod/db --query SecretString",
        "aws ecr get-login-password --region x | docker login --username AWS --password-stdin a.b",
        "docker build --secret id=npm,src=.npmrc .",
        "password = os.environ['DB_PASSWORD']",
        "secret = client.get_secret_value(SecretId=name)",
        "password=password\ntoken=args.token",
        'curl -X PUT "http://a/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"',
        "MAX_TOKENS=512\nmax_tokens: 512",
        "Rotate the password: see the page",
        "AmazonEC2ContainerServiceforEC2Role",
        '{"Action": ["secretsmanager:GetSecretValue"]}',
        "[" * 100_000 + "password",
    ],
)
def test_what_names_a_secret_without_holding_it_is_none(text: str) -> None:
    assert not holds_secret(text)


@pytest.mark.parametrize(
    "text",
    ["password a-", "password ", 'password="', "{", '{"password":', "- ", "name:\npassword\n"],
)
def test_a_text_made_to_take_long_does_not(text: str) -> None:
    before = time.process_time()
    holds_secret("token" + text * (2_000_000 // len(text)))
    assert time.process_time() - before < 5

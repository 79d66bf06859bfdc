"""Each answer of AWS becomes the error class that says how to handle it."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ProfileNotFound,
)
from botocore.parsers import ResponseParserError

from gitbot.errors import CloudError, GitbotError, TransientError, UserError
from gitbot.model.secrets import Secrets
from gitbot.providers.aws.decoding import denial_in, encoded_in
from gitbot.providers.aws.faults import redacted, translate


def answer(code: str, status: int = 400, message: str = "words") -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "RequestId": "r",
                "HostId": "",
                "HTTPHeaders": {},
                "RetryAttempts": 0,
            },
        },
        "RunInstances",
    )


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (answer("Throttling"), TransientError, "fewer requests"),
        (answer("RequestLimitExceeded", 503), TransientError, "fewer requests"),
        (answer("Whatever", 429), TransientError, "fewer requests"),
        (answer("InternalError", 500), TransientError, "internal error"),
        (answer("ExpiredToken"), UserError, "Renew"),
        (answer("AuthFailure", 401), UserError, "Renew"),
        (answer("UnauthorizedOperation", 403), CloudError, "Allow `ec2:RunInstances`"),
        (answer("UnauthorizedOperation", 403), CloudError, "`iam:PassRole` on the role"),
        (
            answer(
                "UnauthorizedOperation",
                403,
                "You are not authorized to perform this operation. User: arn:aws:iam::1:user/bot is "
                "not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/trainer",
            ),
            CloudError,
            "Allow `iam:PassRole` in",
        ),
        (answer("InsufficientInstanceCapacity", 500, "no room"), CloudError, "Choose another zone"),
        (answer("InvalidParameterValue"), CloudError, "ec2:RunInstances: words"),
        (NoCredentialsError(), UserError, "AWS_ACCESS_KEY_ID"),
        (ProfileNotFound(profile="ml"), UserError, "ml"),
        (EndpointConnectionError(endpoint_url="http://x"), TransientError, "did not answer"),
        (ResponseParserError("<html>"), TransientError, "cannot be read"),
        (ParamValidationError(report="bad"), CloudError, "ec2:RunInstances"),
    ],
)
def test_the_class_of_the_error_says_how_it_is_handled(
    error: ClientError | BotoCoreError | ResponseParserError, kind: type[GitbotError], words: str
) -> None:
    told = translate(error, "ec2", "run_instances", str)
    assert type(told) is kind
    assert words in str(told)


@pytest.mark.parametrize(
    ("service", "operation", "words"),
    [
        ("ec2", "RunInstances", "`ec2:RunInstances`, and `iam:PassRole` on the role of the inst"),
        (
            "iam",
            "AddRoleToInstanceProfile",
            "and `iam:PassRole` on the role of the instance profile",
        ),
        (
            "s3",
            "PutBucketReplication",
            "`s3:PutReplicationConfiguration`, and `iam:PassRole` on the role of the replication,",
        ),
        ("s3", "PutBucketVersioning", "Allow `s3:PutBucketVersioning` in its policy"),
        ("s3control", "TagResource", "Allow `s3:TagResource` in its policy"),
        ("apigatewayv2", "UpdateApi", "Allow `apigateway:PATCH` in its policy"),
    ],
)
def test_a_denial_names_the_second_right_of_a_call_that_gives_a_role_away(
    service: str, operation: str, words: str
) -> None:
    """The kind: a call that needs two rights is told as one that lacks the first."""
    denied = answer("AccessDenied", 403)
    denied.operation_name = operation
    assert words in str(translate(denied, service, "-", str))


def test_a_cloud_error_keeps_the_services_own_code() -> None:
    told = translate(answer("InvalidGroup.NotFound"), "ec2", "describe_security_groups", str)
    assert isinstance(told, CloudError)
    assert (told.code, told.call) == ("InvalidGroup.NotFound", "ec2:RunInstances")


def test_credentials_signatures_and_encoded_blobs_never_reach_a_message() -> None:
    text = redacted(
        "You may not. Encoded authorization failure message: abcDEF-123_x\n"
        "AKIAIOSFODNN7EXAMPLE https://x/?X-Amz-Signature=deadbeef&X-Amz-Credential=ASIA/2026 "
        + "y"
        * 2000,
        str,
    )
    assert "abcDEF" not in text
    assert "IOSFODNN7" not in text
    assert "deadbeef" not in text
    assert len(text) <= 601
    checked = redacted(
        "Invalid type for parameter UserData, value: s3cr3t, type: <class 'int'>", str
    )
    assert "s3cr3t" not in checked
    assert "class" not in checked
    assert "type: a number" in checked
    assert "UserData" in checked
    assert text.startswith("You may not.")


def test_a_secret_is_hidden_before_the_text_is_shortened() -> None:
    """The kind: a text that is shortened before it is filtered."""
    secrets = Secrets(texts=frozenset({"correct-horse-battery"}))
    error = answer("Malformed", message=f"{'x' * 590} correct-horse-battery is wrong")
    told = str(translate(error, "ec2", "run_instances", secrets.hide))
    assert "correct" not in told
    assert "(sensi" in told


SAYS = '{"allowed":false,"explicitDeny":%s,"context":{"action":"iam:PassRole","resource":"arn:r"}}'


@pytest.mark.parametrize(
    ("decoded", "words"),
    [
        (SAYS % "false", "iam:PassRole on resource: arn:r, because no policy allows it."),
        (SAYS % "true", "iam:PassRole on resource: arn:r, because a policy denies it."),
        ("{}", ""),
        ("[]", ""),
        ('{"context": "none"}', ""),
        ("no JSON", ""),
    ],
)
def test_a_decoded_denial_names_the_right(decoded: str, words: str) -> None:
    found = denial_in(decoded)
    assert found.endswith(words)
    assert bool(found) is bool(words)


def test_the_right_that_a_decoded_denial_names_is_to_be_allowed() -> None:
    message = "You may not. Encoded authorization failure message: abc_-9"
    assert encoded_in(message) == "abc_-9"
    assert encoded_in("You may not.") == ""
    denial = denial_in(SAYS % "false")
    told = str(translate(answer("UnauthorizedOperation", 403, message), "ec2", "x", str, denial))
    assert "Allow `iam:PassRole` in its policy" in told
    assert "abc_-9" not in told

"""Translate what botocore raises into gitbot's own errors. Pure."""

from __future__ import annotations

import re

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from gitbot.errors import CloudError, GitbotError, TransientError, UserError

NO_CREDENTIALS = (
    "no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE,"
    " or run gitbot where a role is attached (EC2 instance profile, ECS task role, EKS service account)"
)
THROTTLES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "BandwidthLimitExceeded",
        "SlowDown",
        "EC2ThrottledException",
    }
)
BAD_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
DENIALS = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden"}
)
# The S3 operations whose permission has another name:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
S3_ACTIONS = {
    "HeadBucket": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "DeleteObjects": "DeleteObjectVersion",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketCors": "GetBucketCORS",
    "PutBucketCors": "PutBucketCORS",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketTagging": "PutBucketTagging",
}
LONGEST_MESSAGE = 600

_ENCODED = re.compile(r"\s*Encoded authorization failure message:\s*\S+")
_ACCESS_KEY = re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{12,}\b")
_SIGNATURE = re.compile(r"(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s]+", re.IGNORECASE)

_VALUE = re.compile(r"\bvalue: .*?(, type: |$)", re.DOTALL)


def redacted(message: str) -> str:
    """The service's text, shortened, without credentials, signatures and encoded blobs."""
    text = _ENCODED.sub("", message)
    text = _ACCESS_KEY.sub(r"\1…", text)
    text = _SIGNATURE.sub(r"\1…", text)
    text = _VALUE.sub(r"value: …\1", text)  # botocore quotes values when it checks parameters
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}…"


RAISED = (ClientError, BotoCoreError, ResponseParserError)
"""Every error that a call through botocore raises."""


def is_throttle(error: ClientError | BotoCoreError | ResponseParserError) -> bool:
    """Whether AWS refused the request because there were too many."""
    if not isinstance(error, ClientError):
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response.get("Error", {}).get("Code", "") in THROTTLES or status == 429


def translate(
    error: ClientError | BotoCoreError | ResponseParserError, service: str, operation: str
) -> GitbotError:
    """The gitbot error for it. The class says how to handle it, and the message names the call."""
    name = error.operation_name if isinstance(error, ClientError) else _camel(operation)
    call = f"{service}:{name}"
    if isinstance(error, ClientError):
        return _answered(error, call)
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return UserError(NO_CREDENTIALS)
    if isinstance(error, (ProfileNotFound, CredentialRetrievalError, TokenRetrievalError)):
        return UserError(f"AWS credentials cannot be used: {redacted(str(error))}")
    if isinstance(error, ResponseParserError):  # a proxy's page, or a truncated answer
        return TransientError(f"{call}: AWS gave an answer that cannot be read")
    if isinstance(error, (ConnectionError, HTTPClientError)):
        return TransientError(f"{call}: AWS did not answer: {redacted(str(error))}")
    return CloudError(f"{call}: {redacted(str(error))}", code=type(error).__name__)


def _camel(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))


def _action(call: str) -> str:
    service, name = call.split(":")
    return f"s3:{S3_ACTIONS.get(name, name)}" if service == "s3" else call


def _answered(error: ClientError, call: str) -> GitbotError:
    told = error.response.get("Error", {})
    code = str(told.get("Code", ""))
    message = redacted(str(told.get("Message", "")))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if is_throttle(error):
        return TransientError(
            f"{call}: AWS asks for fewer requests ({code}), and waiting did not help yet",
            retry_after_s=15.0,
        )
    if status >= 500:
        return TransientError(f"{call}: AWS had an internal error ({code or status}): {message}")
    if code in BAD_CREDENTIALS:
        return UserError(
            f"{call}: AWS does not accept the credentials ({code}): {message} "
            "Renew them, or check which access key, profile or role gitbot runs with."
        )
    if code in DENIALS:
        return CloudError(
            f"{call}: the role that gitbot uses may not do this ({message or code}). "
            f"Allow `{_action(call)}` in its policy.",
            code=code,
        )
    return CloudError(f"{call}: {message} ({code})" if message else f"{call}: {code}", code=code)

"""Translate what botocore raises into gitbot's own errors. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

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
from gitbot.providers.aws.decoding import ENCODED
from gitbot.providers.aws.final_refusals import never
from gitbot.providers.aws.http_actions import http_action
from gitbot.providers.aws.refusals import DENIALS, named_right

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
# The S3 operations whose permission has another name:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
S3_ACTIONS = {
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
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
    "GetBucketAbac": "GetBucketABAC",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "ListBucketIntelligentTieringConfigurations": "GetIntelligentTieringConfiguration",
    "PutBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "DeleteBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "DeleteBucketInventoryConfiguration": "PutInventoryConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
}
PREFIXES = {"cloudcontrol": "cloudformation"}
"""The services whose permissions begin with another name:
https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/security.html"""
PASSES_ROLE = {
    "AddRoleToInstanceProfile": "the instance profile",
    "AssociateIamInstanceProfile": "the instance profile",
    "PutBucketReplication": "the replication",
    "ReplaceIamInstanceProfileAssociation": "the instance profile",
    "RunInstances": "the instance profile",
}
"""The operations that also need ``iam:PassRole`` where they name a role or a profile, and whose role:
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""
LONGEST_MESSAGE = 600

_ACCESS_KEY = re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{12,}\b")
_SIGNATURE = re.compile(r"(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s]+", re.IGNORECASE)

_CLASS = re.compile(r"<class '(\w+)'>")
_PLAIN = {
    "str": "text",
    "list": "a list",
    "tuple": "a list",
    "dict": "a map",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
}
_VALUE = re.compile(r"\bvalue: .*?(, type: |$)", re.DOTALL)


Hide: TypeAlias = Callable[[str], str]
"""Removes the sensitive values of the specs from a text."""


def redacted(message: str, hide: Hide) -> str:
    """The service's text, shortened, without secrets, signatures and encoded blobs."""
    text = ENCODED.sub("", hide(message))
    text = _ACCESS_KEY.sub(r"\1…", text)
    text = _SIGNATURE.sub(r"\1…", text)
    text = _VALUE.sub(r"value: …\1", text)  # botocore quotes values when it checks parameters
    text = _CLASS.sub(lambda named: _PLAIN.get(named[1], named[1]), text)  # botocore's, of Python
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}…"


RAISED = (ClientError, BotoCoreError, ResponseParserError)
"""Every error that a call through botocore raises."""


def code_of(error: object) -> str:
    """AWS's own code in an answer that botocore has parsed; empty where there is none."""
    told = error.get("Error", {}) if isinstance(error, Mapping) else {}
    return str(told.get("Code", ""))


def is_throttle(error: ClientError | BotoCoreError | ResponseParserError) -> bool:
    """Whether AWS refused the request because there were too many."""
    if not isinstance(error, ClientError):
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response.get("Error", {}).get("Code", "") in THROTTLES or status == 429


def translate(
    error: ClientError | BotoCoreError | ResponseParserError,
    service: str,
    operation: str,
    hide: Hide,
    denial: str = "",
) -> GitbotError:
    """The gitbot error for it. The class says how to handle it, and the message names the call.

    ``denial`` is what the encoded part of its message says. AWS quotes what it refuses, so ``hide`` must remove sensitive values from its texts.
    """
    name = error.operation_name if isinstance(error, ClientError) else _camel(operation)
    call = f"{service}:{name}"
    if isinstance(error, ClientError):
        return _answered(error, call, hide, denial)
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return UserError(NO_CREDENTIALS)
    if isinstance(error, (ProfileNotFound, CredentialRetrievalError, TokenRetrievalError)):
        return UserError(f"AWS credentials cannot be used: {redacted(str(error), hide)}")
    if isinstance(error, ResponseParserError):  # a proxy's page, or a truncated answer
        return TransientError(f"{call}: AWS gave an answer that cannot be read")
    if isinstance(error, (ConnectionError, HTTPClientError)):
        return TransientError(f"{call}: AWS did not answer: {redacted(str(error), hide)}")
    return CloudError(f"{call}: {redacted(str(error), hide)}", code=type(error).__name__, call=call)


NOT_YOURS = "You do not have permission to access the specified resource"
"""EC2's message for what a service holds in the account, with the code for bad credentials."""


def check_answer(answer: Any, operation: str) -> Any:
    """The answer of a call that succeeded as a call.

    EC2 lists in the answers of some calls what it refused.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnsuccessfulItem.html

    Raises:
        ClientError: the first of these refusals.
    """
    for one in answer.get("Unsuccessful", ()):
        raise ClientError({"Error": one["Error"]}, _camel(operation))
    return answer


def _camel(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))


def _right(call: str, message: str) -> str:
    """The words for what to allow: AWS's own name for the missing action, where it gives one."""
    if named := named_right(message):
        return named
    service, name = call.split(":")
    right = f"`{http_action(service, name) or f'{PREFIXES.get(service, service)}:{name}'}`"
    if service in ("s3", "s3control"):
        right = f"`s3:{S3_ACTIONS.get(name, name)}`"
    if name in PASSES_ROLE:
        return f"{right}, and `iam:PassRole` on the role of {PASSES_ROLE[name]},"
    return right


def _answered(error: ClientError, call: str, hide: Hide, denial: str) -> GitbotError:
    told = error.response.get("Error", {})
    code = str(told.get("Code", ""))
    message = redacted(f"{told.get('Message', '')} {denial}", hide)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if is_throttle(error):
        return TransientError(
            f"{call}: AWS asks for fewer requests ({code}), and waiting did not help yet",
            retry_after_s=15.0,
        )
    if (help_ := never(call.partition(":")[0], code)) is not None:
        return CloudError(f"{call}: {message} ({code}). {help_}.", code=code, call=call)
    if status >= 500:
        return TransientError(f"{call}: AWS had an internal error ({code or status}): {message}")
    if code in BAD_CREDENTIALS and NOT_YOURS not in message:
        return UserError(
            f"{call}: AWS does not accept the credentials ({code}): {message} "
            "Renew them, or check which access key, profile or role gitbot runs with."
        )
    if code in DENIALS:
        return CloudError(
            f"{call}: the role that gitbot uses may not do this ({message or code}). "
            f"Allow {_right(call, message)} in its policy.",
            code=code,
            call=call,
        )
    text = f"{call}: {message} ({code})" if message else f"{call}: {code}"
    return CloudError(text, code=code, call=call)

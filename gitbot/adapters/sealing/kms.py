"""Makes and unwraps data keys with KMS. Shell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from gitbot.errors import TransientError, UserError
from gitbot.model.state_keys import KEY_BYTES, KmsKey

_CONTEXT: Final = {"gitbot": "state"}
"""KMS unwraps a data key only with the context that it was wrapped with, and writes it into its trail:
https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html"""


class Kms:
    """A ``KeyService`` with the AWS credentials of this process."""

    def make(self, key: KmsKey) -> tuple[bytes, bytes]:
        """A new data key, and the same wrapped.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html

        Raises:
            UserError: KMS refuses, or there is no such key.
            TransientError: it did not answer.
        """
        with _answers(key):
            made = _client(key).generate_data_key(
                KeyId=key.arn, NumberOfBytes=KEY_BYTES, EncryptionContext=_CONTEXT
            )
        return made["Plaintext"], made["CiphertextBlob"]

    def unwrap(self, key: KmsKey, wrapped: bytes) -> bytes:
        """The data key that ``make`` wrapped.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html

        Raises:
            UserError: KMS refuses, or the key did not wrap this.
            TransientError: it did not answer.
        """
        with _answers(key):
            found = _client(key).decrypt(
                KeyId=key.arn, CiphertextBlob=wrapped, EncryptionContext=_CONTEXT
            )
        return bytes(found["Plaintext"])


def _client(key: KmsKey) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4}
    )
    return boto3.client("kms", region_name=key.region, config=config)


@contextmanager
def _answers(key: KmsKey) -> Iterator[None]:
    """Tell what KMS refuses from what it did not answer."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise UserError(
            f"the key {key.arn} of GITBOT_STATE_KEY cannot be used: {error}. It needs kms:GenerateDataKey and "
            "kms:Decrypt for whoever runs gitbot, and must be enabled"
        ) from error
    except BotoCoreError as error:
        raise TransientError(f"KMS did not answer: {error}") from error

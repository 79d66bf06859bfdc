"""Read and write the objects of a bucket on conditions, each with a code that only we can make. Shell.

Conditional requests: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from gitbot.adapters.object_store.folding import Found
from gitbot.errors import TransientError, UserError
from gitbot.model.values import canonical_json

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FORMAT = 1
_TRIES = 8
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_MOST_DELETED = 1000
# Another request for the same object is under way: S3 asks to try again.
_BUSY = "ConditionalRequestConflict"
_REFUSED = ("PreconditionFailed", "412")
_ABSENT = ("NoSuchKey", "404", "NotFound")
_LATER = ("SlowDown", "ServiceUnavailable", "InternalError", "503", "500", "RequestTimeout")


class MovedError(Exception):
    """The object is not as it was when it was read, or is there already."""


class Objects:
    """The objects of one bucket. Safe to share between threads.

    Each is a JSON document with its own name and an HMAC of ``key``, which people who may write to the
    bucket do not have. So an object that was changed, or copied to another name, is refused.
    """

    def __init__(
        self,
        client: S3Client,
        bucket: str,
        key: bytes,
        *,
        kms_key: str = "",
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self._wait = wait
        self._encryption: dict[str, str] = (
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key}
            if kms_key
            else {"ServerSideEncryption": "AES256"}
        )

    def get(self, name: str) -> Found | None:
        """The object; None if there is none.

        Raises:
            UserError: it was not written with this key, or by a newer gitbot.
            TransientError: S3 did not answer.
        """
        try:
            with _answers(self._bucket):
                found = self._client.get_object(Bucket=self._bucket, Key=name)
                raw = found["Body"].read()
        except _AbsentError:
            return None
        return self._opened(name, raw, found["ETag"])

    def create(self, name: str, body: Mapping[str, Any]) -> str:
        """Write an object that is not there yet; its tag.

        Raises:
            MovedError: it is there. A reply that was lost and a request that was sent twice are seen
                through: what we wrote ourselves is no one else's.
        """
        return self._put(name, body, {"IfNoneMatch": "*"})

    def replace(self, name: str, body: Mapping[str, Any], etag: str) -> str:
        """Write an object anew that has still this tag; its new one.

        Raises:
            MovedError: it has another one, or is gone.
        """
        return self._put(name, body, {"IfMatch": etag})

    def delete(self, name: str, etag: str | None = None) -> None:
        """Delete the object, or only if it has this tag. Does nothing if it is gone.

        Raises:
            MovedError: it has another tag.
        """
        condition = {} if etag is None else {"IfMatch": etag}
        for tried in range(_TRIES):
            try:
                with _answers(self._bucket):
                    self._client.delete_object(Bucket=self._bucket, Key=name, **condition)  # type: ignore[arg-type]
                return
            except _BusyError:
                self._pause(tried)
            except _AbsentError:
                return
        raise TransientError(f"S3 is busy with {name}.")

    def delete_all(self, names: Sequence[str]) -> None:
        """Delete these objects, in no order; those that are gone already are passed over.

        Raises:
            TransientError: some of them may be left.
        """
        for start in range(0, len(names), _MOST_DELETED):
            keys = [{"Key": name} for name in names[start : start + _MOST_DELETED]]
            with _answers(self._bucket):
                done = self._client.delete_objects(
                    Bucket=self._bucket,
                    Delete={"Objects": keys, "Quiet": True},  # type: ignore[typeddict-item]
                )
            if failed := done.get("Errors"):
                raise TransientError(f"S3 did not delete {failed[0].get('Key')}.")

    def names(self, prefix: str, after: str = "") -> Iterator[tuple[str, str]]:
        """The names that begin with the prefix and come after that one, in their order, with tags."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, StartAfter=after
        )
        with _answers(self._bucket):
            for page in pages:
                for one in page.get("Contents", ()):
                    yield one["Key"], one["ETag"]

    def _put(self, name: str, body: Mapping[str, Any], condition: Mapping[str, str]) -> str:
        nonce = secrets.token_hex(8)
        raw = self._sealed(name, nonce, body)
        for tried in range(_TRIES):
            try:
                with _answers(self._bucket):
                    made = self._client.put_object(
                        Bucket=self._bucket,
                        Key=name,
                        Body=raw,
                        ContentType="application/json",
                        **self._encryption,  # type: ignore[arg-type]
                        **condition,  # type: ignore[arg-type]
                    )
                return made["ETag"]
            except _BusyError:
                self._pause(tried)
            except MovedError:
                # The reply to an earlier try may have been lost.
                found = self.get(name)
                if found is None or found.nonce != nonce:
                    raise
                return found.etag
        raise TransientError(f"S3 is busy with {name}.")

    def _pause(self, tried: int) -> None:
        self._wait(min(2.0, 0.05 * 2.0**tried))

    def _sealed(self, name: str, nonce: str, body: Mapping[str, Any]) -> bytes:
        content = {"format": FORMAT, "name": name, "nonce": nonce, "body": body}
        return canonical_json({**content, "mac": self._mac(content)}).encode()

    def _opened(self, name: str, raw: bytes, etag: str) -> Found:
        try:
            content = json.loads(raw)
            mac = content.pop("mac")
            written = content["format"], content["name"], content["nonce"]
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise UserError(f"s3://{self._bucket}/{name} is no state of gitbot") from error
        if isinstance(written[0], int) and written[0] > FORMAT:
            raise UserError(
                f"s3://{self._bucket}/{name} was written by a newer gitbot (format {written[0]}, this "
                f"one knows {FORMAT}): install that one"
            )
        if not hmac.compare_digest(str(mac), self._mac(content)) or written[1] != name:
            raise UserError(
                f"s3://{self._bucket}/{name} was not written with this GITBOT_STORE_KEY, or was changed "
                "or copied by hand: nothing is done with it. Set the key that everybody uses, or bring "
                "back its former version"
            )
        return Found(body=content["body"], etag=etag, nonce=written[2])

    def _mac(self, content: Mapping[str, Any]) -> str:
        return hmac.new(self._key, canonical_json(content).encode(), hashlib.sha256).hexdigest()


class _AbsentError(Exception):
    """There is no such object."""


class _BusyError(TransientError):
    """S3 did not answer, or asks to send the same again."""


@contextmanager
def _answers(bucket: str) -> Iterator[None]:
    """Tell apart what S3 answers: gone, moved, busy, refused, not now."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _ABSENT:
            raise _AbsentError from error
        if code in _REFUSED:
            raise MovedError(code) from error
        if code == _BUSY or code in _LATER:
            raise _BusyError(f"S3 did not do it now: {error}") from error
        raise UserError(f"the bucket {bucket} cannot be used: {error}") from error
    except BotoCoreError as error:
        raise _BusyError(f"S3 did not answer: {error}") from error

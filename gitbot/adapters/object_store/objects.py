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
from typing import TYPE_CHECKING, Any

from gitbot.adapters.object_store.answers import (
    AbsentError,
    BusyError,
    MovedError,
    answers,
    unsure,
)
from gitbot.adapters.object_store.folding import Found
from gitbot.errors import TransientError, UserError
from gitbot.model.values import canonical_json

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FORMAT = 1
_TRIES = 8
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_MOST_DELETED = 1000


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
            with answers(self._bucket):
                found = self._client.get_object(Bucket=self._bucket, Key=name)
                raw = found["Body"].read()
        except AbsentError:
            return None
        return self._opened(name, raw, found["ETag"])

    def create(self, name: str, body: Mapping[str, Any]) -> str:
        """Write an object that is not there yet; its tag.

        Raises:
            MovedError: it is there. A reply that was lost and a request that was sent twice are seen
                through: what we wrote ourselves is no one else's.
            TransientError: S3 did not answer for long: nobody knows whether it is written.
        """
        return self._put(name, body, {"IfNoneMatch": "*"})

    def replace(self, name: str, body: Mapping[str, Any], etag: str) -> str:
        """Write an object anew that has still this tag; its new one.

        Raises:
            MovedError: it has another one, or is gone.
            TransientError: as for ``create``.
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
                with answers(self._bucket):
                    self._client.delete_object(Bucket=self._bucket, Key=name, **condition)  # type: ignore[arg-type]
                return
            except BusyError:
                self.pause(tried)
            except AbsentError:
                return
        raise TransientError(f"S3 is busy with {name}.")

    def delete_all(self, names: Sequence[str]) -> None:
        """Delete these objects, in no order; those that are gone already are passed over.

        Raises:
            TransientError: some of them may be left.
        """
        for start in range(0, len(names), _MOST_DELETED):
            keys = [{"Key": name} for name in names[start : start + _MOST_DELETED]]
            with answers(self._bucket, of_one=False):
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
        with answers(self._bucket, of_one=False):
            for page in pages:
                for one in page.get("Contents", ()):
                    yield one["Key"], one["ETag"]

    def versions(self, prefix: str, after: str) -> Sequence[tuple[str, bool]]:
        """Versions of the names that come after that one, also of deleted ones; at most a page.

        Each is the name, and whether an object has that version now.
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
        """
        with answers(self._bucket, of_one=False):
            page = self._client.list_object_versions(
                Bucket=self._bucket, Prefix=prefix, KeyMarker=after
            )
        return [
            *((one["Key"], one["IsLatest"]) for one in page.get("Versions", ())),
            *((one["Key"], False) for one in page.get("DeleteMarkers", ())),
        ]

    def _put(self, name: str, body: Mapping[str, Any], condition: Mapping[str, str]) -> str:
        nonce = secrets.token_hex(8)
        raw = self._sealed(name, nonce, body)
        for tried in range(_TRIES):
            try:
                return self._put_once(name, raw, condition)
            except BusyError:
                self.pause(tried)
            except (MovedError, AbsentError) as error:
                # The reply to an earlier try may have been lost.
                found = self._read_back(name)
                if found is not None and found.nonce == nonce:
                    return found.etag
                raise MovedError(name) from error
        raise unsure(name)

    def _put_once(self, name: str, raw: bytes, condition: Mapping[str, str]) -> str:
        with answers(self._bucket):
            made = self._client.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=raw,
                ContentType="application/json",
                **self._encryption,  # type: ignore[arg-type]
                **condition,  # type: ignore[arg-type]
            )
        self._check_encryption(name, made)
        return made["ETag"]

    def _read_back(self, name: str) -> Found | None:
        try:
            return self.get(name)
        except TransientError as error:
            raise unsure(name) from error

    def _check_encryption(self, name: str, made: Mapping[str, Any]) -> None:
        """Check that S3 encrypts as it was asked to: what only looks like S3 may pass over it."""
        asked, key = (
            self._encryption["ServerSideEncryption"],
            self._encryption.get("SSEKMSKeyId", ""),
        )
        # S3 names the key by its ARN, whatever name it was asked by; an alias says nothing of it.
        named = "" if "alias/" in key else key.rpartition("/")[2]
        if made.get("ServerSideEncryption") != asked or not str(
            made.get("SSEKMSKeyId", "")
        ).endswith(named):
            raise UserError(
                f"s3://{self._bucket}/{name} is written, but S3 says that it is encrypted with "
                f"{made.get('SSEKMSKeyId') or made.get('ServerSideEncryption') or 'nothing'} instead of "
                f"{key or asked}: delete it and its versions, and use a bucket of Amazon S3, or another &kms="
            )

    def pause(self, tried: int) -> None:
        """Wait before the next try, longer each time."""
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

"""Tell apart what S3 answers: gone, moved, busy, refused, not now. Shell.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from gitbot.errors import TransientError, UserError

# Another request for the same object is under way: S3 asks to try again.
_BUSY = "ConditionalRequestConflict"
_REFUSED = ("PreconditionFailed", "412")
_ABSENT = ("NoSuchKey", "404", "NotFound")
_LATER = ("SlowDown", "ServiceUnavailable", "InternalError", "503", "500", "RequestTimeout")


class MovedError(Exception):
    """The object is not as it was when it was read, or is there already."""


def unsure(name: str) -> TransientError:
    """The error that a write was sent, and no answer came."""
    return TransientError(
        f"S3 did not answer, so nobody knows yet whether {name} was written. What reads it next finds out."
    )


def refused(name: str) -> TransientError:
    """The error that an object was never as it had just been read."""
    return TransientError(
        f"S3 refused {name} again and again, as if others wrote it all the time. Try again later."
    )


class AbsentError(Exception):
    """There is no such object."""


class BusyError(TransientError):
    """S3 did not answer, or asks to send the same again."""


@contextmanager
def answers(bucket: str, *, of_one: bool = True) -> Iterator[None]:
    """Turn the errors of a request into ours. ``of_one``: it is about one object, which may be gone.

    Raises:
        AbsentError, MovedError: the object is gone, or not as it was.
        BusyError: S3 did not answer, or asks to send the same again.
        UserError: S3 refused for good.
    """
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _ABSENT and of_one:
            raise AbsentError from error
        if code in _REFUSED:
            raise MovedError(code) from error
        if code == _BUSY or code in _LATER:
            raise BusyError(f"S3 did not do it now: {error}") from error
        raise UserError(f"the bucket {bucket} cannot be used: {error}") from error
    except BotoCoreError as error:
        raise BusyError(f"S3 did not answer: {error}") from error

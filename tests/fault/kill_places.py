"""The places where the state of a ``KillWorld`` may be: a new one of a kind for each world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias

from gitbot_sandbox.aws import LocalAws
from tests.contract.postgres_server import new_database, written

STATE_BUCKET = "gitbot-state"
STORE_KEY = "s" * 32
"""What signs the objects of the bucket."""

FreshPlace: TypeAlias = Callable[[LocalAws, Path], str]
"""Makes a place without state in an empty cloud; its text for ``--store``. The former one may be gone."""


def in_a_file(_aws: LocalAws, folder: Path) -> str:
    """A file that is not there yet."""
    return str(folder / "gitbot.db")


def in_a_bucket(aws: LocalAws, _folder: Path) -> str:
    """A bucket in the same cloud that the applies change."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=STATE_BUCKET)
    s3.put_bucket_versioning(Bucket=STATE_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return f"s3://{STATE_BUCKET}/team?region=us-east-1"


@contextmanager
def on_postgresql(server: str) -> Iterator[FreshPlace]:
    """Databases without tables on the server, one at a time."""
    with ExitStack() as database:

        def fresh(_aws: LocalAws, _folder: Path) -> str:
            database.close()
            return written(database.enter_context(new_database(server)))

        yield fresh

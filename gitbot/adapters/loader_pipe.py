"""The pipe between the loader and its child: length-prefixed JSON, and the agreed limits. Shell."""

from __future__ import annotations

import json
import struct
from typing import IO, Any, Final

MEMORY_BYTES: Final = 1024**3
CPU_S: Final = 10
EXIT_MEMORY: Final = 77
EXIT_FAILED: Final = 70
EXIT_OVERSIZED: Final = 78
LARGEST_FRAME_BYTES: Final = 96 * 1024**2
LOW_PRIORITY: Final = "--low-priority"
WITH_SAM: Final = "--sam"
_HEADER = struct.Struct(">I")


class FrameTooLargeError(Exception):
    """A message is larger than both ends accept."""


def write_frame(stream: IO[bytes], data: Any) -> None:
    """Send one message.

    Raises:
        FrameTooLargeError: it is larger than ``LARGEST_FRAME_BYTES``.
    """
    body = json.dumps(data, separators=(",", ":")).encode()
    if len(body) > LARGEST_FRAME_BYTES:
        raise FrameTooLargeError(f"a message of {len(body)} bytes")
    stream.write(_HEADER.pack(len(body)))
    stream.write(body)
    stream.flush()


def read_frame(stream: IO[bytes]) -> Any:
    """The next message, None at the end of the stream.

    Raises:
        FrameTooLargeError: the other end announces more than ``LARGEST_FRAME_BYTES``.
        ValueError: it is no JSON.
        RecursionError: it is nested too deeply.
    """
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    (length,) = _HEADER.unpack(header)
    if length > LARGEST_FRAME_BYTES:
        raise FrameTooLargeError(f"a message of {length} bytes")
    body = stream.read(length)
    return json.loads(body, parse_constant=_refuse) if len(body) == length else None


def _refuse(constant: str) -> None:
    """Refuse NaN and infinities, which Python's JSON has and nobody else's."""
    raise ValueError(f"{constant} is no JSON")

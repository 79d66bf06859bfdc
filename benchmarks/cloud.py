"""Run a local AWS in a process of its own, which counts the calls that reach it. Shell."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIASANDBOX",
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class AwsProcess:
    """``python -m gitbot_sandbox.aws``, which shares neither memory nor interpreter with gitbot."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gitbot_sandbox.aws"], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        found = re.search(r"http://\S+", said)
        if found is None:
            self._end()
            raise RuntimeError(f"the local AWS did not start: {said}")
        self.url = found[0]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables that lead AWS tools to this process."""
        return {**KEYS, "AWS_ENDPOINT_URL": self.url}

    def empty(self) -> None:
        """Delete everything in the cloud."""
        self._ask("POST", "reset")

    def forget_calls(self) -> None:
        """Count the calls from zero again."""
        self._ask("DELETE", "calls")

    def calls(self) -> Counter[str]:
        """How often each operation was called since the last ``forget_calls`` or ``empty``."""
        return Counter(json.loads(self._ask("GET", "calls"))["counts"])

    def logged(self) -> Sequence[Mapping[str, Any]]:
        """Each of these calls, with the fields of ``gitbot_sandbox.aws.calls.Call``."""
        found: Sequence[Mapping[str, Any]] = json.loads(self._ask("GET", "calls"))["calls"]
        return found

    @contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """Wait so long before each reply."""
        fault = {"kind": "delay", "count": None, "seconds": seconds}
        self._ask("POST", "faults", json.dumps(fault).encode())
        yield
        self._ask("DELETE", "faults")

    def change(self, service: str, operation: str, **parameters: object) -> None:
        """Call AWS as somebody else would: the call is not counted."""
        asked = {"service": service, "operation": operation, "parameters": parameters}
        self._ask("POST", "change", json.dumps(asked).encode())

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", body, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as reply:
            return bytes(reply.read())

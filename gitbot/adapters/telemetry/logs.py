"""Write log lines as text or as JSON, each with what it is about. Shell.

The fields are those of ``ports.telemetry.about``: job, delivery, repository, environment, stack, commit, and the
server, which all lines of a process have.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from gitbot.ports.telemetry import subject

_QUIET = ("alembic", "apscheduler", "botocore", "dbos", "opentelemetry")
"""Libraries of which only warnings are shown."""


def configure_logs(form: str, server: str) -> None:
    """Write the log to standard error from now on, in the form ``text`` or ``json``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(server) if form == "json" else TextLines())
    logging.basicConfig(handlers=[handler], level="INFO")
    for library in _QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)


class TextLines(logging.Formatter):
    """Time, level, part and message, then what the line is about in brackets.

    It leaves the server out: a process that writes text has a log of its own.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s%(about)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line of the record."""
        told = " ".join(f"{name}={value}" for name, value in subject().items())
        record.about = f" [{told}]" if told else ""
        return super().format(record)


class JsonLines(logging.Formatter):
    """One object a line: time, level, logger, message, what the line is about, and the error if there is one."""

    def __init__(self, server: str) -> None:
        super().__init__()
        self._server = server

    def format(self, record: logging.LogRecord) -> str:
        """The line of the record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "server": self._server,
            **subject(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)

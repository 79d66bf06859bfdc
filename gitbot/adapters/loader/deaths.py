"""Explains why a child died. Pure."""

from __future__ import annotations

import signal

from gitbot.adapters.loader_pipe import CPU_S, EXIT_MEMORY, MEMORY_BYTES
from gitbot.language.codes import SUMMARIES
from gitbot.model.diagnostic import Diagnostic

UNREADABLE = "gave an answer that gitbot cannot read"


class DiedError(Exception):
    """The child is dead. ``code`` is the code of the diagnostic. ``why`` completes "it …". ``late``: it took too long."""

    def __init__(self, code: str, why: str, *, late: bool = False) -> None:
        super().__init__(why)
        self.code = code
        self.why = why
        self.late = late


def cause_of_death(code: int, late: bool, timeout_s: float) -> DiedError:
    """The error for a child with this return code; ``late``: it was killed for taking too long."""
    if late:
        return DiedError("loader-limit", f"took longer than {timeout_s:g} s", late=True)
    if code == -signal.SIGXCPU:
        return DiedError("loader-limit", f"used more than {CPU_S} s of processor time")
    # A failed allocation aborts the expression library; a stack overflow is a segmentation fault.
    if code in (EXIT_MEMORY, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGKILL):
        return DiedError("loader-limit", f"needed more than {MEMORY_BYTES // 1024**2} MB of memory")
    return DiedError("loader-failed", f"ended with status {code}")


def diagnostic_of(died: DiedError, file: str, environment: str) -> Diagnostic:
    """The diagnostic of the file that killed the child."""
    why = f"With this file it {died.why}."
    if died.code == "loader-skipped":
        why = "Other files used up the time for that, so this one was not loaded."
        fix = "Correct the files that have loader-limit or loader-failed first."
    elif died.code == "loader-failed":
        fix = (
            "This is a bug in gitbot: report it with the file. Until it is fixed, undo the change."
        )
    else:
        fix = (
            "Look for an expression that builds ever longer strings or lists (map within map), for "
            "a pattern that backtracks, or for very many resources in one file."
        )
    return Diagnostic(
        file=file,
        code=died.code,
        summary=SUMMARIES[died.code],
        detail=f"Specs are loaded in a separate process with limits. {why}",
        fix=fix,
        environment=environment,
    )

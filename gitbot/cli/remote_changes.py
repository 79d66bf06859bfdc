"""``gitbot plan`` and ``gitbot apply`` beside a server, which does the work. Shell."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from gitbot.cli.changes import show_unread
from gitbot.cli.common import EXIT_CHANGES, EXIT_ERROR, EXIT_INTERRUPTED, note, show, show_json
from gitbot.cli.remote import Remote, open_remote
from gitbot.cli.where import AtServer
from gitbot.errors import RefusedError, UserError
from gitbot.model.names import Sha
from gitbot.model.plan import short_digest
from gitbot.render.escape import clean
from gitbot.render.terminal import Line

_LONGEST = 1_000_000
_DIGEST = re.compile(r"[0-9a-f]{16,64}")


def plan_at_server(
    environment: str,
    stacks: Sequence[str],
    where: AtServer,
    folder: Path,
    *,
    detailed_exitcode: bool,
    as_json: bool,
) -> NoReturn:
    """Show the server's plan of the checked-out commit, merged with the tracked branch. Ends the process.

    Raises:
        UserError: the commit is not pushed, or the server refuses.
    """
    remote = open_remote(where, folder)
    commit = _pushed(remote)
    body = {"commit": commit, "stacks": list(stacks)}
    doing = f"plan of {commit[:8]}"
    found = remote.ask("environments", environment, "plans", body=body, doing=doing)
    if found["status"] == "failed":
        _fail(found, as_json)
    if as_json:
        show_json(found["plan"])
    else:
        show(_lines(found["text"], found["styles"]))
        _tell_how_to_apply(environment, found)
    show_unread(environment, found["unread"])
    if found["unread"]:
        sys.exit(EXIT_ERROR)
    sys.exit(EXIT_CHANGES if found["changes"] and detailed_exitcode else 0)


def _pushed(remote: Remote) -> Sha:
    """The commit that is checked out. Tells what of the clone the server does not see.

    Raises:
        UserError: it is not pushed.
    """
    clone, commit = remote.clone, remote.clone.head()
    if not clone.on_a_branch(commit):
        raise UserError(
            f"the commit {commit[:8]} is not pushed, and a server plans only what is on GitHub: push it (git push), "
            "or plan the files as they are with a store (--store FILE)"
        )
    if not clone.is_clean():
        note(
            f"{', '.join(clone.changed_files())}: changed, but not committed. The server plans {commit[:8]} without "
            "that: commit and push it, or plan the files as they are with a store (--store FILE)."
        )
    return commit


def _fail(found: Mapping[str, Any], as_json: bool) -> NoReturn:
    """Show the problems of the specs and end, or raise the UserError that says why there is no plan."""
    if not found["diagnostics"]:
        raise UserError(clean(found["error"]))
    if as_json:
        show_json({"error": found["error"], "diagnostics": found["diagnostics"]})
    show(_lines(found["text"], found["styles"]), stderr=True)
    sys.exit(EXIT_ERROR)


def _lines(text: str, styles: Sequence[str]) -> list[Line]:
    """The lines of a text, each with its style where the server gave one for each."""
    parts = text.split("\n") if text else []
    fitting = styles if len(styles) == len(parts) else [""] * len(parts)
    return [Line(clean(part, _LONGEST), style) for part, style in zip(parts, fitting, strict=True)]


def _tell_how_to_apply(environment: str, found: Mapping[str, Any]) -> None:
    number, digests = found["pull_request"], found["digests"]
    if number is None:
        return
    for label, digest in sorted(digests.items()):
        note(
            f"To apply {label} before the merge: gitbot apply {environment} --pull-request {number} --digest "
            f"{short_digest(digest)}"
        )
    if found["changes"] and not digests:
        note(
            f"#{number} does not show this plan (yet), so it cannot be applied before the merge: look at the plan there."
        )


def apply_at_server(
    environment: str,
    where: AtServer,
    folder: Path,
    *,
    number: int | None,
    digest: str | None,
    as_json: bool,
) -> None:
    """Have the server apply the plan that the pull request shows, as its comment ``/apply`` does.

    Raises:
        UserError: the server refuses, or not everything was applied.
    """
    if number is None or digest is None:
        raise click.UsageError(
            "a server applies what a pull request shows: give --pull-request NUMBER and --digest DIGEST, or merge "
            "it. `gitbot plan` prints both"
        )
    named = digest.strip().lower()
    if not _DIGEST.fullmatch(named):
        raise click.UsageError(
            "--digest takes the digest of one plan: its first 16 digits, or more of them"
        )
    remote = open_remote(where, folder)
    body = {"pull_request": number, "digest": named}
    doing = f"apply of #{number} to {environment}"
    try:
        found = remote.ask("environments", environment, "applies", body=body, doing=doing)
    except KeyboardInterrupt:
        note(
            "What reached the server goes on there: the same command again waits for its end, or says how it ended."
        )
        sys.exit(EXIT_INTERRUPTED)
    _show_apply(found, as_json)


def _show_apply(found: Mapping[str, Any], as_json: bool) -> None:
    """Show what was done. Raises RefusedError where not everything was."""
    if as_json and found["results"]:
        show_json({"results": found["results"]})
    elif found["text"]:
        show(_lines(found["text"], ()))
    if found["status"] == "done":
        return
    why = clean(found["why"] or f"the apply is {found['status']}")
    if as_json and found["results"]:
        note(why)
        sys.exit(EXIT_ERROR)
    raise RefusedError(why)

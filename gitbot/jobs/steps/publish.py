"""Write comments and checks on GitHub, so that writing them twice does nothing. Shell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gitbot.jobs.steps.look import Glance, Ports
from gitbot.model.codec import to_data
from gitbot.model.forge import Check, CheckState, Comment, Written
from gitbot.model.names import Sha
from gitbot.model.said import DOUBTED, SaidComment, Topic
from gitbot.model.values import canonical_json, sha256_hex
from gitbot.ports.forge import Forge


def keep_comment(
    ports: Ports, forge: Forge, repository: str, number: int, topic: Topic, body: str
) -> Written:
    """Create or edit the one comment about the topic, so that it says ``body``.

    Returns the comment's id, and GitHub's time from which it says so. The hidden marker is put in
    front. We find the comment by its recorded id; if that is lost, by the marker in a comment that
    we wrote ourselves. A comment that stands as it should is not written again; one that somebody
    changed or deleted is.
    """
    text = body if body.startswith(topic.marker) else f"{topic.marker}\n{body}"
    hashed, said = sha256_hex(text), ports.records.said
    known = said.comment(repository, number, topic)
    restored = known is not None and known.body_hash == DOUBTED
    if known is not None and known.body_hash == hashed:
        standing = standing_comment(forge, known)
        if standing is not None:
            return Written(id=known.comment, at=standing.text_at)
        restored = True
    found = known.comment if known else forge.find_own_comment(number, topic.marker)
    written = forge.edit_comment(found, text) if found is not None else None
    if written is None:
        written = forge.create_comment(number, text)
    restored_at = written.at if restored else known.restored_at if known else None
    now = SaidComment(comment=written.id, body_hash=hashed, restored_at=restored_at)
    said.put_comment(repository, number, topic, now, text)
    return written


def standing_comment(forge: Forge, known: SaidComment) -> Comment | None:
    """Our comment as it stands on GitHub; None when somebody changed or deleted it."""
    if known.body_hash == DOUBTED:
        return None
    found = forge.comment(known.comment)
    stands = found is not None and text_hash(found.body) == known.body_hash
    return found if stands else None


def text_hash(body: str) -> str:
    """The hash of a comment's text as GitHub returns it, to compare with what we wrote."""
    return sha256_hex(body.replace("\r\n", "\n"))


FAILED = "failed:"
"""Begins the record of a check that says that a job failed."""


def waits(known: str) -> bool:
    """Whether a check asks somebody to act, by what ``set_checks`` recorded of it."""
    return known.startswith(f"{CheckState.ACTION_REQUIRED}:")


def set_checks(ports: Ports, seen: Glance, commit: Sha, checks: Iterable[Check], url: str) -> None:
    """Set the checks on the commit. An unchanged check is not set again."""
    repository = seen.repository.id
    known = ports.records.said.checks(repository, commit)
    for check in checks:
        full = replace(check, details_url=url or None)
        hashed = f"{check.state}:{sha256_hex(canonical_json(to_data(full)))}"
        if known.get(check.name) != hashed:
            seen.forge.set_check(commit, full)
            ports.records.said.put_check(repository, commit, check.name, hashed)

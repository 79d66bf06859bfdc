"""Write comments and checks on GitHub, so that writing them twice does nothing. Shell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gitbot.jobs.steps.look import Glance, Ports
from gitbot.model.codec import to_data
from gitbot.model.forge import Check
from gitbot.model.names import Sha
from gitbot.model.said import Topic
from gitbot.model.values import canonical_json, sha256_hex
from gitbot.ports.forge import Forge


def keep_comment(
    ports: Ports, forge: Forge, repository: str, number: int, topic: Topic, body: str
) -> int:
    """Create or edit the one comment about the topic, so that it says ``body``; return its id.

    The hidden marker is put in front. We find the comment by its recorded id; if that is lost, by
    the marker in a comment that we wrote ourselves. An unchanged body is not written again.
    """
    text = body if body.startswith(topic.marker) else f"{topic.marker}\n{body}"
    hashed, said = sha256_hex(text), ports.records.said
    known = said.comment(repository, number, topic)
    if known is not None and known.body_hash == hashed:
        return known.comment
    found = known.comment if known else forge.find_own_comment(number, topic.marker)
    if found is None or not forge.edit_comment(found, text):
        found = forge.create_comment(number, text)
    said.put_comment(repository, number, topic, found, hashed)
    return found


def set_checks(ports: Ports, seen: Glance, commit: Sha, checks: Iterable[Check], url: str) -> None:
    """Set the checks on the commit. An unchanged check is not set again."""
    repository = seen.repository.id
    known = ports.records.said.checks(repository, commit)
    for check in checks:
        full = replace(check, details_url=url or None)
        hashed = sha256_hex(canonical_json(to_data(full)))
        if known.get(check.name) != hashed:
            seen.forge.set_check(commit, full)
            ports.records.said.put_check(repository, commit, check.name, hashed)

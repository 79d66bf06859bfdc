"""Write comments and checks on GitHub, so that writing them twice does nothing. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count, islice

from gitbot.jobs.steps.look import Glance, Ports
from gitbot.model.codec import to_data
from gitbot.model.forge import Check, CheckState, Comment, Written
from gitbot.model.names import Sha
from gitbot.model.said import DOUBTED, SaidComment, Topic
from gitbot.model.values import canonical_json, sha256_hex
from gitbot.ports.forge import Forge

ENDED = "_What stood here before is shorter now: it ends in an earlier comment of gitbot._"


def keep_comment(
    ports: Ports, forge: Forge, repository: str, number: int, topic: Topic, body: str
) -> Written:
    """Create or edit the one comment about the topic, so that it says ``body``.

    This is ``keep_comments`` for a single page.
    """
    return keep_comments(ports, forge, repository, number, topic, (body,))


def keep_comments(
    ports: Ports, forge: Forge, repository: str, number: int, topic: Topic, pages: Sequence[str]
) -> Written:
    """Create or edit the comments about the topic, one for each page, in their order.

    Returns the first comment's id, and GitHub's time from which all pages stand there. The hidden
    marker is put in front of each. We find a comment by its recorded id; if that is lost, by the
    marker in a comment that we wrote ourselves. A comment that stands as it should is not written
    again; one that somebody changed or deleted is.

    A comment of an earlier, longer text that is not needed any more says so. The first comment is
    recorded last: it counts as written when all are.
    """
    records = ports.records.said
    said = {
        page: _say(ports, forge, repository, number, page, body)
        for page, body in zip(_topics(topic), pages, strict=False)
    }
    at = max(page.written.at for page in said.values())
    for page in islice(_topics(topic), len(pages), None):
        if records.comment(repository, number, page) is None:
            break
        said[page] = _say(ports, forge, repository, number, page, ENDED)
    for page in reversed(said):
        records.put_comment(repository, number, page, said[page].comment, said[page].text)
    new = any(page.written.new for page in said.values())
    return replace(said[topic].written, at=at, new=new)


def keep_page(
    ports: Ports, forge: Forge, repository: str, number: int, topic: Topic, text: str
) -> None:
    """Make this one comment say ``text``, its marker included, whatever its other pages say."""
    said = _say(ports, forge, repository, number, topic, text.removeprefix(f"{topic.marker}\n"))
    ports.records.said.put_comment(repository, number, topic, said.comment, said.text)


def page_hashes(topic: Topic, pages: Sequence[str]) -> tuple[str, ...]:
    """The hashes of the comments that ``keep_comments`` writes for these pages."""
    return tuple(
        sha256_hex(_text(page, body)) for page, body in zip(_topics(topic), pages, strict=False)
    )


def settle_comments(
    ports: Ports, forge: Forge, repository: str, number: int, topic: Topic, hashes: Sequence[str]
) -> datetime | None:
    """Record comments that a dead process wrote, if all of these stand; since when they do.

    ``hashes`` are those of the pages that it wrote. None when one does not stand, or says something
    else: nothing is recorded then.
    """
    found = {
        page: _standing(ports, forge, repository, number, page, hashed)
        for page, hashed in zip(_topics(topic), hashes, strict=False)
    }
    said = {page: each for page, each in found.items() if each is not None}
    if len(said) < len(found):
        return None
    for page in islice(_topics(topic), len(hashes), None):
        if ports.records.said.comment(repository, number, page) is None:
            break
        ended = sha256_hex(_text(page, ENDED))
        if (each := _standing(ports, forge, repository, number, page, ended)) is not None:
            said[page] = each
    for page in reversed(said):
        ports.records.said.put_comment(
            repository, number, page, said[page].comment, said[page].text
        )
    return max(said[page].written.at for page in found)


@dataclass(frozen=True, slots=True)
class _Said:
    """A comment that stands as it should: when it was written, what to record of it, its text."""

    written: Written
    comment: SaidComment
    text: str


def _topics(topic: Topic) -> Iterator[Topic]:
    """The topic of each page; that of the first one is the topic itself."""
    yield topic
    for page in count(2):
        yield replace(topic, subject=f"{topic.subject}#{page}")


def _text(topic: Topic, body: str) -> str:
    return f"{topic.marker}\n{body}"


def _standing(
    ports: Ports, forge: Forge, repository: str, number: int, topic: Topic, hashed: str
) -> _Said | None:
    """The comment if it says the text with this hash, whatever is recorded of it."""
    known = ports.records.said.comment(repository, number, topic)
    id_ = known.comment if known else forge.find_own_comment(number, topic.marker)
    found = None if id_ is None else forge.comment(id_)
    if found is None or text_hash(found.body) != hashed:
        return None
    restored_at = known.restored_at if known else None
    if known is not None and known.body_hash == DOUBTED:
        restored_at = found.text_at
    comment = SaidComment(comment=found.id, body_hash=hashed, restored_at=restored_at)
    written = Written(id=found.id, at=found.text_at, new=False)
    return _Said(written, comment, found.body.replace("\r\n", "\n"))


def _say(
    ports: Ports, forge: Forge, repository: str, number: int, topic: Topic, body: str
) -> _Said:
    """Write the comment if it does not stand as it should."""
    text = _text(topic, body)
    hashed, said = sha256_hex(text), ports.records.said
    known = said.comment(repository, number, topic)
    restored = known is not None and known.body_hash == DOUBTED
    if known is not None and known.body_hash == hashed:
        standing = standing_comment(forge, known)
        if standing is not None:
            stood = Written(id=known.comment, at=standing.text_at, new=False)
            return _Said(stood, known, text)
        restored = True
        # Whoever dies after it is written must not leave what stood before to count as read.
        said.doubt(repository, known.comment)
    found = known.comment if known else forge.find_own_comment(number, topic.marker)
    written = forge.edit_comment(found, text) if found is not None else None
    if written is None:
        written = forge.create_comment(number, text)
    restored_at = written.at if restored else known.restored_at if known else None
    now = SaidComment(comment=written.id, body_hash=hashed, restored_at=restored_at)
    return _Said(written, now, text)


def standing_comment(forge: Forge, known: SaidComment) -> Comment | None:
    """Our comment as it stands on GitHub; None when somebody changed or deleted it."""
    if known.body_hash == DOUBTED:
        return None
    found = forge.comment(known.comment)
    stands = found is not None and text_hash(found.body) == known.body_hash
    return found if stands else None


def was_changed(ports: Ports, forge: Forge, repository: str, number: int, topic: Topic) -> bool:
    """Whether somebody changed or deleted our comment about the topic, as GitHub shows it now.

    A text that we are writing or wrote meanwhile, in whichever process, is no change by somebody.
    """
    said = ports.records.said
    known = said.comment(repository, number, topic)
    if known is None or known.body_hash == DOUBTED:
        return known is not None
    if standing_comment(forge, known) is not None:
        return False
    found = forge.comment(known.comment)
    showing = ports.records.pull_requests.showings(repository).get(number)
    if found is not None and showing is not None and text_hash(found.body) in showing.pages:
        return False
    return said.comment(repository, number, topic) == known


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

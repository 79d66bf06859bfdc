"""Renders what people are told about stacks that expire. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from gitbot.model.expiry import (
    LONGEST_LIFE,
    Expiry,
    ExpiryRules,
    Preview,
    Refusal,
    Stage,
)
from gitbot.model.names import Address, written_name
from gitbot.model.recorded import RecordedStack
from gitbot.render.escape import code, plain, sentence
from gitbot.render.instants import instant_words

_UNITS = ((1440, "day"), (60, "hour"), (1, "minute"))
_MOST = 20


def ways_out(label: str) -> str:
    """How to put the end of a stack off, or bring it on."""
    return (
        f"To keep it: {code(f'/extend {label} 3d')} or {code(f'/keep {label} until 2026-12-24')}. "
        f"To end it now: {code(f'/destroy {label}')}."
    )


def failed_comment(expiry: Expiry, timezone: str) -> str:
    """The comment that a destruction did not finish, and when it is tried again."""
    again = instant_words(expiry.retry_at or expiry.stage_at, timezone)
    return (
        f"**{code(expiry.stack.label)} could not be destroyed as a whole.** {sentence(expiry.error)} "
        f"What was deleted is recorded. gitbot tries the rest again on {again} (try "
        f"{expiry.attempts + 1})."
    )


def destroyed_comment(expiry: Expiry, state: RecordedStack, timezone: str) -> str:
    """The comment that a stack is destroyed, with what stays and where."""
    label, when = expiry.stack.label, instant_words(expiry.stage_at, timezone)
    kept = [
        f"{address} ({resource.type} {resource.remote_id})"
        for address, resource in state.resources.items()
    ]
    stays = listed("These stay, and stay in state", kept) if kept else "Nothing of it stays."
    return (
        f"**{code(label)} is destroyed** ({when}).\n\n{stays}\n\n"
        "gitbot opens a pull request that removes its file. To bring the stack back, change its "
        "spec in a pull request (for example its `ttl`): that gives it a new life."
    )


def removal_title(rows: Sequence[Expiry]) -> str:
    """The title of the pull request that removes a destroyed stack from its file, in these regions."""
    labels = ", ".join(row.stack.label for row in rows)
    people = sorted({plain(row.requested_by) for row in rows if row.requested_by})
    if len(people) == 1 and all(row.requested_by for row in rows):
        return f"Remove {labels}: {people[0]} ended {'it' if len(rows) == 1 else 'them'}"
    return f"Remove {labels}: {'it has' if len(rows) == 1 else 'they have'} expired"


def removal_body(rows: Sequence[Expiry], path: str, timezone: str) -> str:
    """The body of that pull request."""
    parts = [_removed(row, timezone) for row in rows]
    them = "it" if len(rows) == 1 else "them"
    return "\n\n".join(
        [
            *parts,
            f"{code(path)} still declares {them}; merging this changes nothing in the cloud.",
            f"To bring {'the stack' if len(rows) == 1 else 'them'} back instead, close this and change "
            f"{'its' if len(rows) == 1 else 'the'} spec.",
        ]
    )


def _removed(row: Expiry, timezone: str) -> str:
    when = instant_words(row.stage_at, timezone)
    kept = listed("These stay in the cloud", row.kept) if row.kept else "Nothing of it stays."
    asked = plain(row.requested_by)
    why = f"{asked} asked for it" if asked else f"its time was over ({plain(row.source)})"
    return f"{code(row.stack.label)} was destroyed on {when}, because {why}. {kept}"


def withdrawn_comment(expiry: Expiry) -> str:
    """The comment that the pull request which removes the file is closed, as the stack is wanted again."""
    return (
        f"gitbot closes this: {code(expiry.stack.label)} is wanted again, because its spec was changed "
        "since it was destroyed. Merging this would delete it. To end it after all, write "
        f"{code(f'/destroy {expiry.stack.label}')} where its warnings stand, or remove its file in a "
        "pull request of your own."
    )


def no_removal_comment(expiry: Expiry, path: str, why: str) -> str:
    """The comment that no pull request can be opened that removes the file, and what to do."""
    return (
        f"gitbot could not open the pull request that removes {code(expiry.stack.label)} from "
        f"{code(path)}: {sentence(why.rstrip('.'))}. Remove it there in a pull request of your own: merging that "
        "changes nothing in the cloud."
    )


def issue_title(expiry: Expiry) -> str:
    """The title of the issue about a stack whose pull request takes no comments."""
    return f"{expiry.stack.label} expires"


def issue_body(expiry: Expiry) -> str:
    """The body of that issue."""
    return (
        f"The comments below say when {code(expiry.stack.label)} expires, and what happens then. "
        f"They stand here because no pull request takes them. {ways_out(expiry.stack.label)}"
    )


def moved_answer(expiry: Expiry, rules: ExpiryRules, timezone: str, taken_back: str = "") -> str:
    """The answer to a command that moved an expiry.

    ``taken_back`` is who had asked for the destruction, which is not done now.
    """
    left = rules.extensions - expiry.extensions
    times = "once more" if left == 1 else f"{left} times more"
    more = f"It can be extended {times}." if left else "It cannot be extended again."
    when = instant_words(expiry.expires_at, timezone)
    back = "Was that too much? A pull request that makes its `ttl` shorter takes back as much."
    not_now = (
        f" The destruction that {plain(taken_back)} asked for is not done." if taken_back else ""
    )
    return f"{code(expiry.stack.label)} now expires on {when}.{not_now} {more} {back}"


def refusal_words(
    refusal: Refusal, expiry: Expiry, rules: ExpiryRules, latest: datetime | None, timezone: str
) -> str:
    """Why a command did not move an expiry, with its instant and what to do."""
    label, now = expiry.stack.label, instant_words(expiry.expires_at, timezone)
    match refusal:
        case Refusal.ENDED:
            being = "is being destroyed" if expiry.stage is Stage.DESTROYING else "is destroyed"
            return (
                f"`{label}` {being}. To bring it back, change its spec in a pull request: that "
                "gives it a new life"
            )
        case Refusal.COUNT:
            times = "once" if rules.extensions == 1 else f"{rules.extensions} times"
            return (
                f"`{label}` was extended {times} already, and ttl.extensions of the environment "
                f"allows no more; it expires on {now}. A pull request that changes its ttl can give it "
                "more time"
            )
        case Refusal.LONGEST:
            at = instant_words(latest or expiry.expires_at, timezone)
            by_rule = (
                rules.longest is not None and written_name(expiry.stack.name) not in rules.exempt
            )
            why = (
                "ttl.max of the environment"
                if by_rule
                else f"{LONGEST_LIFE.days} days after its first apply, the longest ttl"
            )
            return (
                f"`{label}` may live until {at} and no longer ({why}); it expires on {now}. "
                "If it is to stay, take the expiry out of its spec in a pull request"
            )
        case Refusal.EARLIER:
            return f"`{label}` expires on {now} already, which is not earlier"


def destroy_answer(
    expiry: Expiry, digest: str, deletes: Sequence[Address], kept: Sequence[str], timezone: str
) -> str:
    """The answer to `/destroy`: the plan, its digest, and how to go on."""
    label = expiry.stack.label
    gone = listed("This deletes", deletes) if deletes else "It has nothing left to delete."
    stays = listed("It keeps", kept) if kept else "Nothing of it stays."
    when = instant_words(expiry.expires_at, timezone)
    alone = (
        f"The time of {code(label)} is over, and it is destroyed by itself later."
        if expiry.stage is Stage.EXPIRED
        else f"{code(label)} expires on {when} by itself."
    )
    return (
        f"{alone}\n\n{gone}"
        f"\n\n{stays}\n\nTo do exactly this now, write {code(f'/destroy {label} {digest}')}."
    )


def destroying_answer(expiry: Expiry) -> str:
    """The answer to `/destroy` with the digest."""
    return f"{code(expiry.stack.label)} is destroyed now. A comment says when that is done."


def old_claim_words(label: str, age: timedelta) -> str:
    """The comment on a pull request that has held a stack for long."""
    return (
        f"This pull request has held {code(label)} for {age.days} days: it was applied and not merged. "
        "Meanwhile nothing else may change or destroy that stack. Merge it, or close it, or write "
        f"{code(f'/unlock {label}')}."
    )


def listed(title: str, names: Sequence[str]) -> str:
    """A sentence that lists names, the first of many."""
    shown = ", ".join(code(each) for each in names[:_MOST])
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{title}: {shown}{more}."


def changed_plan_comment(expiry: Expiry) -> str:
    """The comment that what somebody asked for is not what would be done by now."""
    label = expiry.stack.label
    return (
        f"{code(label)} was not destroyed: something of it has changed since the plan was shown. Write "
        f"{code(f'/destroy {label}')} to see what would be deleted now."
    )


OVER = (
    "The instant in its spec is over already: with this merge the stack begins to end. Write a later "
    "one, if that is not what you want."
)


def preview_words(preview: Preview, timezone: str) -> str:
    """What a pull request does to the expiry of one stack, as a sentence."""
    label, by = code(preview.stack), f" ({plain(preview.source)})" if preview.source else ""
    over = f" :warning: {OVER}" if preview.over else ""
    life = "gets a new life, with a new count: it " if preview.revived else ""
    if preview.ahead is not None:
        when = (
            f"{_span(preview.ahead)} after the merge: no sooner, so that people are warned in time"
        )
    elif preview.span is not None:
        when = f"{_span(preview.span)} after its first apply"
    elif preview.after is not None:
        when = f"on {instant_words(preview.after, timezone)}"
    else:
        return f"{label} does not expire any more."
    before = (
        ""
        if preview.before is None
        else (f", and not on {instant_words(preview.before, timezone)}")
    )
    return f"{label} {life}expires {when}{before}{by}.{over}"


def _span(span: timedelta) -> str:
    """A time span in words: ``3 days``, ``90 minutes``."""
    minutes = int(span.total_seconds() // 60)
    size, unit = next(each for each in _UNITS if minutes % each[0] == 0)
    count = minutes // size
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"

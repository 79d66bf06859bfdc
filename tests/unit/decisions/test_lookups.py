"""Which kept answers count, what is said of newer ones, and what is wrong with a lookup."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gitbot.decisions.lookups import (
    STEADY,
    LookupWish,
    answers_of,
    counting_since,
    no_longer_listed,
    not_listed,
    refusal,
    remark,
    usable,
)
from gitbot.errors import CloudError
from gitbot.model.commands import Command, CommandRef, Source
from gitbot.model.desired import DesiredStack
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.lookups import (
    Answer,
    DesiredLookup,
    KeptLookup,
    LookupRule,
    PlannedLookup,
    Unanswered,
)
from gitbot.model.names import Address
from tests.unit.render.plans_by_hand import plan

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEPT = KeptLookup(
    question="q", identifiers=("ami-1",), attributes={"Id": "ami-1", "Name": "n"}, at=AT
)
LATER = replace(KEPT, at=AT + MINUTE)
IMAGE = DesiredLookup(
    address=Address("lookups.image"),
    type="T",
    filter={"Owner": "self"},
    attributes=("Id",),
    source=SourceSpan(file="specs/dev/web.yaml", line=7, column=5),
)
DESIRED = DesiredStack(
    environment="dev",
    name="web",
    region="us-east-1",
    resources={},
    lookups={IMAGE.address: IMAGE},
    hash="h",
    source=SourceSpan(file="specs/dev/web.yaml"),
)
RULE = LookupRule(type="T", identifiers=("ami-*",), attributes=("Id",))
FOUND = PlannedLookup(address=IMAGE.address, type="T", asked={}, found=KEPT)


@pytest.mark.parametrize(
    ("wish", "counts"),
    [
        (LookupWish(), [KEPT]),
        (STEADY, [KEPT]),
        (LookupWish(kept=(LATER,)), [KEPT, LATER]),
        (LookupWish(kept=(LATER,), since=AT), [KEPT, LATER]),
        (LookupWish(kept=(LATER,), since=AT + MINUTE), [LATER]),
        (LookupWish(kept=(LATER,), since=AT + 2 * MINUTE), []),
        (LookupWish(agreed=(LATER,)), [KEPT]),
    ],
)
def test_answers_that_are_older_than_a_refresh_do_not_count(
    wish: LookupWish, counts: list[KeptLookup]
) -> None:
    assert list(usable([KEPT], wish)) == counts


def a_plan(form: str, at: datetime, **arguments: str) -> Command:
    """A ``/plan`` of this form."""
    return Command(
        ref=CommandRef(source=Source.COMMENT, comment=1, text_at=at, line=0),
        repository="1",
        number=7,
        author="ada",
        verb="plan",
        arguments={"form": form, **arguments},
        written_at=at,
    )


def test_a_refresh_is_newer_than_every_answer_of_its_second() -> None:
    """GitHub tells seconds: what was found within one may be what somebody found too old."""
    since = counting_since([a_plan("refresh", AT)], "dev")
    assert since is not None
    within = replace(KEPT, at=AT + timedelta(milliseconds=900))
    assert not list(usable([KEPT, within], LookupWish(since=since)))
    # What it finds itself, still in that second, is kept with the time of its end.
    assert list(usable([replace(KEPT, at=since)], LookupWish(since=since)))


def test_the_newest_refresh_of_the_environment_counts() -> None:
    old, other = a_plan("refresh", AT), a_plan("refresh", AT + MINUTE, environment="prod")
    again = a_plan("", AT + MINUTE)
    assert counting_since([old, other, again], "dev") == counting_since([old], "dev")
    assert counting_since([old, other, again], "prod") == counting_since([other], "prod")
    assert counting_since([other, again], "dev") is None


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (Answer(identifiers=("ami-1",), attributes={"Id": "ami-1", "Name": "n"}), ""),
        (Answer(identifiers=("ami-1",), attributes={"Id": "ami-1", "Name": "m"}), "Name would be"),
        (Answer(identifiers=("ami-2",), attributes={"Id": "ami-2"}), "ami-2 would be found now"),
        (None, "nothing that fits is found any more"),
    ],
)
def test_a_newer_answer_is_remarked(now: Answer | None, words: str) -> None:
    said = remark(KEPT, now)
    assert said.startswith(words) if words else not said
    assert not said or "stays until somebody says `/plan refresh` on" in said
    always = remark(KEPT, now, always=True)
    assert not said or always.endswith("the next plan of the stack uses it")


def test_answers_are_taken_out_of_plans() -> None:
    waits = replace(FOUND, found=None)
    assert answers_of([plan(lookups=(FOUND, waits)), plan()]) == (KEPT,)


def test_what_the_environment_does_not_list_is_told_at_the_lookup() -> None:
    assert list(not_listed(DESIRED, (RULE,))) == []
    (found,) = not_listed(DESIRED, ())
    assert (found.code, found.file, found.line) == ("lookup-not-listed", "specs/dev/web.yaml", 7)
    assert (found.environment, found.stack) == ("dev", "web")


@pytest.mark.parametrize(
    ("rules", "planned", "codes"),
    [
        ((RULE,), FOUND, []),
        ((RULE,), replace(FOUND, found=None), []),
        ((RULE,), replace(FOUND, found=replace(KEPT, identifiers=("x",))), ["lookup-not-listed"]),
        ((replace(RULE, attributes=("Name",)),), FOUND, ["lookup-not-listed"]),
    ],
)
def test_a_kept_answer_must_still_be_listed(
    rules: tuple[LookupRule, ...], planned: PlannedLookup, codes: list[str]
) -> None:
    assert [one.code for one in no_longer_listed(DESIRED, [planned], rules)] == codes


def test_a_refusal_says_where_and_why() -> None:
    error = CloudError("there is none.", code=Unanswered.NOT_FOUND)
    found = refusal(DESIRED, IMAGE, error)
    assert (found.code, found.detail) == ("lookup-not-found", "lookups.image: there is none.")
    assert refusal(DESIRED, IMAGE, CloudError("no", code="AccessDenied")).code == "lookup-failed"

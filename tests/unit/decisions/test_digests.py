"""Which plan the digits in a command name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gitbot.decisions.digests import fits, named_digest
from gitbot.errors import RefusedError
from gitbot.model.said import ShownDigest
from tests.unit.decisions.facts_by_hand import NOW, a_command, stack_id

DIGITS = "1a2b3c4d5e6f7a8b"
DIGEST, COLLISION = DIGITS + "0" * 48, DIGITS + "1" * 48


def shown(digest: str = DIGEST, name: str = "web", later_s: int = 0) -> ShownDigest:
    at = NOW + timedelta(seconds=later_s)
    return ShownDigest(stack=stack_id(name), digest=digest, shown_at=at)


@pytest.mark.parametrize(
    ("digits", "before", "named"),
    [
        (None, [shown()], None),
        (DIGITS, [shown(), shown("f" * 64, "db")], DIGEST),
        (DIGEST, [shown(later_s=-60)], DIGEST),
        (DIGITS, [shown(later_s=60), shown(name="db")], DIGEST),
    ],
    ids=["no digits", "shown in the same second", "all digits", "also shown later elsewhere"],
)
def test_digits_name_the_plan_that_was_shown_here_before_the_comment(
    digits: str | None, before: list[ShownDigest], named: str | None
) -> None:
    command = a_command(**({"digest": digits} if digits else {}))
    assert named_digest(command, before) == named


@pytest.mark.parametrize(
    ("digits", "known", "words"),
    [
        (DIGITS, [], r"no plan shown on #\d+ has the digest 1a2b3c4d5e6f7a8b"),
        (DIGITS, [shown(later_s=1)], "was shown only after the comment"),
        (DIGITS, [shown(), shown(COLLISION, "db")], "several plans that were shown here"),
        (DIGITS, [shown(), shown(COLLISION, later_s=60)], "several plans that were shown here"),
        (DIGITS[:8], [shown()], "copy all 16 digits"),
    ],
    ids=["elsewhere", "later", "a collision", "a collision that came later", "an old, short one"],
)
def test_digits_that_name_no_plan_for_sure_are_refused(
    digits: str, known: list[ShownDigest], words: str
) -> None:
    """The kind: a short prefix was taken as consent. A collision of 8 digits takes seconds to make,
    and a digest copied from another pull request was taken for one that was read here.
    """
    with pytest.raises(RefusedError, match=words):
        named_digest(a_command(digest=digits), known)


@pytest.mark.parametrize(
    ("named", "expected"),
    [(None, True), (DIGEST, True), (DIGITS[:8], True), (COLLISION, False)],
    ids=["no digest is about all", "the whole digest", "of an earlier version", "another digest"],
)
def test_whether_a_command_is_about_a_plan(named: str | None, expected: bool) -> None:
    assert fits(named, DIGEST) is expected

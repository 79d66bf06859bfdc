"""What people are told about stacks that expire."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gitbot.model.expiry import ExpiryRules, Outlook, Preview, Refusal, Stage, Use
from gitbot.model.names import Address
from gitbot.render import expiry as words
from gitbot.render import expiry_machines as machines
from gitbot.render import expiry_warnings as warnings
from gitbot.render.expiry_ends import LetGo, let_go_words, no_expiry_words
from gitbot.render.rules import expiry_blocks
from tests.unit.decisions.expiry.expiries_by_hand import (
    DAY,
    END,
    HOUR,
    a_resource,
    a_state,
    an_expiry,
)
from tests.unit.decisions.facts_by_hand import stack_id

BERLIN, RULES = "Europe/Berlin", ExpiryRules(grace=DAY)
WHEN = "Mon 2026-05-11 14:00 Europe/Berlin (12:00 UTC)"
LATER = "Tue 2026-05-12 14:00 Europe/Berlin (12:00 UTC)"
VIEW = warnings.WarningView(
    expiry=an_expiry(), outlook=Outlook(stops_at=END, ends_at=END + DAY), timezone=BERLIN
)
USE = Use(stack=stack_id("job"), address=Address("task"), value="my-data")


def test_a_warning_says_when_what_follows_what_stays_and_how_to_put_it_off() -> None:
    text = warnings.warning_comment(
        replace(VIEW, mentioned=("ada", "acme/ml"), kept=("data",), loses=("gpu",))
    )
    assert text.startswith(f"@ada @acme/ml **`dev/web` expires on {WHEN}** (ttl: 10d). Then")
    assert f"Then its machines are stopped.\n\nIt is destroyed on {LATER}, not before." in text
    assert "It keeps what holds data: `data`." in text
    assert "A stop erases the local disks of: `gpu`." in text
    assert "`/extend dev/web 3d`" in text
    assert "not destroyed" not in text


@pytest.mark.parametrize(
    ("ahead", "begins"),
    [
        pytest.param(
            Outlook(stops_at=END + DAY, ends_at=END + DAY),
            f"@ada **The time of `dev/web` is over on {WHEN}** (ttl: 10d), but nobody was warned early "
            f"enough. So its machines are stopped on {LATER}, not before.\n\n",
            id="the time is over before the notice",
        ),
        pytest.param(
            Outlook(stops_at=None, ends_at=END + DAY),
            f"@ada **The time of `dev/web` was over on {WHEN}** (ttl: 10d). Its machines are stopped, "
            "and nobody who can read this was warned before.\n\n",
            id="it is stopped already",
        ),
    ],
)
def test_a_late_warning_says_what_holds_by_then(ahead: Outlook, begins: str) -> None:
    text = warnings.warning_comment(replace(VIEW, mentioned=("ada",), outlook=ahead))
    assert text.startswith(f"{begins}It is destroyed on {LATER}, not before.")
    again = warnings.warning_comment(replace(VIEW, mentioned=("ada",), outlook=ahead, again=True))
    assert again.startswith(f"@ada **The time of `dev/web` was over on {WHEN}** (ttl: 10d), and ")
    assert f"you are told once more.\n\nIt is destroyed on {LATER}, not before." in again


def test_a_warning_that_nobody_can_read_says_so_and_mentions_nobody() -> None:
    ahead = Outlook(stops_at=END, ends_at=None)
    text = warnings.warning_comment(replace(VIEW, users=(USE,), outlook=ahead))
    assert "is destroyed" not in text.partition("It keeps")[0].replace("not destroyed", "")
    assert "@" not in text
    assert "gitbot knows nobody to tell who can read this" in text
    assert "not destroyed while `task` of `dev/job` uses `my-data`." in text
    assert "Nothing of it stays." in text


def test_of_many_users_the_first_are_named() -> None:
    many = [replace(USE, address=Address(f"t{number}")) for number in range(7)]
    assert warnings.users_words(many).endswith("`t4` of `dev/job` uses `my-data`, 2 more do")


def test_a_text_of_a_spec_mentions_nobody() -> None:
    sly = replace(VIEW, expiry=an_expiry(source="ttl: @eve"))
    assert "@eve" not in warnings.warning_comment(sly)


def test_the_stop_the_hold_the_failure_and_the_end_are_told() -> None:
    stopped = warnings.stopped_comment(an_expiry(Stage.EXPIRED), END + DAY, BERLIN)
    assert f"It is destroyed on {LATER}, not before." in stopped
    waits = warnings.not_stopped_comment(an_expiry(Stage.EXPIRED), "bob froze dev", 36 * HOUR)
    assert "not stopped yet: bob froze dev. gitbot stops them when that is over, and" in waits
    assert "destroys the stack 1d12h after that, not before." in waits
    unwarned = warnings.stopped_comment(an_expiry(Stage.EXPIRED), None, BERLIN)
    assert "It is not destroyed: gitbot knows nobody to tell" in unwarned
    held = warnings.held_comment(an_expiry(), ["#7 holds it (`/unlock` there ends that)", "frozen"])
    assert "- #7 holds it (`/unlock` there ends that).\n- Frozen.\n" in held
    tried = an_expiry(Stage.DESTROYING, error="no: <b>", attempts=1, retry_at=END)
    failed = words.failed_comment(tried, BERLIN)
    assert f"gitbot tries the rest again on {WHEN} (try 2)." in failed
    assert "<b>" not in failed
    ended = an_expiry(Stage.DESTROYED, stage_at=END)
    kept = words.destroyed_comment(ended, a_state(a_resource("data", "my-data")), BERLIN)
    assert "These stay, and stay in state: `data (AWS::S3::Bucket my-data)`." in kept
    assert "Nothing of it stays." in words.destroyed_comment(ended, a_state(), BERLIN)


def test_the_pull_request_that_removes_the_file_says_why() -> None:
    ended = an_expiry(Stage.DESTROYED, stage_at=END, kept=("data",))
    assert words.removal_title([ended]) == "Remove dev/web: it has expired"
    body = words.removal_body([ended], "specs/dev/web.yaml", BERLIN)
    assert f"`dev/web` was destroyed on {WHEN}" in body
    assert "These stay in the cloud: `data`." in body
    bare = words.removal_body([replace(ended, kept=())], "specs/dev/web.yaml", BERLIN)
    assert "Nothing of it stays." in bare
    asked = words.removal_body([replace(ended, requested_by="ada")], "x.yaml", BERLIN)
    assert f"was destroyed on {WHEN}, because ada asked for it." in asked
    early = words.removal_title([replace(ended, requested_by="ada")])
    assert early == "Remove dev/web: ada ended it"
    both = [ended, replace(ended, stack=replace(ended.stack, name="api"))]
    assert words.removal_title(both) == "Remove dev/web, dev/api: they have expired"
    assert words.removal_title([replace(one, requested_by="ada") for one in both]).endswith(
        ": ada ended them"
    )
    assert "`specs/dev/web.yaml` still declares them" in words.removal_body(
        both, "specs/dev/web.yaml", BERLIN
    )
    assert "`dev/web` is wanted again" in words.withdrawn_comment(ended)
    stuck = words.no_removal_comment(ended, "x.yaml", "it is broken")
    assert "removes `dev/web` from `x.yaml`: it is broken. Remove it there" in stuck


def test_the_issue_says_what_it_is_for() -> None:
    assert words.issue_title(an_expiry()) == "dev/web expires"
    assert "`dev/web`" in words.issue_body(an_expiry())


@pytest.mark.parametrize(
    ("extensions", "ends"),
    [
        (1, "It can be extended 2 times more."),
        (2, "It can be extended once more."),
        (3, "It cannot be extended again."),
    ],
)
def test_the_answer_says_the_instant_and_what_is_left(extensions: int, ends: str) -> None:
    row = an_expiry(extensions=extensions)
    over = words.moved_answer(row, RULES, BERLIN, "ada")
    assert f"expires on {WHEN}. The destruction that ada asked for is not done. {ends}" in over
    said = words.moved_answer(row, RULES, BERLIN)
    assert said.startswith(f"`dev/web` now expires on {WHEN}. {ends} Was that too much?")


@pytest.mark.parametrize(
    ("refusal", "stage", "extensions", "part"),
    [
        (Refusal.ENDED, Stage.DESTROYING, 3, "`dev/web` is being destroyed."),
        (Refusal.ENDED, Stage.DESTROYED, 3, "`dev/web` is destroyed."),
        (Refusal.COUNT, Stage.ACTIVE, 1, "extended once already, and ttl.extensions of the "),
        (Refusal.COUNT, Stage.ACTIVE, 3, f"it expires on {WHEN}"),
        (Refusal.LONGEST, Stage.ACTIVE, 3, f"may live until {LATER} and no longer"),
        (Refusal.EARLIER, Stage.ACTIVE, 3, f"expires on {WHEN} already, which is not earlier"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(
    refusal: Refusal, stage: Stage, extensions: int, part: str
) -> None:
    rules = ExpiryRules(extensions=extensions)
    assert part in words.refusal_words(refusal, an_expiry(stage), rules, END + DAY, BERLIN)


@pytest.mark.parametrize(
    ("longest", "why"),
    [(DAY, "(ttl.max of the environment)"), (None, "(3650 days after its first apply, ")],
)
def test_a_refusal_says_what_bounds_a_life(longest: timedelta | None, why: str) -> None:
    rules = ExpiryRules(longest=longest)
    said = words.refusal_words(Refusal.LONGEST, an_expiry(), rules, END, BERLIN)
    assert why in said
    assert "take the expiry out of its spec" in said


def test_a_destruction_is_shown_before_it_is_done() -> None:
    shown = words.destroy_answer(an_expiry(), "d" * 16, [Address("vm")], ["data"], BERLIN)
    assert f"`dev/web` expires on {WHEN} by itself." in shown
    assert "This deletes: `vm`.\n\nIt keeps: `data`.\n\n" in shown
    assert f"write `/destroy dev/web {'d' * 16}`." in shown
    empty = words.destroy_answer(an_expiry(), "d" * 16, [], [], BERLIN)
    assert "nothing left to delete" in empty
    over = words.destroy_answer(an_expiry(Stage.EXPIRED), "d" * 16, [], [], BERLIN)
    assert over.startswith("The time of `dev/web` is over, and it is destroyed by itself later.")
    assert words.destroying_answer(an_expiry()).startswith("`dev/web` is destroyed now. ")
    assert "`/destroy dev/web`" in words.changed_plan_comment(an_expiry())


def test_a_long_list_is_cut() -> None:
    many = [Address(f"vm{number}") for number in range(25)]
    assert "`vm19` and 5 more." in words.destroy_answer(an_expiry(), "d", many, [], BERLIN)


def test_machines_that_fail_and_old_claims_are_told() -> None:
    stopping = machines.not_switched_comment(an_expiry(Stage.EXPIRED), ["vm: it is protected"])
    assert "could not be stopped" in stopping
    assert "could not be started again" in machines.not_switched_comment(an_expiry(), ["vm: no"])
    failed = machines.pre_stop_comment(an_expiry(pre_stop=("vm: it ended with Failed",)))
    assert "They were stopped all the same" in failed
    assert failed.endswith("- vm: it ended with Failed")
    assert "- data: no" in machines.untagged_comment(an_expiry(untagged=("data: no",)))
    assert "By now every object of `dev/web`" in machines.untagged_comment(an_expiry())
    for row, end in (
        (an_expiry(Stage.EXPIRED), "stopped"),
        (an_expiry(Stage.EXPIRED, put_off_at=END), "destroyed with their stack"),
    ):
        said = machines.works_comment(row, [Address("vm")], END, BERLIN)
        assert f"they are {end} on {WHEN}, not before" in said
    assert "held `dev/web` for 14 days" in words.old_claim_words("dev/web", timedelta(days=14))


@pytest.mark.parametrize(
    ("span", "text"),
    [(DAY, "1 day"), (3 * DAY, "3 days"), (36 * HOUR, "36 hours"), (HOUR / 2, "30 minutes")],
)
def test_a_time_span_is_said_in_one_unit(span: timedelta, text: str) -> None:
    assert f"expires {text} after its first apply" in words.preview_words(
        Preview(stack="web", span=span), BERLIN
    )


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"held": ("#7 holds it",)}, "`dev/web` still waits to be destroyed: #7 holds it"),
        (
            {"runs": True},
            "the machines of `dev/web` are stopped first, and it is destroyed 1d after that",
        ),
        (
            {"reminded": True},
            "people are told once more of `dev/web`, and it is destroyed 2h after that",
        ),
        ({"until": END}, f"`dev/web` is destroyed on {WHEN}, not before"),
        ({}, "`dev/web` is destroyed now"),
    ],
)
def test_the_end_of_a_freeze_says_which_destructions_go_on(more: dict[str, Any], text: str) -> None:
    one = LetGo(expiry=an_expiry(Stage.EXPIRED), **more)
    assert let_go_words(one, RULES, BERLIN) == text


@pytest.mark.parametrize(
    ("merged", "proposed", "text"),
    [
        (True, True, "`dev/web` does not expire yet: what gives it an expiry was not applied"),
        (True, False, "so its time has not begun. To give it more time, write a longer `ttl`"),
        (False, True, "that was not applied yet, so its time has not begun: until then, write"),
        (False, False, "`dev/web` does not expire: nothing ends it by itself."),
    ],
)
def test_an_expiry_that_has_not_begun_is_told_from_none(
    merged: bool, proposed: bool, text: str
) -> None:
    assert text in no_expiry_words("dev/web", merged=merged, proposed=proposed)


def test_the_section_is_only_there_when_something_is_to_say() -> None:
    assert list(expiry_blocks([])) == []
    assert len(list(expiry_blocks(["`web` expires."]))) == 2

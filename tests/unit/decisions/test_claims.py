"""What a claim keeps from being done, and when it ends."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest

from gitbot.decisions.claims import (
    blocks_plan,
    blocks_tip,
    claim_on,
    ended_by_tip,
    names_of,
    never_used,
    of_others,
    refuse_command_line,
    refuse_taken,
    refuse_unclaimed,
    refuse_while_applying,
    standing_in_the_way,
    words_of_claims,
)
from gitbot.errors import RefusedError
from gitbot.model.commands import Accepted, AppliesWhat, Command
from gitbot.model.desired import DesiredStack
from gitbot.model.names import StackId
from gitbot.model.recorded import StackHeader
from gitbot.model.runs import Claim
from tests.unit.decisions.facts_by_hand import a_claim, a_command, a_header, a_stack, stack_id

WEB, DB = stack_id("web"), stack_id("db")


def test_a_claim_is_told_with_who_holds_what_and_until_when() -> None:
    words = words_of_claims([a_claim(7, "web"), a_claim(7, "db")], "dev")
    assert words.startswith(
        "From now on only #7 can change `dev/web`, `dev/db` (claimed by ada): other merges"
    )
    assert (
        "merged and applied, or closed and set back, or when somebody comments `/unlock`" in words
    )
    assert words_of_claims([a_claim(7, "web")], "prod") == ""


def test_a_pull_request_s_own_claims_are_not_those_of_others() -> None:
    assert of_others([a_claim(7, "web"), a_claim(8, "db")], 7) == (DB,)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        pytest.param([], "", id="nobody holds it"),
        pytest.param([a_claim(7)], "", id="this pull request holds it itself"),
        pytest.param([a_claim(8, "db")], "", id="another pull request holds another stack"),
        pytest.param([a_claim(8)], "#8 has applied this stack", id="another pull request holds it"),
        pytest.param(
            [a_claim(7), a_claim(8, "db"), a_claim(9)],
            "#9 has applied this stack",
            id="the one that holds it is found among others",
        ),
        pytest.param(
            [a_claim(8, closed=True)],
            "closed and settled",
            id="a closed pull request holds it until it is settled",
        ),
    ],
)
def test_a_plan_that_cannot_be_applied_says_who_holds_the_stack(
    claims: list[Claim], words: str
) -> None:
    found = blocks_plan(claims, (WEB,), 7)
    assert words in found
    assert bool(found) is bool(words)


RENAMED = replace(a_stack("web"), moved_from="db")


@pytest.mark.parametrize(
    ("desired", "recorded", "names"),
    [
        pytest.param(None, (), (WEB,), id="a stack that goes"),
        pytest.param(a_stack("web"), (), (WEB,), id="one that keeps its name"),
        pytest.param(RENAMED, (), (WEB, DB), id="one that is renamed"),
        pytest.param(RENAMED, (a_header("db"),), (WEB, DB), id="recorded under its former name"),
        pytest.param(RENAMED, (a_header("web", left=0),), (WEB, DB), id="its new name is free"),
        pytest.param(RENAMED, (a_header("web"),), (WEB,), id="renamed long ago"),
    ],
)
def test_a_claim_is_asked_for_under_the_recorded_name_too(
    desired: DesiredStack | None, recorded: tuple[StackHeader, ...], names: tuple[StackId, ...]
) -> None:
    """A pull request that renamed a claimed stack went around the claim."""
    assert names_of(WEB, desired, recorded) == names
    claim = a_claim(8, "db")
    assert claim_on(names, {DB: claim}) is (claim if DB in names else None)
    assert bool(blocks_plan([claim], names, 7)) is (DB in names)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        pytest.param([a_claim(7), a_claim(7, "db")], "", id="it holds both"),
        pytest.param([a_claim(7)], "the claim on dev/db was given back", id="one was given back"),
        pytest.param([a_claim(7), a_claim(8, "db")], "dev/db is held by #8", id="another took it"),
    ],
)
def test_under_the_lease_the_claims_must_still_stand(claims: list[Claim], words: str) -> None:
    """`/apply dev` with `/unlock dev` in one comment was applied without a claim."""
    if not words:
        refuse_unclaimed(claims, (WEB, DB), 7)
        return
    with pytest.raises(RefusedError, match=words):
        refuse_unclaimed(claims, (WEB, DB), 7)


HEAD_APPLY = Accepted(what=AppliesWhat.PULL_REQUEST, environment="dev")


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        pytest.param(replace(a_command(), accepted=HEAD_APPLY), True, id="it needs the claim"),
        pytest.param(a_command(), False, id="it is not accepted"),
        pytest.param(
            replace(a_command(), accepted=replace(HEAD_APPLY, what=AppliesWhat.TIP)),
            False,
            id="it applies the tip",
        ),
        pytest.param(
            replace(a_command(), accepted=replace(HEAD_APPLY, environment="prod")),
            False,
            id="of another environment",
        ),
        pytest.param(
            replace(a_command(), number=8, accepted=HEAD_APPLY), False, id="on another pull request"
        ),
    ],
)
def test_stacks_are_not_given_back_while_an_accepted_apply_needs_them(
    command: Command, refused: bool
) -> None:
    if not refused:
        refuse_while_applying([a_claim(7)], [command])
        return
    with pytest.raises(RefusedError, match="has not ended"):
        refuse_while_applying([a_claim(7)], [command])


@pytest.mark.parametrize(
    ("claim", "open_", "blocked"),
    [
        pytest.param(None, {7}, False, id="an unclaimed stack is applied"),
        pytest.param(a_claim(7), {7}, True, id="an open pull request's stack is left alone"),
        pytest.param(a_claim(7), {8}, False, id="a merged pull request's stack is applied"),
        pytest.param(a_claim(7, closed=True), {8}, False, id="a closed one's is given back"),
        pytest.param(
            a_claim(7, closed=True), {7}, False, id="a closed one's is given back once reopened"
        ),
    ],
)
def test_whether_the_tip_is_applied_to_a_stack(
    claim: Claim | None, open_: Collection[int], blocked: bool
) -> None:
    found = blocks_tip(claim, open_)
    assert bool(found) is blocked
    assert not blocked or "#7 has applied it before merging (claimed by ada)" in found


@pytest.mark.parametrize(
    ("claim", "affected", "open_", "ends"),
    [
        pytest.param(a_claim(7), set(), set(), True, id="merged, and the stack equals the tip"),
        pytest.param(a_claim(7), {WEB}, set(), False, id="merged, and not applied yet"),
        pytest.param(a_claim(7), {DB}, set(), True, id="another stack's apply does not matter"),
        pytest.param(a_claim(7), set(), {7}, False, id="still open though it equals the tip"),
        pytest.param(a_claim(7), set(), {8}, True, id="another pull request is open"),
        pytest.param(a_claim(7, closed=True), set(), {7}, True, id="closed, reopened, given back"),
        pytest.param(a_claim(7, closed=True), {WEB}, {7}, False, id="closed, not given back yet"),
    ],
)
def test_when_the_tip_ends_a_claim(
    claim: Claim, affected: set[StackId], open_: set[int], ends: bool
) -> None:
    assert ended_by_tip([claim], affected, open_) == ((WEB,) if ends else ())


def test_only_claims_of_the_environment_to_whose_stacks_nothing_was_applied_were_never_used() -> (
    None
):
    elsewhere = a_claim(stack=stack_id("cache", environment="prod"))
    claims = [a_claim(7, "web"), a_claim(7, "db"), elsewhere]
    assert never_used(claims, "dev", {DB}) == (WEB,)


@pytest.mark.parametrize(
    ("holder", "stack", "stands"),
    [(8, "web", True), (7, "web", False), (8, "other", False)],
    ids=["another's", "its own", "of another stack"],
)
def test_whose_claim_stands_in_the_way(holder: int, stack: str, stands: bool) -> None:
    claim = a_claim(holder, stack)
    found = standing_in_the_way([claim], [stack_id("web")], 7)
    assert found == ({claim.stack: claim} if stands else {})


def test_a_refused_claim_names_everybody_who_holds_something() -> None:
    refuse_taken({})
    with pytest.raises(RefusedError, match=r"dev/web is held by #8 .*, dev/db is held by #9"):
        refuse_taken({WEB: a_claim(8), DB: a_claim(9, "db")})


def test_the_command_line_is_refused_a_claimed_stack_and_no_other() -> None:
    refuse_command_line([a_claim(8, "db")], {WEB})
    with pytest.raises(RefusedError, match="#8 has applied dev/web before merging"):
        refuse_command_line([a_claim(9, "db"), a_claim(8)], {WEB})

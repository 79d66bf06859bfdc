"""The sentences about a promotion: each says what, where, why and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gitbot.model.forge import CheckState
from gitbot.model.names import EnvironmentKey, Sha
from gitbot.model.pins import Beside, PinMove
from gitbot.model.promotion import (
    Bound,
    Conflict,
    Difference,
    Gate,
    GateState,
    Hold,
    How,
    Lacking,
    Live,
    Part,
    PlacedConflict,
    PromotedStack,
    PromotionRow,
    PromotionRules,
    Why,
)
from gitbot.render.promotion import (
    Pull,
    body,
    closes,
    decisions,
    held,
    message,
    not_asked,
    others_commits,
    pointer,
    remark,
    shown,
    stays,
    title,
    unwritten,
    waits_for_other,
)
from gitbot.render.promotion_answers import Outlook, approved, rebuilt, resumed
from gitbot.render.promotion_gates import gates_block, gates_in, promotion_check, with_gates

SIZE = ("spec", "resources", "vm", "Size")


def stack(**given: object) -> PromotedStack:
    return PromotedStack(
        name="web", source="dev", target="staging", path="specs/staging/web.yaml", **given
    )  # type: ignore[arg-type]


def test_what_a_person_must_decide() -> None:
    found = stack(
        conflicts=(
            PlacedConflict(
                conflict=Conflict(path=SIZE, source="big", target=None),
                source="specs/dev/web.yaml:7",
                target="specs/staging/web.yaml:9",
            ),
        ),
        bound=(Bound(path=("spec", "a/b"), value="ami-12345678", what="it is of one region"),),
        lacking=(
            Lacking(
                file="specs/staging/environment.yaml", path=("spec", "variables", "x"), of=SIZE
            ),
            Lacking(file="", path=("spec", "values", "x"), of=("spec", "variables", "x")),
        ),
    )
    assert found.is_draft
    assert list(decisions(found)) == [
        "`/spec/resources/vm/Size` was changed in both: dev has `big` (specs/dev/web.yaml:7), staging "
        "has nothing (specs/staging/web.yaml:9). gitbot leaves staging's value: write what is right on this "
        "branch, or keep it.",
        "`/spec/a~1b` becomes `ami-12345678`: it is of one region. Write what is right for staging, or "
        "make it a variable of the environment.",
        "`/spec/resources/vm/Size` needs `/spec/variables/x` in `specs/staging/environment.yaml`, which "
        "staging does not have. Add it.",
        "`/spec/variables/x` needs `/spec/values/x` in `specs/staging/web.yaml`, which staging does not "
        "have. Add it.",
    ]


def test_what_stays_and_why() -> None:
    found = stack(
        deleted=("disk",),
        differences=tuple(
            Difference(path=SIZE, source=1, target={"a": True}, why=why) for why in Why
        ),
    )
    assert not found.is_draft
    head = '`/spec/resources/vm/Size` stays `{"a": true}` (dev: `1`): '
    assert list(stays(found)) == [
        f"{head}`promotesFrom.keep` of staging names it.",
        f"{head}every environment has its own.",
        f"{head}staging had set a value of its own.",
        f"{head}only staging has changed it.",
        "`disk` is not in dev any more and stays in staging: deletions come in a pull request of their "
        "own.",
    ]
    assert next(iter(stays(stack(deleted=("a", "b"))))).startswith(
        "`a`, `b` are not in dev any more"
    )


def test_a_value_is_shown_on_one_line_and_shortened() -> None:
    assert [shown("a\n`b`"), shown(""), shown("x" * 200), pointer(("a~", 0))] == [
        "`a 'b'`",
        "`(empty)`",
        f"`{'x' * 120}…`",
        "/a~0/0",
    ]


WEB = stack(
    differences=(Difference(path=SIZE, source="big", target="small", why=Why.KEEP),),
    deleted=("disk",),
)
RULES = PromotionRules(source="dev", title_prefix="chore: ", commit_prefix="ops: ")
PULL = Pull(
    part=Part.CHANGES,
    rules=RULES,
    target="staging",
    stacks=(WEB, replace(WEB, name="api", differences=(), deleted=())),
    origins=((7, "Bigger @machines", "bob"),),
    makers={"bob": "opened #7, committed to #7", "cyd": "commanded `/promote rebuild`"},
    former=5,
)


def test_the_pull_request_says_what_comes_from_whom_and_what_stays() -> None:
    assert title(PULL) == "chore: Promote web, api from dev to staging"
    assert message(PULL) == "ops: Promote web, api from dev to staging\n\nFrom #7.\n"
    text = body(PULL)
    assert "This brings to staging what dev changed in `web`, `api`, and no other line." in text
    assert "It stands in the place of #5." in text
    assert "- #7 Bigger @⁠machines (bob)" in text
    assert "- `/spec/resources/vm/Size` stays `small` (dev: `big`)" in text
    assert (
        "**Whose approval does not count, since they made it**\n\n"
        "- `bob` opened #7, committed to #7\n- `cyd` commanded `/promote rebuild`\n"
    ) in text
    assert "A person merges it when every gate below is open." in text
    assert "must decide" not in text
    draft = replace(PULL, stacks=(stack(bound=(Bound(path=SIZE, value="x", what="y"),)),))
    assert "**What a person must decide**" in body(draft)


def test_a_pull_request_that_nobody_is_known_to_have_asked_for_is_short() -> None:
    bare = replace(PULL, origins=(), makers={}, former=None, rules=replace(RULES, how=How.MERGE))
    assert message(bare) == "ops: Promote web, api from dev to staging\n"
    assert "What was applied" not in body(bare)
    assert "gitbot merges it when every gate below is open." in body(bare)


def test_deletions_have_words_of_their_own() -> None:
    gone = replace(PULL, part=Part.DELETIONS, stacks=(WEB,), rules=replace(RULES, how=How.MERGE))
    assert title(gone) == "chore: Delete what is gone: web from dev to staging"
    assert message(gone).startswith("ops: Delete what is gone of web from dev to staging")
    assert "dev has `disk` no more. Merging this deletes it in staging, with its data." in body(
        gone
    )
    assert "stays `small`" not in body(gone)
    assert "A person merges it" in body(gone)


def test_a_conflict_is_a_comment_where_nothing_else_could_be_shown() -> None:
    conflict = Conflict(path=SIZE, source="big", target="small")
    placed = PlacedConflict(conflict=conflict, source="a:1", target="b:2")
    assert remark(WEB, placed) == (
        "Both changed /spec/resources/vm/Size: dev has `big`, staging has `small`. Write what is right "
        "and remove this comment."
    )


def state(gate: Gate, why: str = "", **given: object) -> GateState:
    return GateState(gate=gate, open=not why, why=why, **given)  # type: ignore[arg-type]


NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("states", "check", "words"),
    [
        ([state(Gate.APPLIED)], CheckState.SUCCESS, "every gate is open"),
        (
            [state(Gate.SOAKED, "1h of 2h", opens_at=NOON)],
            CheckState.PENDING,
            "waits: 1h of 2h; the earliest opens 2026-11-28 12:00 UTC",
        ),
        ([state(Gate.DRIFT, "a"), state(Gate.APPROVED, "b", who=True)], CheckState.PENDING, "waits for 2 gates"),
        ([state(Gate.APPROVED, "an approval", who=True)], CheckState.ACTION_REQUIRED, "waits: an approval"),
        ([state(Gate.DECIDED, "2 things", who=True)], CheckState.FAILURE, "a person must decide something"),
    ],
)  # fmt: skip
def test_the_check_says_what_it_waits_for(
    states: list[GateState], check: CheckState, words: str
) -> None:
    found = promotion_check([("web", states)])
    assert (found.name, found.state, found.title) == ("gitbot/promotion", check, words)


def test_the_check_lists_every_gate_and_when_it_opens() -> None:
    states = [state(Gate.APPLIED), state(Gate.SOAKED, "1h | 2h", opens_at=NOON)]
    assert promotion_check([("web", states)]).summary == (
        "**web**\n\n| gate | | |\n|---|---|---|\n| applied in the source, exactly this | open |  |\n"
        "| soaked | waits | 1h \\| 2h (opens 2026-11-28 12:00 UTC) |"
    )


def test_the_text_of_the_pull_request_has_the_same_gates_in_one_place() -> None:
    states = [("web", [state(Gate.APPLIED)]), ("api", [state(Gate.DRIFT, "a drift")])]
    block, other = gates_block(states), gates_block(states[:1])
    assert promotion_check(states).summary in block
    text = with_gates("What is promoted.\n", other)
    assert text == f"What is promoted.\n\n{other}"
    assert (gates_in(text), gates_in("What is promoted.")) == (other, "")
    assert with_gates(text, block) == f"What is promoted.\n\n{block}"
    assert with_gates(text.replace("\n", "\r\n"), block).count("What it waits for") == 1
    assert with_gates(text, "") == "What is promoted."


def test_a_text_stays_within_what_github_takes() -> None:
    long = Conflict(path=("spec", "x" * 200), source="a" * 120, target="b" * 120)
    conflicts = (PlacedConflict(conflict=long, source="a:1", target="b:1"),) * 200
    differences = (Difference(path=long.path, source="a" * 120, target="b", why=Why.OWN),) * 200
    origins = tuple((number, "t" * 250, "bob") for number in range(200))
    many = replace(
        PULL, origins=origins, stacks=(stack(conflicts=conflicts, differences=differences),)
    )
    states = [(f"stack-{number}", [state(one, "w" * 90) for one in Gate]) for number in range(100)]
    text = with_gates(body(many), gates_block(states))
    assert len(text) < 50_000
    assert "more: `gitbot promote dev <stack> --dry-run` shows them all" in text
    assert "more: the commits name them" in text
    assert "more stacks: see the check `gitbot/promotion`." in text


def test_a_reviewer_whom_github_does_not_take_is_named() -> None:
    assert "of staging names `bbo`, `acme/x`, and GitHub" in not_asked("staging", ["bbo", "acme/x"])


def test_others_are_told_that_a_promotion_waits_for_them() -> None:
    assert "A change of `web`, `api` was applied in dev and is to be promoted to staging." in (
        waits_for_other("dev", "staging", ["web", "api"])
    )
    words = others_commits("gitbot/x", ["bob", "cyd"])
    assert words.startswith(
        "`bob`, `cyd` committed to the branch `gitbot/x`, and gitbot overwrites"
    )
    assert "`/promote rebuild` makes the branch anew" in words
    assert others_commits("gitbot/x", ()).startswith("Somebody else committed to the branch")


def test_a_promotion_does_not_end_without_words() -> None:
    hold = Hold(
        actor="ada", reason="#4 was closed without a merge", at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    words = held("staging", "web", hold)
    assert "`web` to staging is held: ada did it (#4 was closed without a merge)" in words
    assert "`/promote resume staging/web`" in words
    assert closes("web: dev has `no` such") == (
        "gitbot closes this: web: dev has `no` such. That is no hold: a later change is promoted again."
    )
    assert "in `web` cannot be promoted to staging by gitbot: line 4." in unwritten(
        "dev", "staging", "web", "line 4"
    )


def test_authors_that_are_not_all_known_are_told() -> None:
    pull = Pull(part=Part.CHANGES, rules=PromotionRules(source="dev"), target="staging", stacks=())
    assert "Not everybody" not in body(pull)
    assert "Not everybody who made it is known: more than 9 commits. So nobody" in body(
        replace(pull, doubt="more than 9 commits")
    )


def test_a_new_pull_request_names_the_branch_with_the_commits_of_others() -> None:
    assert "Others have committed" not in body(PULL)
    assert "Others have committed to the branch `gitbot/x`: their work stays" in body(
        replace(PULL, taken="gitbot/x")
    )


WAITS = "dev is not applied"


@pytest.mark.parametrize(
    ("more", "live", "resumes", "rebuilds"),
    [
        ({}, None, "goes on: its pull request comes now.", "gets its branch anew now"),
        ({}, 8, "goes on in #8.", "gets its branch anew now, from the tracked branch."),
        ({"waits": WAITS}, 8, f"goes on, and waits: {WAITS}.", f"is in the way. It waits: {WAITS}. Until"),
        ({"nothing": "all is there"}, 8, "brings nothing now: all is there.", "is closed, as it brings nothing now: all"),
    ],
)  # fmt: skip
def test_resume_and_rebuild_say_what_comes_or_what_they_wait_for(
    more: dict[str, str], live: int | None, resumes: str, rebuilds: str
) -> None:
    row = PromotionRow(
        target=EnvironmentKey(repository="7", environment="staging"), stack="web", source="dev"
    )
    opened = Live(number=8, branch="b", part=Part.CHANGES, base="", before="", after="")
    each = Outlook(row=replace(row, live=opened if live else None), **more)
    assert resumes in resumed([each])
    words = rebuilt([each, each])
    assert words.count(rebuilds) == 2
    assert words.count("counts as an author") == 1
    assert "`staging/web`, `staging/web` needs no verification" in approved([row, row])


@pytest.mark.parametrize(("before", "was"), [("1" * 40, "was `111111111111`"), (None, "is new")])
def test_a_pull_request_that_moves_the_commit_of_modules_says_so(
    before: str | None, was: str
) -> None:
    move = PinMove(
        before=before,
        after=Sha("2" * 40),
        changed=("calendars/days", "modules/crate"),
        stacks=frozenset({"gpu"}),
    )
    text = body(replace(PULL, pin=move))
    assert "by that alone" not in text
    beside = (
        Beside(stack="own", proofs=frozenset({"one", "two"})),
        Beside(stack="kept", proofs=frozenset({"kept"})),
        Beside(stack="solo", unproven=("modules/x",)),
    )
    told = body(replace(PULL, pin=move, beside=beside))
    assert (
        "**What changes in staging by that alone**\n\n"
        "- `own`: its spec stays as it is; its gates wait for `dev/one`, `dev/two`, which use the same\n"
        "- `kept`: its spec stays as it is; its gates wait for `dev/kept`, which uses the same\n"
        "- `solo`: its spec stays as it is\n"
    ) in told
    (needs,) = decisions(stack(unproven=beside[2:]))
    assert needs.startswith("`staging/solo` changes by `modules/x`, and no stack of dev uses that")
    assert "and no other line" not in text
    assert f"becomes `222222222222` ({was}): `calendars/days`, `modules/crate` changed" in text

"""Whether a shown plan still speaks of the world as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gitbot.decisions.freshness import (
    NEVER,
    TipFacts,
    Touched,
    is_shared,
    mark,
    moved,
    stale,
    tip_facts,
    touched_files,
)
from gitbot.decisions.wanted import NO_FACTS, wanted
from gitbot.model.desired import DesiredStack, Environment, Requirement
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.forge import PullRequest
from gitbot.model.freeze import HandFreeze
from gitbot.model.names import Sha
from gitbot.model.recorded import StackHeader
from gitbot.model.runs import Claim
from gitbot.model.said import PlannedMark
from tests.unit.decisions.facts_by_hand import (
    DEV,
    NOW,
    OTHER_HEAD,
    PROD,
    TIP,
    a_claim,
    a_header,
    a_problem,
    a_pull_request,
    a_stack,
    a_tree,
    stack_id,
)

NEWER = Sha("2" * 40)
WEB, DB, PROD_WEB = a_stack("web"), a_stack("db"), a_stack("web", environment="prod")


def world(
    *stacks: DesiredStack,
    tip: Sha = NEWER,
    environments: Sequence[Environment] = (DEV, PROD),
    diagnostics: Sequence[Diagnostic] = (),
    recorded: Sequence[StackHeader] = (a_header("web"), a_header("db")),
    claims: Sequence[Claim] = (),
) -> TipFacts:
    """The facts of a tip with these stacks; dev/web, dev/db and prod/web where none is given."""
    tree = a_tree(
        *(stacks or (WEB, DB, PROD_WEB)), environments=environments, diagnostics=diagnostics
    )
    every = {each.name: wanted(tree, each.name, NO_FACTS, NOW) for each in environments}
    return tip_facts(tip, tree, every, recorded, claims)


THEN = world(tip=TIP)


def touching(*names: str, shared: bool = False, environment: str = "dev") -> PlannedMark:
    """The mark of #7, planned at the first tip."""
    part = Touched(environment=environment, stacks=names, shared=shared)
    return mark(a_pull_request(), THEN, [part], leave=False)


OWN_FILE, SHARED_FILE = touching("web"), touching("web", shared=True)
NEW_STACK = touching("fresh")
OWN_CLAIM = mark(
    a_pull_request(),
    world(tip=TIP, claims=[a_claim(7)]),
    [Touched(environment="dev", stacks=["web"], shared=False)],
    leave=False,
)
LOOSER = replace(DEV, requirements=frozenset[Requirement]())
CHANGED_DB = (WEB, a_stack("db", "h2"), PROD_WEB)
WITH_FRESH = (WEB, DB, PROD_WEB, a_stack("fresh"))
ELSEWHERE = a_header(id=stack_id(region="us-east-1"), serial=90)


@pytest.mark.parametrize(
    ("known", "now", "why"),
    [
        pytest.param(OWN_FILE, THEN, "", id="at the same tip"),
        pytest.param(OWN_FILE, world(), "", id="a tip that moves nothing of what it touches"),
        pytest.param(OWN_FILE, world(*CHANGED_DB), "", id="the tip changed a stack beside it"),
        pytest.param(OWN_FILE, world(*WITH_FRESH), "", id="the tip added a stack beside it"),
        pytest.param(
            OWN_FILE,
            world(a_stack("web", "h2"), DB, PROD_WEB),
            "changed dev/web",
            id="the tip changed the stack that it touches",
        ),
        pytest.param(OWN_FILE, world(DB, PROD_WEB), "changed dev/web", id="the tip removed it"),
        pytest.param(
            NEW_STACK, world(*WITH_FRESH), "changed dev/fresh", id="the tip added what it adds"
        ),
        pytest.param(
            OWN_FILE,
            world(environments=(LOOSER, PROD)),
            "changed dev since",
            id="the tip changed the rules of its environment",
        ),
        pytest.param(
            OWN_FILE,
            world(environments=(DEV, replace(PROD, region="us-east-1"))),
            "",
            id="the tip changed the rules of another environment",
        ),
        pytest.param(
            OWN_FILE,
            world(environments=(PROD,)),
            "changed dev since",
            id="the tip removed its environment",
        ),
        pytest.param(
            touching("x", environment="test"), world(), "", id="an environment that no tip has"
        ),
        pytest.param(
            SHARED_FILE, world(), "", id="a shared file, and nothing of the environment moved"
        ),
        pytest.param(
            SHARED_FILE,
            world(*CHANGED_DB),
            "changed dev since",
            id="a shared file, and the tip changed any stack of the environment",
        ),
        pytest.param(
            SHARED_FILE,
            world(diagnostics=[a_problem()]),
            "changed dev since",
            id="a shared file, and the tip broke a spec of the environment",
        ),
        pytest.param(
            SHARED_FILE,
            world(diagnostics=[a_problem("prod")]),
            "",
            id="a shared file, and the tip broke a spec of another environment",
        ),
        pytest.param(
            SHARED_FILE,
            world(WEB, DB, a_stack("web", "h2", "prod")),
            "",
            id="a shared file, and the tip changed another environment",
        ),
        pytest.param(
            OWN_FILE,
            world(recorded=[a_header(serial=5), a_header("db")]),
            "dev/web was applied",
            id="its stack was applied",
        ),
        pytest.param(
            OWN_FILE,
            world(recorded=[a_header(), a_header("db", serial=9)]),
            "",
            id="a stack beside it was applied",
        ),
        pytest.param(
            NEW_STACK,
            world(recorded=[a_header("fresh", serial=1)]),
            "dev/fresh was applied",
            id="its new stack was applied for the first time",
        ),
        pytest.param(
            OWN_FILE,
            world(claims=[a_claim(8)]),
            "claimed or released dev/web",
            id="another pull request took its stack",
        ),
        pytest.param(
            OWN_FILE, world(claims=[a_claim(8, "db")]), "", id="another one took a stack beside it"
        ),
        pytest.param(
            NEW_STACK,
            world(claims=[a_claim(8, "fresh")]),
            "claimed or released dev/fresh",
            id="another pull request adds the same stack and took it",
        ),
        pytest.param(OWN_FILE, world(claims=[a_claim(7)]), "", id="it took its stack itself"),
        pytest.param(OWN_CLAIM, world(), "", id="it gave its stack back"),
        pytest.param(
            OWN_CLAIM,
            world(claims=[a_claim(8)]),
            "claimed or released dev/web",
            id="it gave its stack back and another pull request took it",
        ),
        pytest.param(NEVER, world(), "changed dev since", id="it was never planned"),
    ],
)
def test_what_moved_since_the_plan_was_made(known: PlannedMark, now: TipFacts, why: str) -> None:
    found = moved(known, now, 7, next(iter(known.environments), "dev"))
    assert why in found
    assert bool(found) is bool(why)


def test_a_stack_that_was_in_another_region_does_not_hide_an_apply() -> None:
    then = world(tip=TIP, recorded=[a_header(serial=3), ELSEWHERE])
    known = mark(
        a_pull_request(),
        then,
        [Touched(environment="dev", stacks=["web"], shared=False)],
        leave=False,
    )
    now = world(recorded=[a_header(serial=4), ELSEWHERE])
    assert moved(known, now, 7, "dev") == "dev/web was applied since it was planned"


@pytest.mark.parametrize(
    ("stacks", "why"),
    [
        pytest.param(None, "dev/db was applied", id="all of its stacks"),
        pytest.param(["web"], "", id="one that did not move"),
        pytest.param(["db"], "dev/db was applied", id="the one that moved"),
    ],
)
def test_an_apply_asks_for_the_stacks_that_it_is_for(stacks: list[str] | None, why: str) -> None:
    known = touching("web", "db")
    now = world(recorded=[a_header(), a_header("db", serial=9)])
    found = moved(known, now, 7, "dev", stacks)
    assert why in found
    assert bool(found) is bool(why)


def test_a_stack_of_another_environment_is_not_asked_for() -> None:
    parts = [Touched(environment=name, stacks=["web"], shared=False) for name in ("dev", "prod")]
    known = mark(a_pull_request(), THEN, parts, leave=False)
    now = world(WEB, DB, a_stack("web", "h2", "prod"))
    assert moved(known, now, 7, "dev") == ""
    assert (
        moved(known, now, 7, "prod") == "the tracked branch changed prod/web since it was planned"
    )
    assert stale(known, a_pull_request(), now, leave=False)


IN_CONFLICT = mark(a_pull_request(), THEN, [], leave=False, exact=True)
FORK = a_pull_request(from_fork=True)


@pytest.mark.parametrize(
    ("known", "pull_request", "now", "leave", "expected"),
    [
        pytest.param(None, a_pull_request(), THEN, False, True, id="never planned"),
        pytest.param(OWN_FILE, a_pull_request(), world(), False, False, id="nothing moved"),
        pytest.param(
            OWN_FILE, a_pull_request(head=OTHER_HEAD), THEN, False, True, id="it has a new commit"
        ),
        pytest.param(
            OWN_FILE,
            a_pull_request(base_ref="release"),
            THEN,
            False,
            True,
            id="it goes to another branch now",
        ),
        pytest.param(OWN_FILE, FORK, THEN, True, True, id="somebody let the fork be planned"),
        pytest.param(
            replace(OWN_FILE, leave=True), FORK, THEN, True, False, id="the fork was planned so"
        ),
        pytest.param(IN_CONFLICT, a_pull_request(), THEN, False, False, id="the same conflict"),
        pytest.param(
            IN_CONFLICT, a_pull_request(), world(), False, True, id="any tip may end a conflict"
        ),
        pytest.param(
            OWN_FILE,
            a_pull_request(),
            world(environments=(LOOSER, PROD)),
            False,
            True,
            id="something that it touches moved",
        ),
    ],
)
def test_whether_a_pull_request_is_planned_again(
    known: PlannedMark | None,
    pull_request: PullRequest,
    now: TipFacts,
    leave: bool,
    expected: bool,
) -> None:
    assert stale(known, pull_request, now, leave=leave) is expected


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(world(), id="the tip"),
        pytest.param(world(a_stack("web", "h2"), DB, PROD_WEB, tip=TIP), id="a stack"),
        pytest.param(world(tip=TIP, recorded=[a_header(serial=5), a_header("db")]), id="a serial"),
        pytest.param(world(tip=TIP, claims=[a_claim(8)]), id="a claim"),
        pytest.param(world(tip=TIP, environments=(LOOSER, PROD)), id="an environment's rules"),
        pytest.param(world(tip=TIP, diagnostics=[a_problem()]), id="a problem"),
    ],
)
def test_the_digest_of_the_facts_changes_with(other: TipFacts) -> None:
    assert other.digest != THEN.digest
    assert world(PROD_WEB, DB, WEB, tip=TIP, environments=(PROD, DEV)).digest == THEN.digest


def test_an_environment_whose_stacks_were_not_asked_for_has_contents_all_the_same() -> None:
    facts = tip_facts(TIP, a_tree(WEB), {}, [], [])
    assert facts.contents["dev"] != facts.rules["dev"]
    assert facts.stacks == {}


def test_the_files_that_differ_are_those_added_changed_and_removed() -> None:
    assert touched_files(
        {"same": 1, "changed": 1, "gone": 1}, {"same": 1, "changed": 2, "new": 1}
    ) == {
        "changed",
        "gone",
        "new",
    }


@pytest.mark.parametrize(
    ("files", "rules", "shared"),
    [
        pytest.param([], DEV, False, id="no file"),
        pytest.param(["specs/dev/web.yaml"], DEV, False, id="the stack's own file"),
        pytest.param(["specs/dev/db.yaml"], DEV, True, id="a file that is not only its own"),
        pytest.param(["specs/dev/environment.yaml"], DEV, True, id="the environment's file"),
        pytest.param(["specs/prod/web.yaml"], DEV, False, id="a file of another environment"),
        pytest.param(["specs/dev2/web.yaml"], DEV, False, id="an environment of a longer name"),
        pytest.param(["modules/bucket.yaml"], DEV, True, id="a module that any stack may use"),
        pytest.param([], None, True, id="no rules: any file of it may be broken"),
    ],
)
def test_whether_it_changes_more_than_its_stacks_own_files(
    files: list[str], rules: Environment | None, shared: bool
) -> None:
    assert is_shared("dev", files, {"specs/dev/web.yaml"}, rules) is shared


def test_a_freeze_by_hand_and_its_end_have_the_comment_written_again_and_move_no_plan() -> None:
    freeze = HandFreeze(
        environment=stack_id().environment_key, by="ada", since=NOW, because="x", command="c1"
    )
    frozen = replace(THEN, frozen=tip_facts(TIP, a_tree(), {}, [], [], [freeze]).frozen)
    assert frozen.frozen == {"dev": "c1"}
    assert frozen.digest != THEN.digest
    part = Touched(environment="dev", stacks=["web"], shared=False)
    other = Touched(environment="prod", stacks=["web"], shared=False)
    known = mark(a_pull_request(), frozen, [part, other], leave=False)
    assert known.frozen == {"dev": "c1"}
    for before, now in ((OWN_FILE, frozen), (known, THEN)):
        assert stale(before, a_pull_request(), now, leave=False)
        assert moved(before, now, 7, "dev") == ""
    assert not stale(known, a_pull_request(), frozen, leave=False)

"""What /apply and /unlock mean on a pull request, and why they are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from gitbot.decisions.apply_command import (
    check_guards,
    check_readable,
    check_specs,
    check_stack,
    choose_environment,
    choose_held,
    choose_plans,
    choose_stacks,
    claims_for,
    held_here,
    refuse_new_name,
    releasable,
    released,
)
from gitbot.errors import RefusedError
from gitbot.model.commands import Command
from gitbot.model.desired import LoadedTree
from gitbot.model.plan import Plan
from gitbot.model.runs import Claim, Run, RunStatus
from gitbot.model.said import ShownDigest
from tests.unit.decisions.facts_by_hand import (
    DEV,
    HEAD,
    NOW,
    PROD,
    a_claim,
    a_command,
    a_plan,
    a_problem,
    a_pull_request,
    a_run,
    a_tree,
    stack_id,
)

DIGEST, OTHER = "1234567812345678" + "0" * 48, "abcdef01abcdef01" + "0" * 48


@pytest.mark.parametrize(
    ("arguments", "candidates", "chosen"),
    [
        pytest.param({}, ["dev"], "dev", id="the only one needs no name"),
        pytest.param({"environment": "dev"}, ["dev", "prod"], "dev", id="the named one of two"),
        pytest.param({"environment": "qa"}, ["dev"], "qa", id="a named one counts whatever it is"),
    ],
)
def test_the_environment_that_is_meant(
    arguments: Mapping[str, str], candidates: list[str], chosen: str
) -> None:
    assert choose_environment(a_command(**arguments), candidates) == chosen


@pytest.mark.parametrize(
    ("candidates", "words"),
    [
        pytest.param([], "changes no stack: there is nothing to apply", id="none"),
        pytest.param(
            ["dev", "prod"], "say which one: `/apply dev`, `/apply prod`", id="which of several"
        ),
    ],
)
def test_an_environment_that_cannot_be_told_is_asked_for(candidates: list[str], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        choose_environment(a_command(), candidates)


def test_the_stacks_that_are_meant_are_the_named_one_or_all_that_change() -> None:
    assert choose_stacks(a_command(), "dev", ["db", "web"]) == ("db", "web")
    named = a_command(environment="dev", stack="web")
    assert choose_stacks(named, "dev", ["db", "web"]) == ("web",)


@pytest.mark.parametrize(
    ("stack", "affected", "words"),
    [
        pytest.param(None, [], "changes no stack of dev", id="nothing changes"),
        pytest.param("web", [], "changes no stack of dev", id="nothing changes, one is named"),
        pytest.param(
            "web", ["db"], "does not change `dev/web`; it changes `dev/db`", id="another changes"
        ),
    ],
)
def test_a_stack_that_does_not_change_is_refused_with_those_that_do(
    stack: str | None, affected: list[str], words: str
) -> None:
    command = a_command(**({"environment": "dev", "stack": stack} if stack else {}))
    with pytest.raises(RefusedError, match=words):
        choose_stacks(command, "dev", affected)


TIP = a_tree(environments=(DEV, PROD))
BROKEN_DEV = a_tree(environments=(DEV, PROD), diagnostics=[a_problem("dev")])
MOVED_DEV = a_tree(environments=(replace(DEV, region="us-east-1"), PROD))
WITHOUT_DEV = a_tree(environments=(PROD,))


@pytest.mark.parametrize(
    ("environment", "merged", "applicable", "words"),
    [
        pytest.param("dev", TIP, ["dev"], None, id="the named one can be applied"),
        pytest.param(None, BROKEN_DEV, ["prod"], None, id="some other one can be applied"),
        pytest.param("qa", BROKEN_DEV, [], None, id="the tip has no such one: that is said later"),
        pytest.param("dev", TIP, [], None, id="nothing changes: that is said later"),
        pytest.param(None, TIP, [], None, id="nothing changes anywhere: that is said later"),
        pytest.param("prod", BROKEN_DEV, [], None, id="problems of another one do not count"),
        pytest.param("dev", WITHOUT_DEV, [], None, id="an environment that goes has no new place"),
        pytest.param("dev", BROKEN_DEV, ["prod"], "specs have problems", id="it has problems"),
        pytest.param(None, BROKEN_DEV, [], "specs have problems", id="any one has problems"),
        pytest.param("dev", MOVED_DEV, ["prod"], "^dev: .* region", id="it changes its place"),
        pytest.param(None, MOVED_DEV, [], "^dev: .* region", id="one changes its place"),
        pytest.param("prod", MOVED_DEV, [], None, id="another one changes its place"),
    ],
)
def test_specs_from_which_nothing_can_be_applied(
    environment: str | None, merged: LoadedTree, applicable: list[str], words: str | None
) -> None:
    command = a_command(**({"environment": environment} if environment else {}))
    if words is None:
        check_specs(TIP, merged, command, applicable)
    else:
        with pytest.raises(RefusedError, match=words):
            check_specs(TIP, merged, command, applicable)


def test_a_renamed_stack_is_not_applied_before_the_merge() -> None:
    with pytest.raises(RefusedError, match=r"dev/new is still called web"):
        refuse_new_name("dev/new", "web")


SHOWN = (a_run("a", digest=DIGEST), a_run("b", digest=OTHER, stack=stack_id("db")))


@pytest.mark.parametrize(
    ("named", "chosen"),
    [
        pytest.param(None, ["a", "b"], id="all where none is named"),
        pytest.param(OTHER, ["b"], id="the named one"),
    ],
)
def test_the_plans_that_are_meant(named: str | None, chosen: list[str]) -> None:
    assert [run.id for run in choose_plans(named, SHOWN)] == chosen


def test_a_digest_that_is_not_shown_is_refused_with_those_that_are() -> None:
    words = f"digest {'9' * 16} (shown: {DIGEST[:16]}, {OTHER[:16]})"
    with pytest.raises(RefusedError, match=re.escape(words)):
        choose_plans("9" * 64, SHOWN)


GUARDED = a_plan(digest=DIGEST, guards=["the bucket would be deleted"])


@pytest.mark.parametrize(
    ("arguments", "plans"),
    [
        pytest.param({}, [], id="no plan"),
        pytest.param({}, [a_plan()], id="no guard"),
        pytest.param({"digest": DIGEST}, [GUARDED], id="the guarded plan is named"),
    ],
)
def test_nothing_guarded_is_done_unasked(arguments: Mapping[str, str], plans: list[Plan]) -> None:
    check_guards(a_command(**arguments), "dev", plans)


def test_a_guarded_plan_among_others_is_asked_for_by_its_digest() -> None:
    words = (
        "the bucket would be deleted. To do exactly that, name the plan: "
        f"`/apply dev {DIGEST[:16]}`"
    )
    with pytest.raises(RefusedError, match=f"^{re.escape(words)}$"):
        check_guards(a_command(), "dev", [a_plan("db", digest=OTHER), GUARDED])


UNREAD, READ = a_run(digest=DIGEST), a_run("r2", digest=OTHER, shown_whole=True)


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        pytest.param({}, [READ], id="shown whole"),
        pytest.param({"digest": DIGEST}, [UNREAD], id="the plan that nobody could read is named"),
    ],
)
def test_what_people_could_read_is_done(arguments: Mapping[str, str], shown: list[Run]) -> None:
    check_readable(a_command(**arguments), "dev", shown)


def test_a_plan_that_was_not_shown_whole_is_asked_for_by_its_digest() -> None:
    words = (
        "the plan of dev/web is not shown whole here, so nobody could read all of it. To do it all the "
        "same, name it: `/apply dev 1234567812345678`"
    )
    with pytest.raises(RefusedError, match=f"^{re.escape(words)}$"):
        check_readable(a_command(), "dev", [READ, UNREAD])


def named(**arguments: str) -> tuple[Command, str | None]:
    """The command, and the whole digest that it names."""
    return a_command(**arguments), arguments.get("digest")


HELD = (
    a_run("a", RunStatus.HELD, digest=DIGEST),
    a_run("b", RunStatus.HELD, digest=OTHER, stack=stack_id("db")),
)


@pytest.mark.parametrize(
    ("arguments", "held", "chosen"),
    [
        pytest.param({}, (), [], id="nothing is held: it goes on"),
        pytest.param({}, HELD, [], id="without a digest what failed goes on"),
        pytest.param({"digest": DIGEST}, HELD, ["a"], id="the named one is released"),
        pytest.param(
            {"environment": "dev", "stack": "cache"}, HELD, [], id="nothing of the named stack"
        ),
        pytest.param(
            {"environment": "dev", "stack": "db", "digest": OTHER},
            HELD,
            ["b"],
            id="stack and digest are named",
        ),
    ],
)
def test_the_held_applies_that_are_released(
    arguments: Mapping[str, str], held: tuple[Run, ...], chosen: list[str]
) -> None:
    assert [run.id for run in choose_held(*named(**arguments), held)] == chosen


@pytest.mark.parametrize(
    ("arguments", "held", "words"),
    [
        pytest.param(
            {"digest": "9" * 64},
            HELD,
            rf"digest {'9' * 16} \(held: {DIGEST[:16]}, {OTHER[:16]}\)",
            id="another digest",
        ),
        pytest.param({"digest": DIGEST}, (), r"\(held: none\)", id="nothing is held by any digest"),
        pytest.param(
            {"environment": "dev", "stack": "db", "digest": DIGEST},
            HELD,
            rf"\(held: {OTHER[:16]}\)",
            id="the digest is another stack's",
        ),
    ],
)
def test_a_release_that_does_not_say_what(
    arguments: Mapping[str, str], held: tuple[Run, ...], words: str
) -> None:
    with pytest.raises(RefusedError, match=words):
        choose_held(*named(**arguments), held)


@pytest.mark.parametrize("stack", [None, "db"])
def test_a_command_may_name_a_stack_that_is_there_or_none(stack: str | None) -> None:
    check_stack(a_command(environment="dev", stack=stack), "dev", {"db"})


@pytest.mark.parametrize(("known", "words"), [({"db", "api"}, "`api`, `db`"), (set(), "none")])
def test_a_stack_that_is_not_there_is_named_with_those_that_are(
    known: set[str], words: str
) -> None:
    """Kind: "nothing to do" as the answer to a slip."""
    with pytest.raises(RefusedError, match=rf"dev has no stack `dbx` \(it has: {words}\)"):
        check_stack(a_command(environment="dev", stack="dbx"), "dev", known)


@pytest.mark.parametrize(
    ("named", "candidates"),
    [(None, ("dev",)), (DIGEST, ("prod",)), (OTHER, ("dev",))],
    ids=["no digest", "a digest that is held elsewhere", "a digest that is held nowhere"],
)
def test_a_digest_that_is_held_names_its_environment(
    named: str | None, candidates: tuple[str, ...]
) -> None:
    held = {"dev": (), "prod": (a_run("p", RunStatus.HELD, digest=DIGEST),)}
    assert releasable(named, ["dev"], held) == candidates


def test_a_comment_releases_only_what_the_pull_request_showed_before_it_was_written() -> None:
    """The kind: a digest copied from elsewhere, or from an earlier hold, released another plan."""
    held = [
        a_run("here", digest="d1"),
        a_run("here later", digest="d2"),
        a_run("elsewhere", digest="d3"),
        a_run("another stack's", digest="d1", stack=stack_id("db")),
        a_run("told here though not its own", digest="d4", pull_request=8),
    ]
    shown = [
        ShownDigest(stack=stack_id(), digest="d1", shown_at=NOW),
        ShownDigest(stack=stack_id(), digest="d2", shown_at=NOW + timedelta(seconds=1)),
        ShownDigest(stack=stack_id(), digest="d4", shown_at=NOW - timedelta(days=1)),
    ]
    found = [run.id for run in held_here(held, shown, NOW)]
    assert found == ["here", "told here though not its own"]


def test_an_apply_before_the_merge_claims_its_stacks_for_who_asked() -> None:
    (claim,) = claims_for([a_run()], a_pull_request(), a_command(), NOW)
    assert claim == a_claim(7, "web", claimed_by="ada", head=HEAD)


CLAIMS = (a_claim(7, "web"), a_claim(7, "db"), a_claim(stack=stack_id("web", "prod")))


@pytest.mark.parametrize(
    ("arguments", "labels"),
    [
        pytest.param({}, ["dev/web", "dev/db", "prod/web"], id="everything"),
        pytest.param({"environment": "dev"}, ["dev/web", "dev/db"], id="an environment's"),
        pytest.param({"environment": "dev", "stack": "web"}, ["dev/web"], id="one stack"),
    ],
)
def test_what_unlock_gives_back(arguments: Mapping[str, str], labels: list[str]) -> None:
    assert [claim.stack.label for claim in released(CLAIMS, a_command(**arguments))] == labels


@pytest.mark.parametrize(
    ("claims", "arguments", "words"),
    [
        pytest.param((), {}, "holds no stack$", id="it holds nothing"),
        pytest.param(CLAIMS, {"environment": "qa"}, "holds no stack of qa$", id="nothing there"),
        pytest.param(
            CLAIMS,
            {"environment": "dev", "stack": "cache"},
            "holds no stack of dev$",
            id="not the named stack",
        ),
    ],
)
def test_there_is_nothing_to_unlock(
    claims: tuple[Claim, ...], arguments: Mapping[str, str], words: str
) -> None:
    with pytest.raises(RefusedError, match=words):
        released(claims, a_command(**arguments))

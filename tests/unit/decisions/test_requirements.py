"""What must hold before /apply on an open pull request."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitbot.decisions.requirements import ReviewFacts, require_ready, unmet
from gitbot.decisions.rights import Person, at_least, describe, grant_of, may, require
from gitbot.errors import RefusedError
from gitbot.model.desired import Environment, Grant, Permission, Requirement
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.forge import OtherCheck, PullRequest, Review, ReviewState
from gitbot.model.names import Sha

HEAD, EARLIER = Sha("a" * 40), Sha("b" * 40)
START = datetime(2026, 1, 1, tzinfo=UTC)
DEV = Environment(name="dev", region="eu-west-1", source=SourceSpan(file="x"))
EVERYBODY = {
    "ada": Permission.WRITE,
    "bob": Permission.ADMIN,
    "carol": Permission.WRITE,
    "eve": Permission.READ,
}


def pull_request() -> PullRequest:
    return PullRequest(
        number=7,
        title="Add a bucket",
        author="carol",
        head=HEAD,
        head_ref="bucket",
        base=Sha("0" * 40),
        base_ref="main",
        open=True,
        merged=False,
        draft=False,
        from_fork=False,
        mergeable=True,
        merge_commit=None,
        url="",
    )


def review(author: str, state: ReviewState, commit: Sha = HEAD, minute: int = 0) -> Review:
    return Review(
        id=minute,
        author=author,
        state=state,
        commit=commit,
        submitted_at=START + timedelta(minutes=minute),
    )


def approval_of(*reviews: Review, **more: Any) -> str:
    """What is said of the approval. Reviews of an earlier commit saw another plan."""
    facts = ReviewFacts(
        **{
            "pull_request": pull_request(),
            "reviews": reviews,
            "permissions": EVERYBODY,
            "approved": frozenset(r.id for r in reviews if r.commit == HEAD),
            **more,
        }
    )
    return "; ".join(unmet(frozenset({Requirement.APPROVED}), facts))


def test_an_approval_of_the_plan_by_another_writer_is_enough() -> None:
    assert approval_of(review("ada", ReviewState.APPROVED)) == ""


def test_an_approval_of_the_plan_that_was_given_at_an_earlier_commit_is_enough() -> None:
    """The kind: consent belongs to the digest. Merging the base into the branch keeps it."""
    earlier = review("ada", ReviewState.APPROVED, EARLIER)
    assert approval_of(earlier, approved=frozenset({earlier.id})) == ""


@pytest.mark.parametrize(
    ("reviews", "words"),
    [
        ((), "needs an approval"),
        ((review("ada", ReviewState.APPROVED, EARLIER),), "an approval of this plan"),
        ((review("eve", ReviewState.APPROVED),), "needs an approval"),
        ((review("carol", ReviewState.APPROVED),), "needs an approval"),
        (
            (review("ada", ReviewState.APPROVED), review("bob", ReviewState.CHANGES_REQUESTED)),
            "requested by bob",
        ),
        (
            (review("ada", ReviewState.APPROVED), review("ada", ReviewState.DISMISSED)),
            "needs an approval",
        ),
        ((review("ada", ReviewState.COMMENTED),), "needs an approval"),
    ],
    ids=["none", "stale", "no right", "author", "change request", "dismissed", "comment only"],
)
def test_what_is_no_approval(reviews: tuple[Review, ...], words: str) -> None:
    assert words in approval_of(*reviews)


def test_a_later_comment_does_not_take_an_approval_back() -> None:
    assert (
        approval_of(review("ada", ReviewState.APPROVED), review("ada", ReviewState.COMMENTED)) == ""
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"makers": frozenset({"ADA"})}, "neither opened it nor pushed"),
        ({"heard": False}, "has not heard who pushed its newest commit.*push once more"),
        (
            {"pull_request": replace(pull_request(), from_fork=True, head_owner="Ada")},
            "neither opened it nor pushed",
        ),
    ],
    ids=["made a commit, in any letter case", "nobody was heard pushing", "owns the fork"],
)
def test_who_may_have_pushed_cannot_approve(more: dict[str, Any], words: str) -> None:
    """The kind: who can push could approve it, because a stranger was taken for the pusher."""
    assert re.search(words, approval_of(review("ada", ReviewState.APPROVED), **more))


def test_one_person_alone_does_not_approve_what_somebody_unknown_made() -> None:
    given = [review("ada", ReviewState.APPROVED), review("bob", ReviewState.APPROVED, minute=1)]
    earlier = review("bob", ReviewState.APPROVED, EARLIER, minute=1)
    for few in (given[:1], [given[0], earlier], [given[0], replace(given[0], id=2)]):
        found = approval_of(*few, doubt="the commit 1234 was pushed")
        assert re.search(r"because the commit 1234 was pushed: a second person must approve", found)
    assert approval_of(*given, doubt="the commit 1234 was pushed") == ""


def test_the_owner_of_the_repository_itself_can_approve() -> None:
    own = replace(pull_request(), head_owner="ada")
    assert approval_of(review("ada", ReviewState.APPROVED), pull_request=own) == ""


def test_a_change_request_by_someone_without_write_access_does_not_block() -> None:
    assert (
        approval_of(
            review("eve", ReviewState.CHANGES_REQUESTED), review("ada", ReviewState.APPROVED)
        )
        == ""
    )


def test_failed_and_running_checks_are_named() -> None:
    facts = ReviewFacts(
        pull_request=pull_request(),
        permissions={},
        checks=(
            OtherCheck(name="tests", passed=False),
            OtherCheck(name="lint", passed=None),
            OtherCheck(name="docs", passed=True),
        ),
    )
    (said,) = unmet(frozenset({Requirement.CHECKS}), facts)
    assert said == "failed checks: tests; checks still running: lint"


def test_only_what_is_required_is_said() -> None:
    facts = ReviewFacts(
        pull_request=pull_request(), permissions={}, contains_tip=False, conflicts=True
    )
    assert unmet(frozenset(), facts) == ()
    assert len(unmet(frozenset(Requirement), facts)) == 3


def person(user: str, permission: Permission, *teams: str) -> Person:
    return Person(user=user, permission=permission, teams=frozenset(teams))


def test_a_grant_by_name_or_team_needs_no_permission() -> None:
    grant = Grant(permission=None, users=frozenset({"Ada"}), teams=frozenset({"acme/ml"}))
    assert may(grant, person("ada", Permission.READ))
    assert may(grant, person("eve", Permission.READ, "acme/ml"))
    assert not may(grant, person("bob", Permission.ADMIN))
    assert describe(grant) == "Ada or the team acme/ml"


def test_without_an_entry_apply_takes_write_access() -> None:
    grant = grant_of(DEV, "apply")
    assert may(grant, person("ada", Permission.WRITE))
    assert not may(grant, person("eve", Permission.READ))


@pytest.mark.parametrize(
    ("grants", "verb", "takes"),
    [
        ({}, "unlock", Permission.WRITE),
        ({"apply": Permission.ADMIN}, "unlock", Permission.ADMIN),
        ({"apply": Permission.ADMIN, "unlock": Permission.READ}, "unlock", Permission.READ),
        ({"plan": Permission.READ}, "unlock", Permission.WRITE),
    ],
    ids=["nothing set", "apply alone", "its own entry", "another's entry"],
)
def test_a_command_without_an_entry_takes_the_right_of_apply(
    grants: dict[str, Permission], verb: str, takes: Permission
) -> None:
    rules = replace(DEV, grants={name: Grant(permission=each) for name, each in grants.items()})
    assert grant_of(rules, verb).permission is takes


@pytest.mark.parametrize(
    ("grants", "where"),
    [
        (["apply", "unlock"], r"\(`permissions.unlock` in specs/dev/environment.yaml"),
        (["apply"], r"\(`permissions.apply` in specs/dev/environment.yaml on the tracked"),
        ([], r"\(the default: specs/dev/environment.yaml .* has no `permissions` for it\)"),
    ],
    ids=["its own entry", "that of apply", "no entry at all"],
)
def test_a_refusal_says_who_may_and_cites_only_what_is_there(grants: list[str], where: str) -> None:
    """The kind: a refusal cited an entry or a file that does not exist."""
    rules = replace(DEV, grants={name: Grant(permission=Permission.WRITE) for name in grants})
    with pytest.raises(RefusedError, match=rf"takes write access {where}"):
        require(rules, "unlock", person("eve", Permission.READ))
    require(rules, "unlock", person("ada", Permission.WRITE))


LISTED = Grant(permission=None, users=frozenset({"Ada"}), teams=frozenset({"acme/ml"}))


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (person("ada", Permission.READ), True),
        (person("ada", Permission.NONE), False),
        (person("eve", Permission.NONE, "acme/ml"), False),
        (replace(person("ada", Permission.READ), account=5, first_account=5), True),
        (replace(person("ada", Permission.READ), account=5), True),
        (replace(person("ada", Permission.READ), first_account=5), True),
        (replace(person("ada", Permission.READ), account=6, first_account=5), False),
        (replace(person("ada", Permission.WRITE), account=6, first_account=5), True),
        (replace(person("eve", Permission.READ, "acme/ml"), account=6, first_account=5), True),
    ],
    ids=[
        "a listed user",
        "a listed user who lost access",
        "a member of the team who lost access",
        "the same account as always",
        "the first command",
        "an account that is not told",
        "an account that took over the login",
        "one that took it over and belongs here",
        "a member of the team is one by account",
    ],
)
def test_a_listed_login_counts_for_the_account_that_had_it_and_still_has_access(
    who: Person, allowed: bool
) -> None:
    """The kind: a right outlived the access of whom it was given to."""
    assert may(LISTED, who) is allowed


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (person("ada", Permission.NONE), "they have no access to this repository"),
        (
            replace(person("ada", Permission.READ), account=6, first_account=5),
            "Another account gave commands under this name before",
        ),
    ],
)
def test_a_refusal_of_a_listed_user_says_what_changed(who: Person, words: str) -> None:
    rules = replace(DEV, grants={"apply": LISTED})
    with pytest.raises(RefusedError, match=words):
        require(rules, "apply", who)


def test_every_requirement_that_does_not_hold_is_named_at_once() -> None:
    rules = replace(DEV, requirements=frozenset(Requirement))
    facts = ReviewFacts(pull_request=pull_request(), permissions={}, contains_tip=False)
    with pytest.raises(
        RefusedError, match=r"not ready for dev: it needs an approval .*; it is behind"
    ):
        require_ready(rules, facts)


def test_permissions_include_the_weaker_ones() -> None:
    assert at_least(Permission.ADMIN, Permission.WRITE)
    assert not at_least(Permission.NONE, Permission.READ)


@pytest.mark.parametrize(
    ("grant", "user", "permission", "allowed", "words"),
    [
        pytest.param(
            Grant(permission=Permission.WRITE),
            "ada",
            Permission.ADMIN,
            True,
            "write access",
            id="a higher permission than needed",
        ),
        pytest.param(
            Grant(permission=Permission.ADMIN),
            "ada",
            Permission.WRITE,
            False,
            "admin access",
            id="a lower permission than needed",
        ),
        pytest.param(
            Grant(permission=Permission.ADMIN, users=frozenset({"ada"})),
            "ada",
            Permission.READ,
            True,
            "admin access or ada",
            id="a named person beside a permission",
        ),
        pytest.param(
            Grant(permission=None), "ada", Permission.ADMIN, False, "nobody", id="nobody may"
        ),
        pytest.param(
            Grant(permission=None, teams=frozenset({"acme/ops", "acme/ml"})),
            "ada",
            Permission.ADMIN,
            False,
            "the team acme/ml or the team acme/ops",
            id="teams that the person is not in",
        ),
    ],
)
def test_who_may(
    grant: Grant, user: str, permission: Permission, allowed: bool, words: str
) -> None:
    assert may(grant, person(user, permission)) is allowed
    assert describe(grant) == words


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        pytest.param([], (), id="no check"),
        pytest.param([True, True], (), id="all passed"),
        pytest.param([None], ("checks still running: c0",), id="one runs"),
        pytest.param([True, False], ("failed checks: c1",), id="one failed"),
    ],
)
def test_what_checks_say(passed: list[bool | None], said: tuple[str, ...]) -> None:
    checks = [OtherCheck(name=f"c{n}", passed=each) for n, each in enumerate(passed)]
    facts = ReviewFacts(pull_request=pull_request(), permissions={}, checks=checks)
    assert unmet(frozenset({Requirement.CHECKS}), facts) == said


def test_a_pull_request_that_is_ready_is_let_through() -> None:
    facts = ReviewFacts(
        pull_request=pull_request(),
        reviews=(review("ada", ReviewState.APPROVED),),
        permissions=EVERYBODY,
        approved=frozenset({0}),
    )
    require_ready(replace(DEV, requirements=frozenset(Requirement)), facts)


def test_who_asked_for_changes_and_approved_later_is_not_against_it() -> None:
    reviews = (
        review("ada", ReviewState.CHANGES_REQUESTED),
        review("ada", ReviewState.APPROVED, minute=1),
    )
    assert approval_of(*reviews) == ""


def test_somebody_whose_permission_is_not_known_has_none() -> None:
    assert "needs an approval" in approval_of(review("stranger", ReviewState.APPROVED))

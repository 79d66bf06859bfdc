"""The forge reads from the local GitHub, as an App and with a token. Shell."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import github
import pytest

from gitbot.errors import StaleError, UserError
from gitbot.model.desired import Permission
from gitbot.model.forge import Check, CheckState, OtherCheck, ReviewState
from gitbot.model.names import Sha
from gitbot_sandbox.github import Fault
from tests.contract.github.github_world import REPOSITORY, ForgeWorld

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_gitbot_knows_the_name_it_writes_under(world: ForgeWorld) -> None:
    assert world.forge("app").login == "gitbot[bot]"
    assert world.forge("token").login == "robot"


def test_a_repository_is_opened_by_name_and_by_id(world: ForgeWorld, way: str) -> None:
    forges = world.forges(way)
    id_ = str(world.hub.repository(REPOSITORY).id)
    assert forges.open(id_) is forges.open("Acme/Infra")
    found = forges.open(id_).repository()
    assert (found.id, found.full_name, found.tracked_branch) == (id_, REPOSITORY, "main")
    assert found.clone_url == world.hub.clone_url(REPOSITORY)


@pytest.mark.parametrize("name", ["acme/other", "123456789", "nonsense"])
def test_a_repository_that_is_not_served_is_refused(world: ForgeWorld, way: str, name: str) -> None:
    with pytest.raises(UserError, match="does not serve"):
        world.forges(way).open(name)


def test_an_open_pull_request_is_read(world: ForgeWorld, way: str) -> None:
    number = world.pull_request(f"read-{way}")
    head = world.hub.pull_request(REPOSITORY, number).head_sha
    found = world.forge(way).pull_request(number)
    assert (found.number, found.author, found.title) == (number, "ada", f"Add read-{way}")
    assert (found.head, found.head_ref, found.base_ref) == (head, f"read-{way}", "main")
    assert (found.open, found.merged, found.draft, found.from_fork) == (True, False, False, False)
    assert found.mergeable is True
    assert found.merge_commit is None
    assert found.url.endswith(f"/{number}")
    listed = {each.number: each for each in world.forge(way).open_pull_requests()}
    assert listed[number].head == head
    assert list(listed) == sorted(listed)


def test_listing_pull_requests_costs_no_call_for_each(world: ForgeWorld) -> None:
    for number in range(3):
        world.pull_request(f"list-{number}")
    forge = world.forge()
    world.hub.faults.forget_calls()
    assert len(forge.open_pull_requests()) >= 3
    assert len(world.hub.faults.calls("GET", "*/pulls*")) == 1


def test_a_merged_pull_request_has_the_data_of_its_merge(world: ForgeWorld, way: str) -> None:
    number = world.pull_request(f"merged-{way}")
    forge = world.forge(way)
    merge = Sha(world.hub.merge(REPOSITORY, number, "bob"))
    found = forge.pull_request(number)
    assert (found.open, found.merged, found.merge_commit) == (False, True, merge)
    merged = forge.merged_pull_requests(LONG_AGO)
    assert merged[-1] == dataclasses.replace(found, mergeable=None)
    assert forge.merged_pull_requests(datetime.now(UTC) + timedelta(hours=1)) == ()


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_it_is_known_how_a_commit_came_to_the_branch(world: ForgeWorld, method: str) -> None:
    number = world.pull_request(f"origin-{method}")
    world.push(f"origin-{method}", "x: 2\n")
    pushed = world.push("main", method, "mia")
    merge = world.hub.merge(REPOSITORY, number, "bob", method=method)
    forge = world.forge()
    came = forge.origin(Sha(merge))
    assert [each.number for each in came.merged] == [number]
    assert came.joins is (method == "merge")
    assert forge.origin(Sha(pushed)).merged == ()
    with pytest.raises(StaleError):
        forge.origin(Sha("1" * 40))


def test_merged_pull_requests_cost_one_call_however_many_there_are(world: ForgeWorld) -> None:
    """Kind: calls that grow with history."""
    for number in range(3):
        world.hub.merge(REPOSITORY, world.pull_request(f"merged-list-{number}"), "bob")
    forge = world.forge()
    world.hub.faults.forget_calls()
    assert len(forge.merged_pull_requests(LONG_AGO)) >= 3
    assert len(world.hub.faults.calls("GET", "*/pulls*")) == 1


def test_what_has_not_changed_is_not_sent_again_and_costs_no_limit(
    world: ForgeWorld, way: str
) -> None:
    """Kind: calls that count although nothing is new."""
    number = world.pull_request(f"etag-{way}")
    forge = world.forge(way)
    first = forge.pull_request(number)
    world.hub.faults.forget_calls()

    assert forge.pull_request(number) == first
    assert [call.status for call in world.hub.faults.calls("GET", "*/pulls/*")] == [304]

    world.push(f"etag-{way}", "x: 2\n")
    assert forge.pull_request(number).head != first.head


def test_many_pages_are_read_whole_again_when_nothing_has_changed(world: ForgeWorld) -> None:
    number = world.pull_request("pages")
    for count in range(101):
        world.hub.comment(REPOSITORY, number, "ada", f"comment {count}")
    forge = world.forge()
    first = forge.recent_comments(LONG_AGO)
    assert len(first[number]) == 101
    assert forge.recent_comments(LONG_AGO) == first


def test_an_answer_that_is_kept_is_not_given_to_who_may_not_read_it(world: ForgeWorld) -> None:
    number = world.pull_request("secret")
    assert world.forge("app").pull_request(number).number == number
    outsider = world.hub.create_user("stranger")
    with pytest.raises(UserError):
        world.forges("token", token=outsider).open(REPOSITORY).pull_request(number)


def test_a_closed_pull_request_is_not_among_the_merged(world: ForgeWorld) -> None:
    number = world.pull_request("closed")
    world.hub.close(REPOSITORY, number, "ada")
    forge = world.forge()
    assert not forge.pull_request(number).open
    assert number not in [each.number for each in forge.merged_pull_requests(LONG_AGO)]


def test_a_pull_request_from_a_fork_is_marked_as_one(world: ForgeWorld, way: str) -> None:
    login = {"app": "eve", "token": "tom"}[way]
    world.hub.set_permission(REPOSITORY, login, "triage")
    world.hub.fork(REPOSITORY, login)
    world.hub.push_files(f"{login}/infra", "mine", {"specs/dev/f.yaml": "f: 1\n"}, login)
    number = world.hub.open_pull_request(
        REPOSITORY, author=login, head=f"{login}:mine", title="From outside"
    )
    assert world.forge(way).pull_request(number).from_fork
    (listed,) = [p for p in world.forge(way).open_pull_requests() if p.number == number]
    assert listed.from_fork


def test_a_missing_pull_request_is_a_user_error(world: ForgeWorld, way: str) -> None:
    with pytest.raises(UserError, match="#9999"):
        world.forge(way).pull_request(9999)


def test_reviews_are_listed_oldest_first(world: ForgeWorld, way: str) -> None:
    number = world.pull_request(f"reviews-{way}")
    world.hub.request_changes(REPOSITORY, number, "bob", "no")
    world.hub.review(REPOSITORY, number, "mia", "COMMENT", "hm")
    head = Sha(world.push(f"reviews-{way}", "more: 1\n"))
    world.hub.approve(REPOSITORY, number, "bob")
    reviews = world.forge(way).reviews(number)
    assert [(review.author, review.state) for review in reviews] == [
        ("bob", ReviewState.CHANGES_REQUESTED),
        ("mia", ReviewState.COMMENTED),
        ("bob", ReviewState.APPROVED),
    ]
    assert reviews[0].commit != head
    assert reviews[2].commit == head


def test_a_review_has_its_text_its_id_and_its_time(world: ForgeWorld, way: str) -> None:
    number = world.pull_request(f"review-text-{way}")
    id_ = world.hub.review(REPOSITORY, number, "bob", "COMMENT", "/apply dev")
    submitted = world.hub.pull_request(REPOSITORY, number).reviews[0].submitted_at
    (found,) = world.forge(way).reviews(number)
    assert (found.id, found.body) == (id_, "/apply dev")
    assert found.submitted_at == submitted.replace(microsecond=0)
    assert found.url.endswith(f"#pullrequestreview-{id_}")
    world.hub.edit_review(REPOSITORY, number, id_, "bob", "/apply prod")
    (edited,) = world.forge(way).reviews(number)
    assert (edited.body, edited.submitted_at) == ("/apply prod", found.submitted_at)


def test_comments_are_listed_oldest_first_over_many_pages(world: ForgeWorld) -> None:
    number = world.pull_request("comments")
    for index in range(105):
        world.hub.comment(REPOSITORY, number, "bob", f"remark {index}")
    found = world.forge().recent_comments(LONG_AGO)[number]
    assert [comment.body for comment in found] == [f"remark {index}" for index in range(105)]
    assert found[0].author == "bob"
    assert found[0].created_at.tzinfo is not None
    assert world.forge().recent_comments(datetime.now(UTC) + timedelta(hours=1)) == {}


def test_an_edited_comment_has_the_time_of_the_edit(world: ForgeWorld, way: str) -> None:
    number = world.pull_request(f"edited-{way}")
    world.hub.comment(REPOSITORY, number, "bob", "looks good")
    changed = world.hub.comments(REPOSITORY, number)[0]
    (found,) = world.forge(way).recent_comments(LONG_AGO)[number]
    assert not found.edited
    assert found.text_at == found.created_at
    changed.body, changed.updated_at = "/apply prod", changed.created_at + timedelta(seconds=2)
    (again,) = world.forge(way).recent_comments(LONG_AGO)[number]
    assert again.edited
    assert again.text_at == found.created_at + timedelta(seconds=2)
    assert again.created_at == found.created_at


def test_a_pull_request_says_when_anything_last_happened_on_it(world: ForgeWorld, way: str) -> None:
    number, forge = world.pull_request(f"updated-{way}"), world.forge(way)
    entity = world.hub.repository(REPOSITORY).issues[number]
    for act in (
        lambda: world.hub.review(REPOSITORY, number, "bob", "COMMENT", "hm"),
        lambda: world.hub.comment(REPOSITORY, number, "bob", "hm"),
    ):
        entity.updated_at = LONG_AGO
        assert forge.pull_request(number).updated_at == LONG_AGO
        act()
        (listed,) = (each for each in forge.open_pull_requests() if each.number == number)
        assert listed.updated_at is not None
        assert listed.updated_at > LONG_AGO


def test_the_tracked_branch_is_the_servers_setting(world: ForgeWorld, way: str) -> None:
    forge = world.forges(way, branch="release").open(REPOSITORY)
    assert forge.repository().tracked_branch == "release"


@pytest.mark.parametrize(
    ("user", "right"),
    [
        ("bob", Permission.ADMIN),
        ("mia", Permission.WRITE),
        ("ada", Permission.WRITE),
        ("nobody-at-all", Permission.NONE),
        ("a/../b?c", Permission.NONE),
    ],
)
def test_rights_are_read_from_github(
    world: ForgeWorld, way: str, user: str, right: Permission
) -> None:
    assert world.forge(way).permission(user) is right


def test_triage_counts_as_read_and_a_right_is_never_remembered(world: ForgeWorld, way: str) -> None:
    forge = world.forge(way)
    world.hub.set_permission(REPOSITORY, "tom", "triage")
    assert forge.permission("tom") is Permission.READ
    world.hub.set_permission(REPOSITORY, "tom", "write")
    assert forge.permission("tom") is Permission.WRITE
    world.hub.set_permission(REPOSITORY, "tom", "none")
    assert forge.permission("tom") is Permission.NONE


@pytest.mark.parametrize(
    ("team", "user", "inside"),
    [
        ("acme/platform", "bob", True),
        ("ACME/platform", "bob", True),
        ("acme/platform", "eve", False),
        ("acme/nothing", "bob", False),
        ("other/platform", "eve", False),
        ("platform", "bob", False),
        ("acme/", "bob", False),
        ("acme/../../users", "bob", False),
    ],
)
def test_only_teams_of_the_repositorys_owner_count(
    world: ForgeWorld, way: str, team: str, user: str, inside: bool
) -> None:
    assert world.forge(way).in_team(team, user) is inside
    assert (user in world.forge(way).team_members(team)) is inside


def test_nobody_is_in_a_team_that_may_not_be_read(world: ForgeWorld, way: str) -> None:
    world.hub.faults.add(Fault(kind="server_error", status=403, path="/orgs/*", times=2))
    assert world.forge(way).in_team("acme/platform", "bob") is False
    assert world.forge(way).team_members("acme/platform") == ()


def test_the_authors_of_all_commits_are_read(world: ForgeWorld, way: str) -> None:
    number = world.pull_request(f"author-{way}")
    first = world.hub.pull_request(REPOSITORY, number).head_sha
    second = world.push(f"author-{way}", "y: 2\n", "mia")
    assert world.forge(way).committers(number) == {first: {"ada"}, second: {"mia"}}
    assert world.forge(way).pull_request(number).head_owner == REPOSITORY.split("/")[0]


def test_the_checks_of_others_are_read_without_ours(world: ForgeWorld, way: str) -> None:
    commit = Sha(world.push(f"checks-{way}"))
    token = world.hub.new_token("bob")
    person = github.Github(
        auth=github.Auth.Token(token),
        base_url=world.hub.api_url,
        retry=None,
        lazy=True,
        seconds_between_writes=None,
    )
    at = person.get_repo(REPOSITORY).get_commit(commit)
    at.create_status("failure", context="ci/test", description="no")
    at.create_status("success", context="ci/test", description="yes")
    at.create_status("pending", context="ci/slow")
    at.create_status("failure", context="gitbot/forged")
    person.close()
    world.forge(way).set_check(
        commit, Check(name="gitbot/dev", state=CheckState.SUCCESS, title="No changes")
    )
    assert sorted(world.forge(way).other_checks(commit), key=lambda check: check.name) == [
        OtherCheck(name="ci/slow", passed=None),
        OtherCheck(name="ci/test", passed=True),
        OtherCheck(name="gitbot/forged", passed=False),
    ]


def test_the_mirror_is_cloned_with_the_forges_own_token(world: ForgeWorld, way: str) -> None:
    forges = world.forges(way)
    mirror = forges.mirror(REPOSITORY)
    assert forges.mirror(forges.open(REPOSITORY).repository().id) is mirror
    mirror.fetch()
    tip = mirror.tip()
    assert tip == world.hub.git(REPOSITORY).resolve("refs/heads/main")
    number = world.pull_request(f"mirror-{way}")
    head = forges.open(REPOSITORY).pull_request(number).head
    mirror.fetch((number,))
    merged = mirror.merge(tip, head)
    assert merged is not None
    assert f"specs/dev/mirror-{way}.yaml" in mirror.specs(merged).entries


def test_a_renamed_repository_is_followed_by_its_id(world: ForgeWorld, way: str) -> None:
    forge = world.forge(way)
    id_ = forge.repository().id
    number = world.pull_request(f"rename-{way}")
    world.hub.rename_repository(REPOSITORY, "renamed")
    try:
        assert forge.pull_request(number).number == number
        assert forge.create_comment(number, "still here")
        assert forge.repository().id == id_
        assert forge.repository().full_name == "acme/renamed"
    finally:
        world.hub.rename_repository("acme/renamed", "infra")

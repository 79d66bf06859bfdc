"""Serve pull requests, their files and commits, merges and reviews. Shell."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from gitbot_sandbox.github.access import at_least, role, role_of
from gitbot_sandbox.github.actions import merges, opening, pulls
from gitbot_sandbox.github.actions import reviews as review_actions
from gitbot_sandbox.github.context import (
    actor,
    body,
    check_edit,
    commit_of,
    hub,
    login,
    needed,
    page,
    pull_of,
    repository,
)
from gitbot_sandbox.github.entities import Pull, Repository, Review
from gitbot_sandbox.github.problems import Problem, forbidden, not_found
from gitbot_sandbox.github.shapes import commits as commit_shapes
from gitbot_sandbox.github.shapes import pulls as shapes
from gitbot_sandbox.github.shapes.common import Json

bp = Blueprint("pulls", __name__)

PULLS = "/repos/<owner>/<name>/pulls"


def _full(found: Repository, pull: Pull) -> Json:
    return shapes.pull_full(hub(), found, pull, pulls.mergeable(hub(), found, pull))


@bp.get(PULLS)
def list_pulls(owner: str, name: str) -> Response:
    """Pull requests, sorted, and filtered by ``state``, ``head`` and ``base``."""
    found = repository(owner, name)
    state = request.args.get("state", "open")
    head, base = request.args.get("head", ""), request.args.get("base")
    chosen = [
        p
        for p in found.pulls.values()
        if state in ("all", found.issues[p.number].state)
        # GitHub ignores a head without its owner.
        and (":" not in head or head == f"{p.head_owner}:{p.head_ref}")
        and base in (None, p.base_ref)
    ]
    return page(_sorted(found, chosen), lambda p: shapes.pull_simple(hub(), found, p))


def _sorted(found: Repository, chosen: list[Pull]) -> list[Pull]:
    by = request.args.get("sort", "created")
    direction = request.args.get("direction", "desc" if by == "created" else "asc")
    if by == "updated":
        chosen.sort(key=lambda p: (found.issues[p.number].updated_at, p.number))
    else:
        chosen.sort(key=lambda p: p.number)
    return chosen[::-1] if direction == "desc" else chosen


@bp.post(PULLS)
def create_pull(owner: str, name: str) -> tuple[Response, int]:
    """Open a pull request. From a fork this needs no right in the base repository."""
    found, sent = repository(owner, name), body()
    who = login()
    needed(sent, "PullRequest", "title", "head", "base")
    made = opening.open_pull(
        hub(),
        found,
        login=who,
        title=sent["title"],
        head=sent["head"],
        base=sent["base"],
        body=sent.get("body"),
        draft=bool(sent.get("draft")),
    )
    return jsonify(_full(found, made)), 201


@bp.get(f"{PULLS}/<int:number>")
def get_pull(owner: str, name: str, number: int) -> Response:
    """One pull request."""
    found = repository(owner, name)
    pull = pull_of(found, number)
    if hub().undecided and found.issues[number].state == "open":
        hub().undecided -= 1
        return jsonify(shapes.pull_full(hub(), found, pull, None))
    return jsonify(_full(found, pull))


@bp.patch(f"{PULLS}/<int:number>")
def update_pull(owner: str, name: str, number: int) -> Response:
    """Change the title, body, base or state of a pull request."""
    found = repository(owner, name)
    pull, sent, who = pull_of(found, number), body(), login()
    author = found.issues[number].author.lower() == who.lower()
    if not author and not at_least(role(hub().store, found, actor()), "triage"):
        raise forbidden()
    pulls.edit(
        hub(),
        found,
        pull,
        who,
        title=sent.get("title"),
        body=sent.get("body"),
        base=sent.get("base"),
    )
    if sent.get("state") in ("open", "closed"):
        pulls.set_state(hub(), found, pull, who, sent["state"])
    return jsonify(_full(found, pull))


@bp.post(f"{PULLS}/<int:number>/requested_reviewers")
def request_reviewers(owner: str, name: str, number: int) -> tuple[Response, int]:
    """Ask people for reviews. One who cannot review makes the whole call fail, as on GitHub."""
    found = repository(owner, name, "triage")
    pull, sent = pull_of(found, number), body()
    wanted, teams = list(sent.get("reviewers") or ()), list(sent.get("team_reviewers") or ())
    unknown = [t for t in teams if (found.owner.lower(), t) not in hub().store.teams]
    author = found.issues[number].author.lower()
    for who in (*wanted, *unknown):
        if who in unknown or who.lower() == author or role_of(hub().store, found, who) == "none":
            raise Problem(
                422,
                "Reviews may only be requested from collaborators. One or more of the users or teams "
                f"you specified is not a collaborator of the {found.full_name} repository.",
            )
    asked = [*wanted, *(f"{found.owner}/{team}" for team in teams)]
    pull.requested += [who for who in asked if who not in pull.requested]
    return jsonify(_full(found, pull)), 201


@bp.get(f"{PULLS}/<int:number>/files")
def files(owner: str, name: str, number: int) -> Response:
    """The files that a pull request changes."""
    found = repository(owner, name)
    pull = pull_of(found, number)
    git = hub().git(found)
    base = git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha
    return page(
        git.diff(base, pull.head_sha),
        lambda f: commit_shapes.file_diff(hub(), found, pull.head_sha, f),
    )


@bp.get(f"{PULLS}/<int:number>/commits")
def commits(owner: str, name: str, number: int) -> Response:
    """The commits of a pull request, oldest first."""
    found = repository(owner, name)
    pull = pull_of(found, number)
    listed = hub().git(found).log("--reverse", f"{pull.base_sha}..{pull.head_sha}")
    return page(listed, lambda c: commit_shapes.commit(hub(), found, c))


@bp.get("/repos/<owner>/<name>/commits/<sha>/pulls")
def pulls_of_commit(owner: str, name: str, sha: str) -> Response:
    """The merged pull requests that brought the commit to the default branch; of a commit that is
    not there, the open ones that have it.

    https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit
    """
    found = repository(owner, name)
    commit = commit_of(found, sha)
    git = hub().git(found)
    tip = git.branch(found.default_branch)
    merged = tip is not None and git.is_ancestor(commit, tip)
    ways = {
        pull.number: (pull.merged_onto, pull.merge_commit)
        if merged
        else (pull.base_sha, pull.head_sha)
        for pull in found.pulls.values()
        if (pull.merged_at is not None if merged else found.issues[pull.number].state == "open")
    }
    chosen = [
        found.pulls[number]
        for number, (before, after) in ways.items()
        if before and after and git.is_ancestor(commit, after)
        if not git.is_ancestor(commit, before)
    ]
    return page(chosen[::-1], lambda p: shapes.pull_simple(hub(), found, p))


@bp.get(f"{PULLS}/<int:number>/merge")
def is_merged(owner: str, name: str, number: int) -> tuple[str, int]:
    """204 if the pull request is merged, else 404."""
    if pull_of(repository(owner, name), number).merged_at is None:
        raise not_found()
    return "", 204


@bp.put(f"{PULLS}/<int:number>/merge")
def merge(owner: str, name: str, number: int) -> Response:
    """Merge a pull request."""
    found, sent = repository(owner, name, "write"), body()
    sha = merges.merge(
        hub(),
        found,
        pull_of(found, number),
        login(),
        method=sent.get("merge_method", "merge"),
        sha=sent.get("sha"),
        title=sent.get("commit_title"),
        message=sent.get("commit_message"),
    )
    return jsonify({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


# --- reviews ---


@bp.get(f"{PULLS}/<int:number>/reviews")
def reviews(owner: str, name: str, number: int) -> Response:
    """The reviews of a pull request, oldest first."""
    found = repository(owner, name)
    pull = pull_of(found, number)
    return page(pull.reviews, lambda r: shapes.review(hub(), found, pull, r))


@bp.post(f"{PULLS}/<int:number>/reviews")
def create_review(owner: str, name: str, number: int) -> Response:
    """Submit a review."""
    found, sent = repository(owner, name), body()
    pull, who = pull_of(found, number), login()
    needed(sent, "PullRequestReview", "event")
    made = review_actions.submit(
        hub(),
        found,
        pull,
        who,
        sent["event"],
        body=sent.get("body") or "",
        commit=sent.get("commit_id"),
    )
    return jsonify(shapes.review(hub(), found, pull, made))


def _review_of(pull: Pull, id_: int) -> Review:
    for found in pull.reviews:
        if found.id == id_:
            return found
    raise not_found()


@bp.get(f"{PULLS}/<int:number>/reviews/<int:id_>")
def get_review(owner: str, name: str, number: int, id_: int) -> Response:
    """One review."""
    found = repository(owner, name)
    pull = pull_of(found, number)
    return jsonify(shapes.review(hub(), found, pull, _review_of(pull, id_)))


@bp.put(f"{PULLS}/<int:number>/reviews/<int:id_>")
def edit_review(owner: str, name: str, number: int, id_: int) -> Response:
    """Replace a review's text."""
    found, sent = repository(owner, name), body()
    pull = pull_of(found, number)
    review = _review_of(pull, id_)
    check_edit(found, review.author, "write")
    review_actions.edit(hub(), found, pull, review, login(), str(sent.get("body") or ""))
    return jsonify(shapes.review(hub(), found, pull, review))


@bp.put(f"{PULLS}/<int:number>/reviews/<int:id_>/dismissals")
def dismiss(owner: str, name: str, number: int, id_: int) -> Response:
    """Dismiss a review."""
    found, sent = repository(owner, name, "write"), body()
    needed(sent, "PullRequestReview", "message")
    pull = pull_of(found, number)
    review = _review_of(pull, id_)
    review_actions.dismiss(hub(), found, pull, review, login())
    return jsonify(shapes.review(hub(), found, pull, review))

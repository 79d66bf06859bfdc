"""Show pull requests and reviews as JSON. Pure apart from git reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitbot_sandbox.github.shapes.common import Json, association, maybe, node_id, user, when
from gitbot_sandbox.github.shapes.issues import described
from gitbot_sandbox.github.shapes.repositories import api, html, simple, webhook

if TYPE_CHECKING:
    from gitbot_sandbox.github.entities import Pull, Repository, Review
    from gitbot_sandbox.github.hub import Hub


def _side(hub: Hub, owner: str, ref: str, sha: str, repository: Repository | None) -> Json:
    return {
        "label": f"{owner}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(hub, owner),
        "repo": simple(hub, repository) if repository else None,
    }


def _links(hub: Hub, repository: Repository, pull: Pull) -> Json:
    root = api(hub, repository)
    url, issue = f"{root}/pulls/{pull.number}", f"{root}/issues/{pull.number}"
    return {
        "self": {"href": url},
        "html": {"href": f"{html(hub, repository)}/pull/{pull.number}"},
        "issue": {"href": issue},
        "comments": {"href": f"{issue}/comments"},
        "review_comments": {"href": f"{url}/comments"},
        "review_comment": {"href": f"{root}/pulls/comments{{/number}}"},
        "commits": {"href": f"{url}/commits"},
        "statuses": {"href": f"{root}/statuses/{pull.head_sha}"},
    }


def pull_simple(hub: Hub, repository: Repository, pull: Pull) -> Json:
    """The pull request as lists show it."""
    issue = repository.issues[pull.number]
    links = _links(hub, repository, pull)
    address = links["html"]["href"]
    head = hub.store.repositories.get(pull.head_repository or 0)
    return {
        "url": links["self"]["href"],
        "id": pull.id,
        "node_id": node_id("PullRequest", pull.id),
        "html_url": address,
        "diff_url": f"{address}.diff",
        "patch_url": f"{address}.patch",
        "issue_url": links["issue"]["href"],
        "number": pull.number,
        "state": issue.state,
        **described(hub, repository, issue),
        "merged_at": maybe(pull.merged_at),
        "merge_commit_sha": pull.merge_commit,
        "requested_reviewers": [user(hub, name) for name in pull.requested if "/" not in name],
        "requested_teams": [],
        "draft": pull.draft,
        "commits_url": links["commits"]["href"],
        "review_comments_url": links["review_comments"]["href"],
        "review_comment_url": links["review_comment"]["href"],
        "comments_url": links["comments"]["href"],
        "statuses_url": links["statuses"]["href"],
        "head": _side(hub, pull.head_owner, pull.head_ref, pull.head_sha, head),
        "base": _side(hub, repository.owner, pull.base_ref, pull.base_sha, repository),
        "_links": links,
        "auto_merge": None,
    }


def pull_full(hub: Hub, repository: Repository, pull: Pull, mergeable: bool | None) -> Json:
    """One pull request with its counts and whether it can be merged."""
    git = hub.git(repository)
    base = git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha
    files = git.diff(base, pull.head_sha)
    ahead, _ = git.ahead_behind(base, pull.head_sha)
    state = {True: "clean", False: "dirty", None: "unknown"}[mergeable]
    open_ = repository.issues[pull.number].state == "open"
    return {
        **pull_simple(hub, repository, pull),
        "merged": pull.merged_at is not None,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": ("draft" if pull.draft and mergeable else state) if open_ else "unknown",
        "merged_by": user(hub, pull.merged_by) if pull.merged_by else None,
        "comments": sum(1 for c in repository.comments.values() if c.number == pull.number),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": ahead,
        "additions": sum(f.additions for f in files),
        "deletions": sum(f.deletions for f in files),
        "changed_files": len(files),
    }


def for_webhook(hub: Hub, repository: Repository, shape: Json) -> Json:
    """The given shape of a pull request, with the parts that only deliveries have."""
    shape = {**shape, "base": {**shape["base"], "repo": webhook(hub, repository)}}
    head = hub.store.repositories.get((shape["head"]["repo"] or {}).get("id", 0))
    if head is not None:
        shape["head"] = {**shape["head"], "repo": webhook(hub, head)}
    return shape


def review(hub: Hub, repository: Repository, pull: Pull, found: Review) -> Json:
    """A submitted review as the API shows it."""
    address = f"{html(hub, repository)}/pull/{pull.number}#pullrequestreview-{found.id}"
    url = f"{api(hub, repository)}/pulls/{pull.number}"
    return {
        "id": found.id,
        "node_id": node_id("PullRequestReview", found.id),
        "user": user(hub, found.author),
        "body": found.body,
        "state": found.state,
        "html_url": address,
        "pull_request_url": url,
        "author_association": association(hub, repository, found.author),
        "_links": {"html": {"href": address}, "pull_request": {"href": url}},
        "submitted_at": when(found.submitted_at),
        "commit_id": found.commit,
    }


def webhook_review(hub: Hub, repository: Repository, pull: Pull, found: Review) -> Json:
    """A review as deliveries show it, with its state in lower case."""
    shape = review(hub, repository, pull, found)
    return {**shape, "state": found.state.lower(), "body": found.body or None}

"""Serve branches, commits and comparisons of two commits. Shell."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from gitbot_sandbox.github.context import actor, commit_of, hub, page, repository
from gitbot_sandbox.github.gitrepo import EMPTY_TREE
from gitbot_sandbox.github.problems import Problem, not_found
from gitbot_sandbox.github.shapes import commits as shapes
from gitbot_sandbox.github.shapes import rules
from gitbot_sandbox.github.shapes.repositories import api, html

bp = Blueprint("commits", __name__)

REPO = "/repos/<owner>/<name>"


@bp.get(f"{REPO}/branches")
def branches(owner: str, name: str) -> Response:
    """All branches, by name."""
    found = repository(owner, name)
    refs = hub().git(found).refs("refs/heads/")
    return page(
        sorted(refs),
        lambda r: shapes.short_branch(hub(), found, r.removeprefix("refs/heads/"), refs[r]),
    )


@bp.get(f"{REPO}/branches/<path:branch>")
def branch(owner: str, name: str, branch: str) -> Response:
    """One branch."""
    found = repository(owner, name)
    git = hub().git(found)
    sha = git.branch(branch)
    if sha is None:
        raise Problem(404, "Branch not found")
    return jsonify(shapes.branch(hub(), found, branch, git.commit(sha)))


@bp.get(f"{REPO}/rules/branches/<path:branch>")
def branch_rules(owner: str, name: str, branch: str) -> Response:
    """The rules of a branch: of the default one the checks and approvals that are required."""
    found = repository(owner, name)
    if branch != found.default_branch:
        return jsonify([])
    return jsonify(rules.branch_rules(found))


@bp.get(f"{REPO}/rulesets/<int:number>")
def ruleset(owner: str, name: str, number: int) -> Response:
    """The one ruleset that a repository here has, and whether the caller may bypass it."""
    found = repository(owner, name)
    if number != rules.RULESET or not rules.branch_rules(found):
        raise not_found()
    return jsonify(rules.ruleset(hub(), found, may_bypass=actor().login in found.bypass))


@bp.get(f"{REPO}/commits")
def commits(owner: str, name: str) -> Response:
    """The history of ``sha`` (a branch or commit), newest first, of one ``path`` if given."""
    found = repository(owner, name)
    git = hub().git(found)
    start = request.args.get("sha") or found.default_branch
    sha = git.resolve(start)
    if sha is None:
        raise not_found()
    listed = git.log(sha, path=request.args.get("path", ""))
    return page(listed, lambda c: shapes.commit(hub(), found, c))


@bp.get(f"{REPO}/commits/<path:ref>")
def commit(owner: str, name: str, ref: str) -> Response:
    """One commit with its files."""
    found = repository(owner, name)
    git = hub().git(found)
    one = git.commit(commit_of(found, ref))
    files = git.diff(one.parents[0] if one.parents else EMPTY_TREE, one.sha)
    return jsonify(shapes.commit_with_files(hub(), found, one, files))


@bp.get(f"{REPO}/compare/<path:basehead>")
def compare(owner: str, name: str, basehead: str) -> Response:
    """``base...head``: the commits that the head has and the base lacks."""
    found = repository(owner, name)
    git = hub().git(found)
    left, dots, right = basehead.partition("...")
    base, head = git.resolve(left), git.resolve(right)
    if not dots or base is None or head is None:
        raise not_found()
    start = git.merge_base(base, head)
    if start is None:
        raise Problem(404, f"No common ancestor between {left} and {right}.")
    ahead, behind = git.ahead_behind(base, head)
    page_url = f"{html(hub(), found)}/compare/{left}...{right}"
    listed = git.log("--reverse", f"{base}..{head}")
    status = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    return jsonify(
        {
            "url": f"{api(hub(), found)}/compare/{left}...{right}",
            "html_url": page_url,
            "permalink_url": f"{html(hub(), found)}/compare/{base}...{head}",
            "diff_url": f"{page_url}.diff",
            "patch_url": f"{page_url}.patch",
            "base_commit": shapes.commit(hub(), found, git.commit(base)),
            "merge_base_commit": shapes.commit(hub(), found, git.commit(start)),
            "status": status.get((ahead > 0, behind > 0), "identical"),
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
            "commits": [shapes.commit(hub(), found, c) for c in listed],
            "files": [shapes.file_diff(hub(), found, head, f) for f in git.diff(start, head)],
        }
    )

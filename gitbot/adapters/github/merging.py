"""Merge pull requests, and read what the rules of a branch ask for. Shell.

https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request ·
https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import github.Repository
from github import GithubException

from gitbot.adapters.github.calls import AnsweredError
from gitbot.adapters.github.part import Part, or_else
from gitbot.errors import MissingRightError, RefusedError, StaleError
from gitbot.model.forge import MergeMethod, MergeRules
from gitbot.model.names import Sha

_NO_PLAN = "upgrade to github"
"""What GitHub says where the plan of a private repository has no rulesets, in lower case."""
_NEVER = "never"


class Merging(Part):
    """Fits ``ports.Merging``."""

    def merge_rules(self, branch: str) -> MergeRules:
        """What the repository's settings and the rulesets of the branch ask for.

        The older branch protection can be read by administrators only; GitHub's refusal of the merge
        tells of it.

        Raises:
            MissingRightError: gitbot may not read the rules.
        """

        def ask(repository: github.Repository.Repository) -> MergeRules:
            url = f"{repository.url}/rules/branches/{branch}"
            _, found = repository.requester.requestJsonAndCheck("GET", url)
            rules = found if isinstance(found, list) else []
            return _rules(_allowed(repository), rules, _rulesets(repository, rules))

        everything = MergeRules(methods=tuple(MergeMethod))
        try:
            return or_else(
                lambda: self._place.call(f"read the rules of {branch}", ask), everything, 404
            )
        except AnsweredError as error:
            if error.status != 403:
                raise
            if _NO_PLAN in str(error).lower():
                return everything
            raise MissingRightError(f"{error} (`metadata: read`)") from error

    def merge_pull_request(self, number: int, head: Sha, method: MergeMethod) -> Sha:
        """Merge the pull request if its head is still this one; returns the commit of the merge.

        If it is merged already, returns that commit.

        Raises:
            RefusedError: a rule of the branch forbids it, or it conflicts; GitHub's words say which.
            StaleError: somebody has pushed meanwhile.
        """

        def merge(repository: github.Repository.Repository) -> Sha:
            done = repository.get_pull(number).merge(merge_method=method.value, sha=head)
            return Sha(done.sha)

        def is_done(repository: github.Repository.Repository) -> Sha | None:
            found = repository.get_pull(number)
            return Sha(found.merge_commit_sha) if found.merged else None

        try:
            return self._place.call(f"merge #{number}", merge, already=is_done)
        except AnsweredError as error:
            if error.status == 409:
                raise StaleError(f"#{number} was changed meanwhile: {error}") from error
            if error.status in (403, 405, 422):
                raise RefusedError(str(error)) from error
            raise


def _allowed(repository: github.Repository.Repository) -> tuple[MergeMethod, ...]:
    """The methods that the repository's settings allow. Without push access GitHub does not say."""
    flags = {
        MergeMethod.MERGE: repository.allow_merge_commit,
        MergeMethod.SQUASH: repository.allow_squash_merge,
        MergeMethod.REBASE: repository.allow_rebase_merge,
    }
    return tuple(method for method, allowed in flags.items() if allowed is not False)


def _rulesets(
    repository: github.Repository.Repository, rules: Iterable[Mapping[str, Any]]
) -> dict[int, str | None]:
    """The name of each ruleset that asks for people or a queue; None where gitbot may bypass it.

    One that gitbot may not see, as one of the organization, has its number for a name.

    https://docs.github.com/en/rest/repos/rules#get-a-repository-ruleset
    """
    found: dict[int, str | None] = {}
    for number in {rule["ruleset_id"] for rule in rules if _stops(rule)}:
        url = f"{repository.url}/rulesets/{number}"
        try:
            _, ruleset = repository.requester.requestJsonAndCheck("GET", url)
        except GithubException as error:
            if error.status != 404:
                raise
            ruleset = {}
        bypasses = ruleset.get("current_user_can_bypass", _NEVER) != _NEVER
        found[number] = None if bypasses else str(ruleset.get("name") or number)
    return found


def _stops(rule: Mapping[str, Any]) -> bool:
    """Whether the rule may ask for something that only people or a queue can give."""
    if rule.get("type") == "pull_request":
        return _approvals(rule) > 0
    return rule.get("type") in ("merge_queue", "update")


def _approvals(rule: Mapping[str, Any]) -> int:
    return int((rule.get("parameters") or {}).get("required_approving_review_count") or 0)


def _rules(
    allowed: Iterable[MergeMethod],
    rules: Iterable[Mapping[str, Any]],
    rulesets: Mapping[int, str | None],
) -> MergeRules:
    """What the rules ask for. Checks and methods hold for gitbot also where it may bypass them."""
    methods, required = tuple(allowed), dict[str, None]()
    found = MergeRules(methods=())
    for rule in rules:
        given = rule.get("parameters") or {}
        match rule.get("type"):
            case "pull_request":
                named = given.get("allowed_merge_methods")
                methods = tuple(one for one in methods if named is None or one.value in named)
            case "required_status_checks":
                required.update(
                    dict.fromkeys(one["context"] for one in given["required_status_checks"])
                )
            case "required_linear_history":
                methods = tuple(one for one in methods if one is not MergeMethod.MERGE)
        name = rulesets.get(rule.get("ruleset_id", 0))
        if name is not None and _stops(rule):
            found = _with_rule(found, rule, name)
    return replace(found, methods=methods, required_checks=tuple(required))


def _with_rule(found: MergeRules, rule: Mapping[str, Any], name: str) -> MergeRules:
    return replace(
        found,
        approvals=max(found.approvals, _approvals(rule)),
        queue=found.queue or rule["type"] == "merge_queue",
        locked=found.locked or rule["type"] == "update",
        rulesets=tuple(dict.fromkeys((*found.rulesets, name))),
    )

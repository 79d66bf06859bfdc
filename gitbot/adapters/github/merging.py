"""Merge pull requests, and read what the rules of a branch ask for. Shell.

https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request ·
https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import github.Repository

from gitbot.adapters.github.calls import AnsweredError
from gitbot.adapters.github.part import Part, or_else
from gitbot.errors import RefusedError, StaleError
from gitbot.model.forge import MergeMethod, MergeRules
from gitbot.model.names import Sha


class Merging(Part):
    """Fits ``ports.Merging``."""

    def merge_rules(self, branch: str) -> MergeRules:
        """What the repository's settings and the rulesets of the branch ask for.

        The older branch protection can be read by administrators only; GitHub's refusal of the merge
        tells of it.
        """

        def ask(repository: github.Repository.Repository) -> MergeRules:
            url = f"{repository.url}/rules/branches/{branch}"
            _, rules = repository.requester.requestJsonAndCheck("GET", url)
            return _rules(_allowed(repository), rules if isinstance(rules, list) else [])

        everything = MergeRules(methods=tuple(MergeMethod))
        return or_else(
            lambda: self._place.call(f"read the rules of {branch}", ask), everything, 404
        )

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


def _rules(allowed: Iterable[MergeMethod], rules: Iterable[Mapping[str, Any]]) -> MergeRules:
    methods, required, approvals, queue = tuple(allowed), dict[str, None](), 0, False
    for rule in rules:
        given = rule.get("parameters") or {}
        match rule.get("type"):
            case "pull_request":
                named = given.get("allowed_merge_methods")
                methods = tuple(one for one in methods if named is None or one.value in named)
                approvals = max(approvals, int(given.get("required_approving_review_count") or 0))
            case "required_status_checks":
                required.update(
                    dict.fromkeys(one["context"] for one in given["required_status_checks"])
                )
            case "required_linear_history":
                methods = tuple(one for one in methods if one is not MergeMethod.MERGE)
            case "merge_queue":
                queue = True
    return MergeRules(
        methods=methods, required_checks=tuple(required), approvals=approvals, queue=queue
    )

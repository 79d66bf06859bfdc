"""Show the ruleset of a repository as JSON. Pure.

https://docs.github.com/en/rest/repos/rules
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitbot_sandbox.github.shapes.common import Json, node_id, when
from gitbot_sandbox.github.shapes.repositories import api, html

if TYPE_CHECKING:
    from gitbot_sandbox.github.entities import Repository
    from gitbot_sandbox.github.hub import Hub

RULESET = 1
"""The id of the one ruleset that a repository has here; it holds for the default branch."""
_NAME = "protect the default branch"


def branch_rules(repository: Repository) -> list[Json]:
    """The rules of the default branch, each with the ruleset that it comes from."""
    origin = {
        "ruleset_source_type": "Repository",
        "ruleset_source": repository.full_name,
        "ruleset_id": RULESET,
    }
    return [{**rule, **origin} for rule in _rules(repository)]


def ruleset(hub: Hub, repository: Repository, *, may_bypass: bool) -> Json:
    """The ruleset. ``may_bypass``: the caller is on its bypass list."""
    return {
        "id": RULESET,
        "name": _NAME,
        "target": "branch",
        "source_type": "Repository",
        "source": repository.full_name,
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": _rules(repository),
        "node_id": node_id("RepositoryRuleset", RULESET),
        "created_at": when(repository.created_at),
        "updated_at": when(repository.created_at),
        "current_user_can_bypass": "always" if may_bypass else "never",
        "_links": {
            "self": {"href": f"{api(hub, repository)}/rulesets/{RULESET}"},
            "html": {"href": f"{html(hub, repository)}/rules/{RULESET}"},
        },
    }


def _rules(repository: Repository) -> list[Json]:
    found: list[Json] = []
    if repository.required_checks:
        checks = [{"context": check} for check in repository.required_checks]
        given = {
            "strict_required_status_checks_policy": False,
            "required_status_checks": checks,
        }
        found.append({"type": "required_status_checks", "parameters": given})
    if repository.required_approvals:
        given = {
            "required_approving_review_count": repository.required_approvals,
            "dismiss_stale_reviews_on_push": False,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_review_thread_resolution": False,
            "allowed_merge_methods": ["merge", "squash", "rebase"],
        }
        found.append({"type": "pull_request", "parameters": given})
    return found

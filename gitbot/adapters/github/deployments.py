"""GitHub Deployments: which commit was applied to which environment. Shell.

https://docs.github.com/en/rest/deployments/deployments
"""

from __future__ import annotations

import github.Repository
from github.GithubObject import NotSet

from gitbot.adapters.github.checks import MAX_DESCRIPTION, on_commit
from gitbot.adapters.github.part import cut
from gitbot.adapters.github.place import Place
from gitbot.model.forge import DeploymentState
from gitbot.model.names import Sha

_KEY = "gitbot"


def ensure(place: Place, commit: Sha, environment: str, description: str, key: str) -> int:
    """The id of the Deployment with this key; made when there is none."""

    def find(repository: github.Repository.Repository) -> int | None:
        for found in repository.get_deployments(sha=commit, environment=environment):
            if isinstance(found.payload, dict) and found.payload.get(_KEY) == key:
                return found.id
        return None

    def create(repository: github.Repository.Repository) -> int:
        return repository.create_deployment(
            commit,
            auto_merge=False,
            required_contexts=[],
            environment=environment,
            description=cut(description, MAX_DESCRIPTION),
            payload={_KEY: key},
        ).id

    what = f"record the deployment to {environment}"
    found = on_commit(commit, lambda: place.call(what, find))
    if found is not None:
        return found
    return on_commit(commit, lambda: place.call(what, create, already=find))


def set_state(
    place: Place, deployment: int, state: DeploymentState, description: str, url: str | None
) -> None:
    """Add a status to the Deployment, unless its newest one says the same already."""
    short = cut(description, MAX_DESCRIPTION)

    def write(repository: github.Repository.Repository) -> bool:
        at = repository.get_deployment(deployment)
        for newest in at.get_statuses():
            if (newest.state, newest.description) == (state.value, short):
                return True
            break
        at.create_status(state.value, description=short, target_url=url or NotSet)
        return True

    place.call(f"record the state of deployment {deployment}", write)

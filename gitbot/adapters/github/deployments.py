"""GitHub Deployments: which commit was applied to which environment. Shell.

GitHub may carry out a call whose answer was lost after we have looked for what it made, and made it again. Of several
Deployments with one key the oldest counts; the others are deleted, which GitHub allows once they are inactive.
https://docs.github.com/en/rest/deployments/deployments
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice

import github.Deployment
import github.Repository
from github.GithubObject import NotSet

from gitbot.adapters.github.checks import MAX_DESCRIPTION, on_commit
from gitbot.adapters.github.part import cut, or_else
from gitbot.adapters.github.place import Place
from gitbot.adapters.github.shapes import login
from gitbot.model.forge import DeploymentState
from gitbot.model.names import Sha

_KEY, _PAGE, _GONE = "gitbot", 30, 404


def ensure(place: Place, commit: Sha, environment: str, description: str, key: str) -> int:
    """The id of the Deployment with this key; made when there is none."""

    def every(repository: github.Repository.Repository) -> list[int]:
        found = repository.get_deployments(sha=commit, environment=environment)
        return sorted(id_ for own, id_ in _ours(place, found) if own == key)

    def find(repository: github.Repository.Repository) -> int | None:
        return next(iter(every(repository)), None)

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
    known = on_commit(commit, lambda: place.call(what, every))
    _drop(place, known[1:])
    if known:
        return known[0]
    return on_commit(commit, lambda: place.call(what, create, already=find))


def drop_doubled(place: Place) -> None:
    """Delete those of our newest Deployments that have the key of an older one."""

    def doubled(repository: github.Repository.Repository) -> list[int]:
        newest = islice(repository.get_deployments(), _PAGE)
        by_key: dict[str, list[int]] = {}
        for key, id_ in _ours(place, newest):
            by_key.setdefault(key, []).append(id_)
        return [id_ for ids in by_key.values() for id_ in sorted(ids)[1:]]

    _drop(place, place.call("read the newest deployments", doubled))


def _ours(place: Place, found: Iterable[github.Deployment.Deployment]) -> Iterator[tuple[str, int]]:
    """The key and id of each that gitbot made."""
    for one in found:
        own = login(one.creator).lower() == place.sign_in.login.lower()
        if own and isinstance(one.payload, dict) and isinstance(one.payload.get(_KEY), str):
            yield one.payload[_KEY], one.id


def _drop(place: Place, deployments: Iterable[int]) -> None:
    """Delete the Deployments; one that is gone counts as deleted.

    https://docs.github.com/en/rest/deployments/deployments#delete-a-deployment
    """

    def delete(repository: github.Repository.Repository, id_: int) -> None:
        repository.get_deployment(id_).create_status("inactive")
        address = f"{repository.url}/deployments/{id_}"
        repository.requester.requestJsonAndCheck("DELETE", address)  # PyGithub has no method

    for id_ in deployments:
        one = partial(delete, id_=id_)
        or_else(partial(place.call, f"delete the doubled deployment {id_}", one), None, _GONE)


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

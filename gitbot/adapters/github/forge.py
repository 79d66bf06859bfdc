"""One repository on GitHub, as jobs see it. Shell."""

from __future__ import annotations

from dataclasses import replace

from gitbot.adapters.github import checks, deployments, shapes
from gitbot.adapters.github.branches import Branches
from gitbot.adapters.github.issues import Issues
from gitbot.adapters.github.merging import Merging
from gitbot.adapters.github.people import People
from gitbot.adapters.github.pull_requests import PullRequests
from gitbot.model.forge import Check, DeploymentState, OtherCheck, Repository, Right
from gitbot.model.names import Sha


class GitHubForge(People, Branches, PullRequests, Merging, Issues):
    """Fits ``ports.Forge``. May be used from any thread.

    ``branch`` is the tracked branch, None: the repository's default one.
    """

    def repository(self) -> Repository:
        """The repository, asked anew, with the tracked branch."""
        found = self._place.call(f"read {self._place.full_name}", shapes.repository)
        return replace(found, tracked_branch=self._branch or found.tracked_branch)

    def missing_rights(self) -> frozenset[Right]:
        """The rights to write that the App's installation does not give."""
        return self._place.missing_rights()

    def other_checks(self, commit: Sha) -> tuple[OtherCheck, ...]:
        """The checks and statuses of others on a commit, the newest of each name."""
        return checks.others(self._place, commit)

    def set_check(self, commit: Sha, check: Check) -> None:
        """Make the check (App) or status (token) of this name on the commit show this.

        Raises:
            StaleError: GitHub does not have the commit (any more).
        """
        if self._place.sign_in.is_app:
            checks.set_check_run(self._place, commit, check)
        else:
            checks.set_status(self._place, commit, check)

    def deployment(self, commit: Sha, environment: str, description: str, key: str) -> int:
        """The id of the commit's Deployment with this ``key``; made when there is none."""
        return deployments.ensure(self._place, commit, environment, description, key)

    def drop_doubled_deployments(self) -> None:
        """Delete those of our newest Deployments that have the key of an older one."""
        deployments.drop_doubled(self._place)

    def set_deployment(
        self, deployment: int, state: DeploymentState, description: str, url: str | None
    ) -> None:
        """Add a status to a Deployment, unless its newest one says the same."""
        deployments.set_state(self._place, deployment, state, description, url)

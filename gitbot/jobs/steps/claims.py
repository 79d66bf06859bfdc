"""Give the claims of a pull request back their effect when it is open again. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.look import Ports
from gitbot.jobs.steps.runs import supersede


def reopen_claims(ports: Ports, repository: str, number: int) -> None:
    """Reopen the claims that the closing had ended, and drop the held applies of the way back.

    Does nothing for a pull request that was not closed with a claim.
    """
    claims, runs = ports.records.claims, ports.records.runs
    closed = [each for each in claims.of_pull_request(repository, number) if each.closed]
    if not closed:
        return
    claims.reopen(repository, number)
    stacks = {each.stack for each in closed}
    for environment in {stack.environment_key for stack in stacks}:
        supersede(ports, [run for run in runs.held(environment) if run.stack in stacks])

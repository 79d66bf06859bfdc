"""Decides whether a stack is where its environment is; elsewhere nothing of it is touched. Pure."""

from __future__ import annotations

from gitbot.model.desired import Environment
from gitbot.model.names import region_of
from gitbot.model.recorded import RecordedStack


def elsewhere(recorded: RecordedStack, rules: Environment) -> str:
    """Why nothing of the stack is stopped or destroyed, as a clause; empty when it is in place.

    A connection to another region or account shows none of its objects: all would look deleted.
    """
    resources = recorded.resources.values()
    here = region_of(recorded.id.name, rules.region)
    regions = {recorded.id.region, *(one.region for one in resources)} - {here}
    accounts = {one.account for one in resources} - {rules.account}
    if regions:
        return _words("region", ", ".join(sorted(regions)), here)
    if accounts and rules.account is not None:
        return _words("account", ", ".join(sorted(accounts)), rules.account)
    return ""


def _words(what: str, where: str, now: str) -> str:
    return (
        f"it is in {what} {where}, and environment.yaml names {what} {now}: nothing of it is stopped, "
        f"started or destroyed until the file names {where} again"
    )

"""Make, change and delete the webhook of a project, which a spec has as ``Triggers``. Shell.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateWebhook.html
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_UpdateWebhook.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.asking import ask
from gitbot.providers.aws.table import Described, Properties, Update, shown
from gitbot.providers.aws.types.codebuild.family import CODEBUILD

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

TRIGGERS = "Triggers"
_SENDS = ("FilterGroups", "BuildType", "PullRequestBuildPolicy")
HANDLED = tuple(f"/{TRIGGERS}/{name}" for name in ("Webhook", *_SENDS))
REMOVALS = {
    f"/{TRIGGERS}/FilterGroups": Removal(default=[], says="every push and pull request is built"),
    f"/{TRIGGERS}/BuildType": Removal(default="BUILD", says="each event starts one build"),
}


def triggers_of(one: Described) -> dict[str, Any]:
    """The triggers of a described project, as a spec has them; never the webhook's secret."""
    webhook = one.get("Webhook")
    return {"Webhook": bool(webhook), **(shown(*_SENDS)(webhook) if webhook else {})}


def _wanted(values: Properties) -> Mapping[str, Any]:
    """The triggers for which there is to be a webhook; nothing for none."""
    wanted: Mapping[str, Any] = values.get(TRIGGERS) or {}
    return wanted if wanted.get("Webhook") else {}


def _needless(values: Properties, one: Described) -> Properties:
    """A webhook that goes. No call takes filters away, so one that loses them is made again."""
    wanted, has = _wanted(values), one.get("Webhook") or {}
    stays = bool(wanted.get("FilterGroups")) or not has.get("FilterGroups")
    return {} if not has or (wanted and stays) else {"ProjectName": one["Name"]}


def _sent(values: Properties, one: Described) -> Properties:
    given = {key: value for key, value in _wanted(values).items() if key in _SENDS and value}
    return {"ProjectName": one["Name"], **given}


def _changed(values: Properties, one: Described) -> Properties:
    return _sent(values, one) if _wanted(values) and one.get("Webhook") else {}


def _missing(values: Properties, one: Described) -> Properties:
    return _sent(values, one) if _wanted(values) and not one.get("Webhook") else {}


def delete_webhook(aws: Connection, one: Described) -> None:
    """Delete the webhook, if the project has one: the repository would go on to call it."""
    if one.get("Webhook"):
        ask(aws, CODEBUILD, "delete_webhook", ProjectName=one["Name"])


BEFORE = Update(call="delete_webhook", sends=(TRIGGERS,), parameters=_needless)
"""What is done before the project changes: its new source may be none that has webhooks."""
AFTER = (
    Update(call="update_webhook", sends=(TRIGGERS,), parameters=_changed),
    Update(call="create_webhook", sends=(TRIGGERS,), parameters=_missing),
)
NO_TRIGGERS = Removal(default={"Webhook": False}, says="nothing that is pushed starts a build")

"""The table of the fields of an Environment. Pure."""

from __future__ import annotations

from typing import Final

from gitbot.decisions.commands.table import TABLE
from gitbot.language.drift_fields import ENVIRONMENT_DRIFT
from gitbot.language.expiry import ENVIRONMENT_TTL
from gitbot.language.field_shapes import (
    KEY,
    LATER,
    NAME,
    REGION,
    TAGS,
    Anything,
    Field,
    Flag,
    ListOf,
    MapOf,
    Parsed,
    Record,
    Text,
    document,
)
from gitbot.language.freeze_windows import FREEZE, TEAM
from gitbot.language.hours import OFFHOURS
from gitbot.language.lookup_fields import LOOKUP_RULE
from gitbot.language.pins import PIN_PATTERN, PIN_RULE
from gitbot.language.promotion_fields import PROMOTES_FROM
from gitbot.language.time.zones import ZONE_RULE, read_zone
from gitbot.model.desired import ChangedPlan, Permission, Requirement, Trigger

_ARN = Text(
    pattern=r"arn:[a-z0-9-]+:iam::[0-9]{12}:role/.+",
    rule="the ARN of an IAM role, arn:aws:iam::<account>:role/<name>",
)
SECRET_PATTERN: Final = Text(
    pattern=r"(ssm|secretsmanager):[^\x00-\x20\x7f]{1,1100}",
    rule="ssm: or secretsmanager: and a name, in which * stands for anything: ssm:/dev/*",
)

GRANT: Final = Record(
    fields={
        "permission": Field(
            shape=Text(
                choices=tuple(right.value for right in Permission if right is not Permission.NONE)
            ),
            doc="Everybody with at least this permission on the repository may.",
        ),
        "users": Field(
            shape=ListOf(item=Text(pattern=r"[A-Za-z0-9][A-Za-z0-9-]*", rule="a GitHub login")),
            doc="GitHub logins that may too.",
        ),
        "teams": Field(
            shape=ListOf(item=TEAM),
            doc="GitHub teams, organisation/team, that may too.",
        ),
    }
)

ENVIRONMENT: Final = document(
    "Environment",
    Record(fields={"name": Field(shape=NAME, required=True, doc="The name of its folder.")}),
    Record(
        fields={
            "region": Field(
                shape=REGION,
                required=True,
                doc="The AWS region.",
            ),
            "account": Field(
                shape=Text(pattern=r"[0-9]{12}", rule="twelve digits, quoted"),
                doc="The AWS account; checked before the first call.",
            ),
            "roles": Field(
                shape=Record(
                    fields={
                        "plan": Field(shape=_ARN, doc="The read-only role that plans assume."),
                        "apply": Field(shape=_ARN, doc="The role that applies assume."),
                    }
                ),
                doc="IAM roles; without them the server's own identity is used.",
            ),
            "variables": Field(
                shape=MapOf(key=KEY, value=Anything()), doc="Plain values; env.<name>."
            ),
            "deleteOnRemove": Field(
                shape=Flag(),
                doc="false: what leaves the specs stays in the cloud; lifecycle.retain wins.",
            ),
            "tags": Field(shape=TAGS, doc="Tags of every taggable resource in the environment."),
            "apply": Field(
                shape=Record(
                    fields={
                        "on": Field(
                            shape=ListOf(item=Text(choices=tuple(one.value for one in Trigger))),
                            doc="What starts an apply: merge, comment or both (the default).",
                        ),
                        "changedPlan": Field(
                            shape=Text(choices=tuple(one.value for one in ChangedPlan)),
                            doc="hold (default) or apply a plan that differs from the reviewed one.",
                        ),
                    }
                ),
                doc="When and how applies start.",
            ),
            "requirements": Field(
                shape=ListOf(item=Text(choices=tuple(one.value for one in Requirement))),
                doc="What must hold before /apply on an open pull request; default no-conflict.",
            ),
            "permissions": Field(
                shape=Record(
                    fields={
                        verb.name: Field(
                            shape=GRANT,
                            doc=f"Who may say /{verb.name}; default: who may say /apply."
                            if verb.name != "apply"
                            else "Who may say /apply; default write.",
                        )
                        for verb in TABLE
                        if verb.needs_right
                    }
                ),
                doc="Who may give which command.",
            ),
            "timezone": Field(
                shape=Parsed(read=read_zone, rule=ZONE_RULE),
                doc="The time zone of times without one, such as Europe/Berlin; default UTC.",
            ),
            "promotesFrom": Field(
                shape=PROMOTES_FROM,
                doc="The environment before this one, whose changes are promoted to it.",
            ),
            "modules": Field(
                shape=Text(pattern=PIN_PATTERN, rule=PIN_RULE),
                doc="The commit whose modules/, templates/ and calendars/ are used; promotion moves it.",
            ),
            "drift": Field(shape=ENVIRONMENT_DRIFT, doc="How drift is looked for and told."),
            "freeze": Field(shape=FREEZE, doc="When what is not done, or only done."),
            "offhours": Field(
                shape=OFFHOURS, doc="When machines of stacks that say nothing are stopped."
            ),
            "budget": Field(shape=LATER, doc="What the environment may cost."),
            "ttl": Field(
                shape=ENVIRONMENT_TTL, doc="How long stacks live, and who is warned when."
            ),
            "lookups": Field(
                shape=ListOf(item=LOOKUP_RULE), doc="What specs may look up, and which attributes."
            ),
            "secrets": Field(
                shape=ListOf(item=SECRET_PATTERN),
                doc="Which secrets specs may name, such as ssm:/dev/*; * stands for anything.",
            ),
        }
    ),
)

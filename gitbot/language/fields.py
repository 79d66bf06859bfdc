"""The table of the fields of a Stack and an Environment. Pure.

The loader checks documents against it, and the JSON Schema for editors is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from gitbot.decisions.commands.table import TABLE
from gitbot.model.desired import ChangedPlan, Permission, Requirement, Trigger
from gitbot.model.schema import ReplaceOrder

API_VERSION: Final = "gitbot/v1"
VARIABLE_TYPES: Final = ("string", "number", "boolean", "list", "map", "cidr", "duration")
LATER_KINDS: Final = ("Module", "Policy")

NAME_PATTERN: Final = r"[a-z][a-z0-9-]{0,62}"
NAME_RULE: Final = "lower-case letters, digits and hyphens, starting with a letter, at most 63"
KEY_PATTERN: Final = r"[a-z][a-z0-9_]{0,62}"
KEY_RULE: Final = "lower-case letters, digits and underscores, starting with a letter, at most 63"

# Words that CEL reserves: https://github.com/google/cel-spec, langdef, "reserved".
CEL_WORDS: Final = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "namespace",
        "null",
        "package",
        "return",
        "true",
        "var",
        "void",
        "while",
    ]
)
SCOPE_ROOTS: Final = ("vars", "env", "stack", "each")
BUILT_IN_ENV: Final = ("name", "region", "account")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A plain string without expressions. ``code`` is the diagnostic of a wrong one."""

    pattern: str | None = None
    rule: str = ""
    choices: tuple[str, ...] = ()
    longest: int = 1024
    code: str = "bad-value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """``true`` or ``false``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anything:
    """Any value; expressions are evaluated where the documentation says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A field of a later version: using it is a diagnostic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """A list of strings. A string that is repeated counts once."""

    item: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOf:
    """A map with free keys."""

    value: Shape
    key: Text = Text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A map with known keys. A scalar in its place sets the field ``shorthand``."""

    fields: Mapping[str, Field]
    shorthand: str | None = None


Shape: TypeAlias = Text | Flag | Anything | Later | ListOf | MapOf | Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key of a ``Record``."""

    shape: Shape
    doc: str
    required: bool = False


# A pattern and not a list of regions: a region that AWS opens tomorrow works.
_REGION = (
    r"[a-z]{2,4}(-[a-z]{2,4})?"
    r"-(north|south|east|west|central|northeast|northwest|southeast|southwest)-[0-9]{1,2}"
)
_NAME = Text(pattern=NAME_PATTERN, rule=NAME_RULE, code="bad-name")
_KEY = Text(pattern=KEY_PATTERN, rule=KEY_RULE, code="bad-name")
_PROSE = Text(longest=2000)
_TAG_KEY = Text(longest=128, pattern=r"(?s).+", rule="1 to 128 characters")
_TAGS = MapOf(key=_TAG_KEY, value=Text(longest=256))
_ARN = Text(
    pattern=r"arn:[a-z0-9-]+:iam::[0-9]{12}:role/.+",
    rule="the ARN of an IAM role, arn:aws:iam::<account>:role/<name>",
)
_POINTER = Text(pattern=r"(?s)(/.+)", rule="a JSON pointer such as /Tags or /Rules/0/Status")
_LATER = Later()

VARIABLE: Final = Record(
    fields={
        "type": Field(
            shape=Text(choices=VARIABLE_TYPES),
            required=True,
            doc="string, number, boolean, list, map, cidr or duration.",
        ),
        "default": Field(
            shape=Anything(), doc="The value when spec.values gives none; may use ${env.…}."
        ),
        "enum": Field(shape=Anything(), doc="A list of the only values that are allowed."),
        "pattern": Field(
            shape=_PROSE, doc="A regular expression that a string value matches as a whole."
        ),
        "description": Field(shape=_PROSE, doc="What the variable is for."),
        "sensitive": Field(
            shape=Flag(), doc="Never show the value, nor anything made from it, and never store it."
        ),
    }
)

LIFECYCLE: Final = Record(
    fields={
        "protect": Field(shape=Flag(), doc="Refuse every plan that deletes or replaces it."),
        "ignoreChanges": Field(
            shape=ListOf(item=_POINTER),
            doc="JSON pointers of properties that gitbot leaves as they are.",
        ),
        "replace": Field(
            shape=Text(choices=tuple(order.value for order in ReplaceOrder)),
            doc="Whether a replacement creates first or deletes first.",
        ),
        "retain": Field(shape=Flag(), doc="Leave the object in the cloud when it leaves the spec."),
        "emptyOnDelete": Field(
            shape=Flag(), doc="Delete a bucket's objects, all versions, before the bucket."
        ),
        "dependsOn": Field(
            shape=ListOf(item=Text(longest=63)), doc="Resources that must exist before this one."
        ),
        "moved": Field(
            shape=Text(longest=200), doc="The key that the resource had before it was renamed."
        ),
        "import": Field(
            shape=Text(longest=2048), doc="The identifier of an existing object to adopt."
        ),
        "onExpiry": Field(shape=_LATER, doc="What expiry does with a stateful resource."),
    }
)

RESOURCE: Final = Record(
    fields={
        "type": Field(
            shape=Text(longest=200), required=True, doc="The CloudFormation type, AWS::S3::Bucket."
        ),
        "properties": Field(
            shape=MapOf(value=Anything()),
            doc="Properties as CloudFormation names them; expressions are evaluated.",
        ),
        "lifecycle": Field(shape=LIFECYCLE, doc="How changes of this resource are made."),
        "module": Field(shape=_LATER, doc="A module instead of a resource type."),
        "forEach": Field(shape=_LATER, doc="One copy per entry."),
        "values": Field(shape=_LATER, doc="Values for the module."),
    }
)

OUTPUT: Final = Record(
    shorthand="value",
    fields={
        "value": Field(
            shape=Anything(), required=True, doc="The value; expressions are evaluated."
        ),
        "sensitive": Field(shape=Flag(), doc="Never show and never store the value."),
        "description": Field(shape=_PROSE, doc="What the output is for."),
    },
)


def _document(kind: str, metadata: Record, spec: Record) -> Record:
    return Record(
        fields={
            "apiVersion": Field(
                shape=Text(choices=(API_VERSION,)),
                required=True,
                doc="The version of the language.",
            ),
            "kind": Field(shape=Text(choices=(kind,)), required=True, doc="The kind of document."),
            "metadata": Field(shape=metadata, required=True, doc="The document's name."),
            "spec": Field(shape=spec, required=True, doc="What is wanted."),
        }
    )


STACK: Final = _document(
    "Stack",
    Record(
        fields={
            "name": Field(shape=_NAME, required=True, doc=f"The stack's name: {NAME_RULE}."),
            "labels": Field(
                shape=_TAGS, doc="Become tags on every taggable resource; stack.labels.<name>."
            ),
            "moved": Field(shape=_NAME, doc="The name that the stack had before it was renamed."),
        }
    ),
    Record(
        fields={
            "variables": Field(
                shape=MapOf(key=_KEY, value=VARIABLE), doc="Declarations; vars.<name>."
            ),
            "values": Field(
                shape=MapOf(key=_KEY, value=Anything()),
                doc="Values of variables; may use ${env.…} and ${stack.…}.",
            ),
            "resources": Field(
                shape=MapOf(key=_KEY, value=RESOURCE),
                required=True,
                doc="The resources by key; the key is the resource's address.",
            ),
            "outputs": Field(
                shape=MapOf(key=_KEY, value=OUTPUT), doc="Values that are shown after an apply."
            ),
            "ttl": Field(shape=_LATER, doc="When the stack expires."),
            "expires": Field(shape=_LATER, doc="When the stack expires."),
            "offhours": Field(shape=_LATER, doc="When instances are stopped."),
        }
    ),
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
            shape=ListOf(item=Text(pattern=r"[^/\s]+/[^/\s]+", rule="organisation/team")),
            doc="GitHub teams, organisation/team, that may too.",
        ),
    }
)

ENVIRONMENT: Final = _document(
    "Environment",
    Record(fields={"name": Field(shape=_NAME, required=True, doc="The name of its folder.")}),
    Record(
        fields={
            "region": Field(
                shape=Text(pattern=_REGION, rule="a region such as us-east-1 or eu-west-2"),
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
                shape=MapOf(key=_KEY, value=Anything()), doc="Plain values; env.<name>."
            ),
            "tags": Field(shape=_TAGS, doc="Tags of every taggable resource in the environment."),
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
            "promotesTo": Field(shape=_LATER, doc="The next environment."),
            "drift": Field(shape=_LATER, doc="How often drift is looked for."),
            "freeze": Field(shape=_LATER, doc="When nothing is applied."),
            "budget": Field(shape=_LATER, doc="What the environment may cost."),
            "ttl": Field(shape=_LATER, doc="How long experiments may live."),
            "secrets": Field(shape=_LATER, doc="Which secrets specs may name."),
        }
    ),
)

KINDS: Final[Mapping[str, Record]] = {"Stack": STACK, "Environment": ENVIRONMENT}

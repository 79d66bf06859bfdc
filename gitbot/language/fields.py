"""The table of the fields of a Stack, and of all kinds of documents. Pure.

The loader checks documents against it, and the JSON Schema for editors is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gitbot.language.drift_fields import STACK_DRIFT
from gitbot.language.environment_fields import ENVIRONMENT
from gitbot.language.expiry import STACK_EXPIRY
from gitbot.language.field_shapes import (
    ADDRESS,
    KEY,
    NAME,
    NAME_PATTERN,
    NAME_RULE,
    PROSE,
    REGION,
    REGION_PATTERN,
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
from gitbot.language.hours import OWN_OFFHOURS, STACK_HOURS
from gitbot.language.lifecycle_fields import CONDITION, LIFECYCLE
from gitbot.language.lookup_fields import LOOKUP
from gitbot.language.placement_fields import PLACEMENT_FIELDS
from gitbot.language.variable_types import FITS, read_type

VARIABLE_TYPES: Final = tuple(FITS)
LATER_KINDS: Final = ("Policy",)


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
SCOPE_ROOTS: Final = (
    "vars",
    "env",
    "stack",
    "each",
    "locals",
    "lookups",
    "stacks",
    "secret",
    "value",
    "self",
)
BUILT_IN_ENV: Final = ("name", "region", "account")


CHECK: Final = Record(
    fields={
        "that": Field(
            shape=Anything(), required=True, doc="An expression about value, true where it may be."
        ),
        "says": Field(shape=PROSE, required=True, doc="What is said where it is false."),
    }
)

VARIABLE: Final = Record(
    fields={
        "type": Field(
            shape=Parsed(
                read=read_type,
                rule="a type such as string, list<string> or object<name: string, days?: number>",
                pattern=f"(?:{'|'.join(VARIABLE_TYPES)})(?:<.*>)?",
                examples=(*VARIABLE_TYPES, "list<string>", "map<string>"),
            ),
            required=True,
            doc="string, number, boolean, list, map, object, cidr or duration; list<string>, "
            "map<number>, object<name: string, days?: number>.",
        ),
        "default": Field(
            shape=Anything(), doc="The value when spec.values gives none; may use ${env.…}."
        ),
        "enum": Field(shape=Anything(), doc="A list of the only values that are allowed."),
        "pattern": Field(
            shape=PROSE, doc="A regular expression that a string value matches as a whole."
        ),
        "check": Field(shape=CHECK, doc="What must hold for the value."),
        "description": Field(shape=PROSE, doc="What the variable is for."),
        "sensitive": Field(
            shape=Flag(), doc="Never show the value, nor anything made from it, and never store it."
        ),
    }
)

_LOGICAL: Final = Text(
    pattern=r"[A-Za-z][A-Za-z0-9_]{0,254}",
    rule="letters and digits, starting with a letter, at most 255",
    code="bad-name",
)

RESOURCE: Final = Record(
    instead="module",
    fields={
        "type": Field(
            shape=Text(longest=200), required=True, doc="The CloudFormation type, AWS::S3::Bucket."
        ),
        "properties": Field(
            shape=MapOf(value=Anything()),
            doc="Properties as CloudFormation names them; expressions are evaluated.",
        ),
        "lifecycle": Field(shape=LIFECYCLE, doc="How changes of this resource are made."),
        "offhours": Field(
            shape=OWN_OFFHOURS, doc="When this machine is stopped, if not as the stack says."
        ),
        "placement": Field(
            shape=PLACEMENT_FIELDS,
            doc="As what machine it is started, and where: choices that are tried in order.",
        ),
        "module": Field(
            shape=Text(longest=200),
            doc="A module in place of a type: modules/<name> of this repository, or "
            "templates/<file>, a template of CloudFormation.",
        ),
        "values": Field(
            shape=MapOf(key=_LOGICAL, value=Anything()), doc="The values of the module's variables."
        ),
        "forEach": Field(
            shape=Anything(),
            doc="A map, or a list of different strings: one copy for each; each.key and each.value.",
        ),
        "when": Field(shape=Anything(), doc="Whether there is any; true, false or an expression."),
    },
)

OUTPUT: Final = Record(
    shorthand="value",
    fields={
        "value": Field(
            shape=Anything(), required=True, doc="The value; expressions are evaluated."
        ),
        "sensitive": Field(shape=Flag(), doc="Never show and never store the value."),
        "description": Field(shape=PROSE, doc="What the output is for."),
    },
)


MOVE: Final = Record(
    fields={
        "from": Field(shape=ADDRESS, required=True, doc="The address that it had before."),
        "to": Field(
            shape=ADDRESS,
            required=True,
            doc="The address that it has now: a resource, a copy, or a module with all in it.",
        ),
    }
)
REMOVAL: Final = Record(
    fields={
        "from": Field(shape=ADDRESS, required=True, doc="The address that it had."),
        "keep": Field(shape=Flag(), doc="Leave the object in the cloud, and forget it."),
    }
)

IMPORT: Final = Record(
    fields={
        "to": Field(
            shape=ADDRESS,
            required=True,
            doc="The address of one resource, also of a copy or inside a module.",
        ),
        "id": Field(
            shape=Text(longest=2048), required=True, doc="The identifier of the existing object."
        ),
    }
)

BODY: Final[Mapping[str, Field]] = {
    "variables": Field(shape=MapOf(key=KEY, value=VARIABLE), doc="Declarations; vars.<name>."),
    "locals": Field(
        shape=MapOf(key=KEY, value=Anything()),
        doc="Values with a name, to write them once; locals.<name>.",
    ),
    "lookups": Field(
        shape=MapOf(key=KEY, value=LOOKUP),
        doc="What is read of the cloud and not managed; lookups.<name>.<attribute>.",
    ),
    "resources": Field(
        shape=MapOf(key=KEY, value=RESOURCE),
        required=True,
        doc="The resources and modules by key; the key is the resource's address.",
    ),
    "moved": Field(
        shape=ListOf(item=MOVE),
        doc="Former addresses of what has another one now, so that it is kept.",
    ),
    "removed": Field(
        shape=ListOf(item=REMOVAL), doc="Addresses that are gone, and whether their objects stay."
    ),
    "checks": Field(
        shape=MapOf(key=KEY, value=CONDITION),
        doc="What is told, and stops nothing, where it does not hold.",
    ),
    "outputs": Field(
        shape=MapOf(key=KEY, value=OUTPUT),
        doc="Values that are shown after an apply, and that who uses the module can read.",
    ),
}
"""What a stack and a module have in common: a stack is the outermost module."""

TEMPLATE: Final = Record(
    fields={
        name: Field(shape=MapOf(key=_LOGICAL, value=shape.value), doc=BODY[name].doc)
        for name in ("variables", "locals", "lookups", "resources", "outputs")
        if isinstance(shape := BODY[name].shape, MapOf)
    }
)
"""The spec that a template of CloudFormation becomes: its names are those of the template."""

MODULE: Final = document(
    "Module",
    Record(
        fields={
            "name": Field(shape=NAME, required=True, doc=f"The module's name: {NAME_RULE}."),
            "description": Field(shape=PROSE, doc="What the module is for."),
        }
    ),
    Record(fields=BODY),
)

STACK: Final = document(
    "Stack",
    Record(
        fields={
            "name": Field(shape=NAME, required=True, doc=f"The stack's name: {NAME_RULE}."),
            "labels": Field(
                shape=TAGS, doc="Become tags on every taggable resource; stack.labels.<name>."
            ),
            "moved": Field(
                shape=Text(
                    pattern=f"{NAME_PATTERN}(@{REGION_PATTERN})?", rule=NAME_RULE, code="bad-name"
                ),
                doc="The name that the stack had before it was renamed.",
            ),
        }
    ),
    Record(
        fields={
            **BODY,
            "imports": Field(
                shape=ListOf(item=IMPORT),
                doc="Existing objects to adopt, by address, where lifecycle.import cannot say it.",
            ),
            "values": Field(
                shape=MapOf(key=KEY, value=Anything()),
                doc="Values of variables; may use ${env.…} and ${stack.…}.",
            ),
            "regions": Field(
                shape=ListOf(item=REGION),
                doc="The regions in which the stack is there, once in each; default that of the "
                "environment.",
            ),
            "drift": Field(shape=STACK_DRIFT, doc="Whether drift is looked for; default yes."),
            **STACK_EXPIRY,
            "promote": Field(
                shape=Flag(),
                doc="Whether changes are promoted to the next environment; default true, and false "
                "for a stack with a `ttl` or `expires` of its own.",
            ),
            **STACK_HOURS,
        }
    ),
)

KINDS: Final[Mapping[str, Record]] = {
    "Stack": STACK,
    "Environment": ENVIRONMENT,
    "Module": MODULE,
}

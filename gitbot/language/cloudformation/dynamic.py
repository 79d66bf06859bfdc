"""Writes CloudFormation's dynamic references, ``{{resolve:ssm:/path}}``, as calls of ``secret()``. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import re
from typing import Final

from gitbot.language.choices import quoted_text
from gitbot.language.cloudformation.coercing import escaped
from gitbot.language.templates import Expression, parse_template

_REFERENCE: Final = re.compile(r"\{\{resolve:([^{}]*)\}\}")
_MARK: Final = re.compile("\0([0-9]+)\0")
_CURRENT: Final = "AWSCURRENT"
_FORMS: Final = (
    "{{resolve:ssm:name}}, {{resolve:ssm-secure:name}} or "
    "{{resolve:secretsmanager:name:SecretString:key}}"
)


class DynamicError(Exception):
    """A dynamic reference that gitbot cannot write: what is wrong, and how to mend it."""

    def __init__(self, detail: str, fix: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fix = fix


def has_dynamic(text: str) -> bool:
    """Whether the text has a whole dynamic reference."""
    return "{{resolve:" in text and "}}" in text


def resolved(template: str) -> str:
    """The template of a scalar, with each dynamic reference as a call of ``secret()``.

    Raises:
        DynamicError: one cannot be written.
        ExpressionError: the template cannot be read.
    """
    parts = parse_template(template).parts
    expressions = [one for one in parts if isinstance(one, Expression)]
    marked, number = "", 0
    for one in parts:
        if isinstance(one, Expression):
            marked, number = f"{marked}\0{number}\0", number + 1
        else:
            marked += one.replace("\0", "")
    made, at = "", 0
    for found in _REFERENCE.finditer(marked):
        made += _opened(marked[at : found.start()], expressions)
        made += f"${{secret({_cel(_name(found[1]), expressions)})}}"
        at = found.end()
    return made + _opened(marked[at:], expressions)


def _name(inside: str) -> str:
    """What ``secret()`` calls the secret; marks stand for expressions."""
    service, _, rest = inside.partition(":")
    if service in ("ssm", "ssm-secure") and rest:
        return f"ssm:{rest}"
    if service != "secretsmanager" or not rest:
        raise DynamicError(
            f"{{{{resolve:{_shown(inside)}}}}} is no dynamic reference.", f"Write {_FORMS}."
        )
    parts = rest.split(":")
    # An ARN has colons of its own: arn:aws:secretsmanager:region:account:secret:name.
    length = 7 if parts[0] == "arn" else 1
    secret, more = ":".join(parts[:length]), [*parts[length:], "", "", "", ""][:4]
    kind, key, stage, version = more
    if kind not in ("", "SecretString"):
        raise DynamicError(
            f"It reads {_shown(kind)} of a secret, which is no text.", "Write SecretString there."
        )
    if version and stage:
        raise DynamicError(
            "It names a stage and a version of a secret; CloudFormation takes only one of them.",
            "Leave one of them out.",
        )
    which = version or ("" if stage == _CURRENT else stage)
    return f"secretsmanager:{secret}{f':{which}' if which else ''}{f'#{key}' if key else ''}"


def _shown(text: str) -> str:
    return _MARK.sub("…", text)


def _opened(marked: str, expressions: list[Expression]) -> str:
    """The template with its expressions in it again."""
    pieces = _MARK.split(marked)
    return "".join(
        f"${{{expressions[int(one)].text}}}" if number % 2 else escaped(one)
        for number, one in enumerate(pieces)
    )


def _cel(marked: str, expressions: list[Expression]) -> str:
    """The CEL text of a text with expressions in it."""
    pieces = _MARK.split(marked)
    terms = [
        f"string({expressions[int(one)].text})" if number % 2 else quoted_text(one)
        for number, one in enumerate(pieces)
        if number % 2 or one
    ]
    return " + ".join(terms)

"""Splits scalars at ``${…}`` and compiles their expressions, once for each text. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from typing import Any, Final

from gitbot.language.cel_library import cel
from gitbot.language.cel_syntax import Told, reading
from gitbot.language.fields import CEL_WORDS
from gitbot.language.functions import IN_ORDER, OWN_FUNCTIONS
from gitbot.language.scanner import Names, end_of_expression, in_order, scan
from gitbot.language.secret_calls import SECRET, secret_arguments
from gitbot.model.text_problem import TextProblemError

LONGEST_EXPRESSION: Final = 20_000
_LONGEST_REMEMBERED = 1000
_OPTIONAL: Final = frozenset(
    ("of", "none", "ofNonZeroValue", "orValue", "hasValue", "optMap", "optFlatMap")
)
FUNCTIONS: Final = OWN_FUNCTIONS.keys() | frozenset(
    {
        SECRET,
        "all",
        "bytes",
        "contains",
        "double",
        "duration",
        "dyn",
        "endsWith",
        "exists",
        "existsOne",
        "exists_one",
        "filter",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getDayOfYear",
        "getFullYear",
        "getHours",
        "getMilliseconds",
        "getMinutes",
        "getMonth",
        "getSeconds",
        "has",
        "int",
        "map",
        "matches",
        "size",
        "startsWith",
        "string",
        "timestamp",
        "type",
        "uint",
    }
)
# A backslash that begins none of CEL's escapes.
_BACKSLASH = re.compile(r"\\[^abfnrtvxXuU0-7\\'\"`?]")
_WHOLE_SELECTION = re.compile(r"\$\{\s*[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*\s*\}\Z")
_SELECTION = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\.([A-Za-z_][A-Za-z0-9_]*)\s*\Z")


class ExpressionError(Exception):
    """An expression cannot be read or evaluated. ``code`` is the code of its diagnostic."""

    def __init__(self, code: str, detail: str, fix: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.fix = fix


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """The text between ``${`` and ``}``, compiled.

    For a plain ``root.name``, ``selection`` holds the two names and ``program`` is None. ``secrets``
    are the expressions that name secrets: what stands in ``secret(…)``.
    """

    text: str
    program: Any
    names: Names
    selection: tuple[str, str] | None
    secrets: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One scalar. ``parts`` are its literal strings and its expressions, in order."""

    text: str
    parts: tuple[str | Expression, ...]
    names: Names

    @property
    def single(self) -> Expression | None:
        """The expression, when the scalar is nothing else: its value then keeps its type."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only if isinstance(only, Expression) else None

    @property
    def selection(self) -> tuple[str, str] | None:
        """The two names, when the scalar is nothing but a plain ``${root.name}``."""
        single = self.single
        return None if single is None else single.selection


def has_template(text: str) -> bool:
    """Whether the scalar holds ``${``, as an expression or escaped."""
    return "${" in text


def parse_template(text: str) -> Template:
    """The scalar, split into its parts. Results for short texts are cached.

    Raises:
        ExpressionError: an expression is not closed, too long, or not valid CEL.
    """
    return _remembered(text) if len(text) <= _LONGEST_REMEMBERED else _parse(text)


def _parse(text: str) -> Template:
    if len(text) < LONGEST_EXPRESSION and _WHOLE_SELECTION.match(text):
        whole = compile_expression(text[2:-1])
        return Template(text=text, parts=(whole,), names=whole.names)
    parts: list[str | Expression] = []
    literal = ""
    at = 0
    while at < len(text):
        if text.startswith("$${", at):
            literal += "${"
            at += 3
        elif text.startswith("${", at):
            end = end_of_expression(text, at + 2)
            if end is None:
                raise ExpressionError(
                    "bad-expression",
                    f'The expression that starts with "{text[at : at + 40]}" is never closed.',
                    'Close it with "}", or write "$${" for a literal "${".',
                )
            if literal:
                parts.append(literal)
                literal = ""
            parts.append(compile_expression(text[at + 2 : end]))
            at = end + 1
        else:
            following = text.find("$", at + 1)
            stop = len(text) if following < 0 else following
            literal += text[at:stop]
            at = stop
    if literal:
        parts.append(literal)
    found = [part.names for part in parts if isinstance(part, Expression)]
    names = reduce(or_, found) if found else Names()
    return Template(text=text, parts=tuple(parts), names=names)


_remembered = lru_cache(maxsize=20_000)(_parse)


def compile_expression(text: str) -> Expression:
    """The compiled CEL text.

    Raises:
        ExpressionError: it is too long, not valid CEL, or calls an unknown function.
    """
    if len(text) > LONGEST_EXPRESSION:
        raise ExpressionError(
            "bad-expression",
            f"An expression has {len(text)} characters; at most {LONGEST_EXPRESSION} are allowed.",
            "Split it up, or write the value out.",
        )
    selection = _selection(text)
    if selection is not None:
        # Most expressions are like this, and compiling one would take longer than everything else.
        names = Names(paths=frozenset({selection}), selected=frozenset({selection}))
        return Expression(text=text, program=None, names=names, selection=selection)
    names = scan(text)
    _refuse_functions(names, text)
    secrets = _secrets(text) if SECRET in names.called else ()
    try:
        program = cel.compile(in_order(text, IN_ORDER))
    except ValueError as error:
        why, fix = _reason(_as_written(text) or str(error))
        raise ExpressionError(
            "bad-expression",
            f"{show(text)} is not a CEL expression: {why}.",
            _habit(text) or _otherwise(text) or fix or _fix(text),
        ) from None
    return Expression(text=text, program=program, names=names, selection=None, secrets=secrets)


def _as_written(text: str) -> str:
    """What the library says of the text itself, whose characters people can count; empty if nothing."""
    try:
        cel.compile(text)
    except ValueError as error:
        return str(error)
    return ""


def _secrets(text: str) -> tuple[Expression, ...]:
    try:
        return tuple(compile_expression(argument) for argument in secret_arguments(text))
    except TextProblemError as error:
        raise ExpressionError(
            "bad-secret", f"{show(text)} cannot be read. {error.detail}", error.fix
        ) from None


def _fix(text: str) -> str:
    if _BACKSLASH.search(text):
        return (
            "In '…' and '''…''' a backslash begins an escape such as \\n. Write r before the quotes to "
            "keep every backslash as it is: r'''…''' (docs/specs.md, \"Expressions\")."
        )
    return 'Correct it (docs/specs.md, "Expressions"), or write "$${" for a literal "${".'


def _selection(text: str) -> tuple[str, str] | None:
    """The two names of a plain ``root.name``; None for any other text."""
    found = _SELECTION.match(text)
    if found is None or not CEL_WORDS.isdisjoint(found.groups()):
        return None
    return found[1], found[2]


def _refuse_functions(names: Names, text: str) -> None:
    for name in sorted(names.called - FUNCTIONS):
        raise ExpressionError(
            "unknown-name",
            f"{show(text)} calls {name}(), which is not a function of the language.",
            _otherwise(text, name in _OPTIONAL)
            or f'Use one of {", ".join(sorted(FUNCTIONS))}; or write "$${{" for a literal "${{".',
        )


def _otherwise(text: str, optional: bool = False) -> str:
    """How to write what CEL's optional syntax writes; empty if the text does not use it."""
    if not (optional or ".?" in text or "[?" in text):
        return ""
    return 'Ask whether the key is there: "key" in map ? map.key : otherwise. There is no optional syntax here.'


def _habit(text: str) -> str:
    """How to write what Terraform writes as ``var.name``; empty if the text does not."""
    found = re.search(r"(?<![\w.])var\.(\w+)", text)
    return f"Write ${{vars.{found[1]}}}: a stack's variables are called vars." if found else ""


def show(text: str) -> str:
    """The expression for a message: on one line, shortened."""
    flat = " ".join(text.split())
    return f"${{{flat[:60]}…}}" if len(flat) > 60 else f"${{{flat}}}"


def _reason(message: str) -> Told:
    """Why the text is no expression, with the place, and how to put that right, or empty."""
    # The library prints the whole expression with an arrow below it. The text after
    # "ERROR: <input>:1:4: " is the reason.
    found = re.search(r"ERROR: <input>:\d+:(\d+): ([^\n]*)", message)
    if not found:
        return reading(message)
    why, fix = reading(found[2])
    return f"{why} (at its character {found[1]})", fix

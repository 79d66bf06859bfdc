"""Checks values against a JSON Schema, compiled on first use. Unknown leaves fit. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from gitbot.model.values import Unknown

Step: TypeAlias = str | int
_DEFINITIONS = "#/definitions/"
_MOST_REMEMBERED: Final = 256
_LONGEST_REMEMBERED: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaError:
    """One way in which a value does not fit.

    ``limit`` is the schema's value of ``keyword``. ``key`` is the property that is missing or not
    known. ``path`` leads from the checked value to ``instance``. For ``anyOf`` and ``oneOf``,
    ``context`` holds the errors of all alternatives; ``branch`` numbers the alternative of each.
    """

    keyword: str
    instance: Any
    limit: Any
    schema: Mapping[str, Any]
    message: str = ""
    key: str = ""
    path: tuple[Step, ...] = ()
    branch: int = 0
    context: tuple[SchemaError, ...] = ()


Errors: TypeAlias = list[SchemaError]
Check: TypeAlias = Callable[[Any, Errors], None]
"""Appends an error for each misfit of a value."""


class Validator:
    """Checks values against one schema.

    A schema is compiled when a value first reaches it, because a stack uses few of the hundreds of
    properties that a type has. For each kind of value it remembers the checks that such a value can
    fail: for a text where a text is wanted, these are often none. It remembers short texts that fit, too,
    because the same few zones, sizes and blocks of addresses stand in many resources.
    """

    __slots__ = ("_by_kind", "_checks", "_document", "_fitting", "_schema")

    def __init__(self, schema: Mapping[str, Any], document: SchemaDocument) -> None:
        self._schema = schema
        self._document = document
        self._checks: tuple[tuple[str, Any, Check], ...] | None = None
        self._by_kind: dict[type, tuple[Check, ...]] = {Unknown: ()}
        self._fitting: set[str] = set()

    def add_errors(self, value: Any, found: Errors) -> None:
        """Append an error for each misfit of the value, in the order of the schema."""
        kind = type(value)
        checks = self._by_kind.get(kind)
        if checks is None:
            checks = self._checks_for(kind)
        if kind is str and checks:
            if value not in self._fitting:
                self._add_errors_of_text(value, checks, found)
            return
        for check in checks:
            check(value, found)

    def _add_errors_of_text(self, text: str, checks: tuple[Check, ...], found: Errors) -> None:
        before = len(found)
        for check in checks:
            check(text, found)
        if len(found) == before and len(text) <= _LONGEST_REMEMBERED:
            if len(self._fitting) >= _MOST_REMEMBERED:
                self._fitting.clear()
            self._fitting.add(text)

    def _checks_for(self, kind: type) -> tuple[Check, ...]:
        if self._checks is None:
            self._checks = self._document.compile(self._schema)
        concerns = self._document.concerns
        found = tuple(
            check for keyword, limit, check in self._checks if concerns(keyword, limit, kind)
        )
        self._by_kind[kind] = found
        return found

    def add_errors_below(self, value: Any, step: Step, found: Errors) -> None:
        """Append the errors of a value that is at ``step`` of the value being checked."""
        before = len(found)
        self.add_errors(value, found)
        put_below(step, found, before)

    def errors(self, value: Any) -> Errors:
        """The errors of the value."""
        found: Errors = []
        self.add_errors(value, found)
        return found

    def accepts(self, value: Any) -> bool:
        """Whether the value has no error."""
        return not self.errors(value)


def put_below(step: Step, found: Errors, first: int) -> None:
    """Put ``step`` in front of the path of every error from index ``first`` on."""
    found[first:] = [replace(one, path=(step, *one.path)) for one in found[first:]]


Keyword: TypeAlias = Callable[[Any, Mapping[str, Any], "SchemaDocument"], Check]
"""Makes the check of a keyword from the keyword's value, its schema, and the document."""

Concerns: TypeAlias = Callable[[str, Any, type], bool]
"""Whether a value of just this type can misfit a keyword with this value."""


class SchemaDocument:
    """A whole schema, whose references it looks up. Unknown keywords are ignored."""

    def __init__(
        self, schema: Mapping[str, Any], keywords: Mapping[str, Keyword], concerns: Concerns
    ) -> None:
        self._schema = schema
        self._keywords = keywords
        self.concerns = concerns
        self._referenced: dict[str, Validator] = {}

    def root(self) -> Validator:
        """The validator of the whole schema."""
        return self.below(self._schema)

    def below(self, schema: Any) -> Validator:
        """The validator of a part of the schema; of its target when the part is a reference.

        A reference to anything but a definition of this schema accepts every value.
        """
        if not isinstance(schema, Mapping):
            return Validator({}, self)
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return Validator(schema, self)
        if reference not in self._referenced:
            # Stored before the definition is compiled, which may refer to itself.
            name = reference.removeprefix(_DEFINITIONS)
            target = self._schema.get("definitions", {}).get(name)
            is_known = reference.startswith(_DEFINITIONS) and isinstance(target, Mapping)
            if is_known and isinstance(target.get("$ref"), str):
                return self.below(target)
            self._referenced[reference] = Validator(target if is_known else {}, self)
        return self._referenced[reference]

    def compile(self, schema: Mapping[str, Any]) -> tuple[tuple[str, Any, Check], ...]:
        """The schema's keywords, their values and their checks, in the order of the schema."""
        return tuple(
            (keyword, limit, self._keywords[keyword](limit, schema, self))
            for keyword, limit in schema.items()
            if keyword in self._keywords
        )

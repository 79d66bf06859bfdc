"""Writes a template as a stack or module that says the same, with comments on what it could not say. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from gitbot.language.adopted_secrets import explained
from gitbot.language.choices import UNREADABLE, spelled
from gitbot.language.cloudformation.adopting import Adopted, RunningStack, adopted
from gitbot.language.cloudformation.names import Spell
from gitbot.language.cloudformation.reader import read_template
from gitbot.language.cloudformation.rewriting import as_specs_say_it
from gitbot.language.cloudformation.sam import Translator, translated
from gitbot.language.cloudformation.secret_parameters import (
    apart,
    secret_parameters,
    withhold,
    withhold_texts,
)
from gitbot.language.cloudformation.sections import write_spec
from gitbot.language.editing.blocks import Habits, value_lines
from gitbot.language.field_shapes import API_VERSION
from gitbot.language.fields import CEL_WORDS, SCOPE_ROOTS
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems
from gitbot.language.templates import ExpressionError, parse_template
from gitbot.language.types import Types
from gitbot.model.diagnostic import Diagnostic

_HABITS = Habits(line_break="\n", map_step=2, list_step=2)
_WIDEST = 98
_LEFT_OUT = "NOT CARRIED OVER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """The text of the document, and what is not in it. ``text`` is None where there is no template."""

    text: str | None
    lost: tuple[Diagnostic, ...]

    @property
    def left_out(self) -> int:
        """How many things the document says not to have."""
        return (self.text or "").count(f"# {_LEFT_OUT}")


def convert(
    text: str,
    *,
    name: str,
    kind: str,
    types: Types,
    file: str,
    environment: str = "",
    running: RunningStack | None = None,
    translator: Translator | None = None,
) -> Converted:
    """The template as a document of this ``kind``, Stack or Module, with this name.

    Names of the template are spelled as keys of specs are: ``PublicSubnet1`` is ``public_subnet1``.
    ``file`` is what the problems name. Objects of the ``running`` stack are imported. ``translator`` makes a
    plain template of one of SAM. Values of parameters and properties that are or may be secret are not written: a Stack names
    secrets in their place, for the ``environment`` where that is known.
    """
    problems = Problems(file=file)
    source = read_template(text, problems)
    plain = None if source is None else translated(source, translator, problems)
    if plain is None:
        return Converted(text=None, lost=tuple(problems.found))
    template = as_specs_say_it(plain)
    spell, spell_output = Spelling(), Spelling()  # outputs share no names with anything
    own = None if running is None or running.name == name else running.name
    spec = _plain(spelled(write_spec(template, types, problems, spell, own, spell_output)))
    known = adopted(running, plain, template) if running is not None else None
    if known is not None:
        _import(spec, known, spell)
    values: Mapping[str, str] = {} if running is None else running.parameters
    secret = [*map(spell, secret_parameters(plain, values)), *apart(spec, spell)]
    below = "".join(f"/{one}" for one in (environment, name) if one) if kind == "Stack" else ""
    named, unsaid = withhold(spec, secret, [*map(spell, values)], below)
    if below:
        named += withhold_texts(spec, types, below)
    lost = tuple(sorted(problems.found))
    body = {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": name},
        "spec": _tidied(spec),
    }
    comments = [
        *_described(template),
        *_missing(spec, kind),
        *_renamed({**spell.renamed, **spell_output.renamed}),
        *_told(lost),
        *_unnamed(known, spell),
        *_unsaid(unsaid),
    ]
    written = explained(value_lines(body, 0, _HABITS), environment or "<environment>", named)
    lines = [*(f"# {one}".rstrip() for one in comments), *written]
    return Converted(text="\n".join(lines) + "\n", lost=lost)


def _import(spec: dict[str, Any], known: Adopted, spell: Spell) -> None:
    """Put the values and identifiers of a running stack into the ``spec``."""
    given = {spell(name): value for name, value in known.values.items()}
    defaults = {key: one.get("default") for key, one in spec["variables"].items()}
    spec["values"] = {
        key: value for key, value in given.items() if key in defaults and value != defaults[key]
    }
    for name, identifier in known.imports.items():
        resource = spec["resources"].get(spell(name))
        if resource is not None:
            resource["lifecycle"] = {**resource.get("lifecycle", {}), "import": identifier}


def _unnamed(known: Adopted | None, spell: Spell) -> list[str]:
    found: list[str] = []
    for name in known.unnamed if known is not None else ():
        found += _folded(f"{_LEFT_OUT}: the identifier of {spell(name)}: write lifecycle.import.")
    return found


def _unsaid(keys: Iterable[str]) -> list[str]:
    return [
        line
        for key in keys
        for line in _folded(f"{_LEFT_OUT}: the value of {key}, which is or may be secret.")
    ]


class Spelling:
    """Spells names of a template as keys of specs, each as one of its own.

    ``keys`` are those that it has given, by name; ``renamed`` are those of them that are not their
    names in lower case.
    """

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.renamed: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """The key of the name."""
        if name not in self.keys:
            self.keys[name] = self._new(name)
        return self.keys[name]

    def _new(self, name: str) -> str:
        parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
        plain = re.sub(r"[^a-z0-9_]", "_", parted.lower())[:58]
        key = plain if plain[:1].isalpha() else f"n{plain}"
        if key in CEL_WORDS or key in SCOPE_ROOTS:
            key += "_"
        number, free = 2, key
        while free in self.keys.values():
            number, free = number + 1, f"{key}_{number}"
        if free != parted.lower():
            self.renamed[name] = free
        return free


def _plain(node: Node) -> Any:
    """The values, without those that could not be written."""
    if isinstance(node.value, dict):
        kept = {key: one for key, one in node.value.items() if one.value is not UNREADABLE}
        return {key: _plain(one) for key, one in kept.items()}
    if isinstance(node.value, list):
        return [_plain(one) for one in node.value if one.value is not UNREADABLE]
    return node.value


def _tidied(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The ``spec`` with short outputs, secret ones marked, and no empty sections."""
    secret = {("vars", key) for key, one in spec["variables"].items() if one.get("sensitive")}
    secret |= {("locals", key) for key, one in spec["locals"].items() if _has_one(one, secret)}
    outputs: dict[str, Any] = {}
    for key, one in spec["outputs"].items():
        if "value" not in one:
            continue
        marked = {**one, "sensitive": True} if _uses(one["value"], secret) else one
        outputs[key] = marked["value"] if marked.keys() == {"value"} else marked
    found = {**spec, "outputs": outputs}
    order = ("variables", "values", "locals", "lookups", "resources", "outputs")
    return {key: found[key] for key in order if found.get(key) or key == "resources"}


def _has_one(mapped: Any, secret: Set[tuple[str, str]]) -> bool:
    below = mapped.values() if isinstance(mapped, dict) else ()
    return any(_uses(value, secret) for one in below for value in one.values())


def _uses(value: Any, names: Set[tuple[str, str]]) -> bool:
    try:
        used = parse_template(value).names.selected if isinstance(value, str) else frozenset()
    except ExpressionError:
        return False
    return not names.isdisjoint(used)


def _described(template: Node) -> list[str]:
    description = template.get("Description")
    text = description.value if description is not None else None
    return [*_folded(text), ""] if isinstance(text, str) and text.strip() else []


def _missing(spec: Mapping[str, Any], kind: str) -> list[str]:
    given = spec.get("values", {})
    names = [
        key for key, one in spec["variables"].items() if "default" not in one and key not in given
    ]
    if not names or kind != "Stack":
        return []
    return [*_folded(f"These variables need a value below spec.values: {', '.join(names)}."), ""]


def _renamed(names: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    for name, key in names.items():
        found += _folded(
            f"{name} is {key} here: its own name is taken, is a word of expressions, or is no key."
        )
    return [*found, ""] if found else []


def _told(lost: Iterable[Diagnostic]) -> list[str]:
    found: list[str] = []
    for one in lost:
        found += _folded(f"{_LEFT_OUT}, {one.file}:{one.line}: {one.detail} {one.fix}")
    return found


def _folded(text: str) -> list[str]:
    """The words in lines that are not too long, without anything that would end a comment."""
    lines = [""]
    for word in "".join(one if one.isprintable() else " " for one in text).split():
        if lines[-1] and len(lines[-1]) + len(word) >= _WIDEST:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines

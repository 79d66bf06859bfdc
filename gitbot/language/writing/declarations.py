"""Says what the declaration of a variable, local, output or module says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gitbot.language.cloudformation.secret_parameters import has_no_echo
from gitbot.language.nodes import Node
from gitbot.language.versions import is_template
from gitbot.language.writing.outline import Outline, text_at
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.explained import Below, Explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What something is, and where it is declared."""

    explained: Explained | None = None
    place: SourceSpan | None = None


NOTHING = Meaning()


def explain_module(reference: str, outline: Outline) -> Explained:
    """What a module takes and gives. Its file has a document."""
    document = outline.documents[0]
    if is_template(outline.path):
        return _template(reference, document)
    return Explained(
        name=reference,
        kind="module",
        text=text_at(document, "metadata", "description"),
        below=tuple(_variables(document)),
        gives=tuple(sorted(keys_of(document.get("spec", "outputs")))),
        given={
            name: text_at(one, "description") or f"It is {_written(one.get('value') or one)}."
            for name, one in _entries(document.get("spec", "outputs"))
        },
    )


def _template(reference: str, document: Node) -> Explained:
    """What a template of CloudFormation takes and gives."""
    parameters = document.get("Parameters")
    return Explained(
        name=reference,
        kind="CloudFormation template",
        text=text_at(document, "Description"),
        below=tuple(
            Below(
                name=name,
                kind=text_at(one, "Type"),
                required=one.get("Default") is None,
                text=text_at(one, "Description"),
                default="" if has_no_echo(one) else _default(one.get("Default")),
            )
            for name, one in _entries(parameters)
        ),
        gives=tuple(sorted(keys_of(document.get("Outputs")))),
        given={
            name: text_at(one, "Description") for name, one in _entries(document.get("Outputs"))
        },
    )


def declared(outline: Outline, document: Node, field: str, name: str, shown: str) -> Meaning:
    """A variable, local or output: what its declaration says, and where it is."""
    node = document.get("spec", field, name)
    place = outline.place(document, "spec", field, name)
    if node is None or place is None:
        return NOTHING
    if not node.is_map or (field == "variables" and node.get("type") is None):
        # A local, an output in short, or a variable of an environment: its value says it all.
        return Meaning(
            explained=Explained(name=shown, kind=field.rstrip("s"), text=_written(node)),
            place=place,
        )
    facts = tuple(_facts(node))
    kind = text_at(node, "type") or field.rstrip("s")
    text = text_at(node, "description")
    return Meaning(explained=Explained(name=shown, kind=kind, text=text, facts=facts), place=place)


def _facts(node: Node) -> Iterator[str]:
    for key, words in (
        ("default", "Its default is `{}`."),
        ("enum", "Allowed are `{}`."),
        ("pattern", "It matches the pattern `{}`."),
        ("value", "It is `{}`."),
    ):
        found = node.get(key)
        if found is not None and not _is_secret(node):
            yield words.format(_plain(found))
    says = text_at(node, "check", "says")
    if says:
        yield f"It is checked: {says}."
    if _is_secret(node):
        yield "It is sensitive: it is never shown and never stored."


def _is_secret(node: Node) -> bool:
    found = node.get("sensitive")
    return found is not None and found.value is True


def _written(node: Node) -> str:
    return f"`{_plain(node)}`"


def _plain(node: Node, longest: int = 200) -> str:
    value: Any = node.plain()
    text = (
        value
        if isinstance(value, str)
        else repr(value)
        if not isinstance(value, bool)
        else str(value).lower()
    )
    flat = " ".join(text.replace("`", "'").split())
    return flat if len(flat) <= longest else f"{flat[:longest]}…"


def _variables(document: Node) -> Iterator[Below]:
    for name, one in _entries(document.get("spec", "variables")):
        yield Below(
            name=name,
            kind=text_at(one, "type"),
            required=one.get("default") is None,
            text=text_at(one, "description"),
            default="" if _is_secret(one) else _default(one.get("default")),
        )


def _default(node: Node | None) -> str:
    """The default as it is shown; empty where there is none."""
    return "" if node is None else _plain(node) or '""'


def _entries(node: Node | None) -> Iterable[tuple[str, Node]]:
    return node.items() if node is not None else ()


def keys_of(node: Node | None) -> Iterable[str]:
    return (key for key, _ in _entries(node))

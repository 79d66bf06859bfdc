"""Reads the text of a file into documents of a known kind. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gitbot.language.field_shapes import API_VERSION
from gitbot.language.fields import KINDS, LATER_KINDS
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems, quoted, suggest
from gitbot.language.yaml12 import parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document. ``sound``: the file has no YAML problems."""

    kind: str
    node: Node
    sound: bool


def read_documents(text: str, problems: Problems) -> list[Document]:
    """The documents of a known kind. Every other document is added as a problem."""
    before = len(problems.found)
    nodes = parse(text, problems)
    sound = len(problems.found) == before
    if not nodes and sound:
        problems.add(
            "empty-file",
            None,
            "The file holds only blank lines and comments.",
            "Write a Stack into it, or delete it.",
        )
    found = []
    for node in nodes:
        spec = node.get("spec") if _DYNAMIC in text else None
        if spec is not None:
            _refuse_dynamic(spec, problems)
        kind = _kind(node, problems)
        if kind is not None:
            found.append(Document(kind=kind, node=node, sound=sound))
    return found


_DYNAMIC: Final = "{{resolve:"


def _refuse_dynamic(node: Node, problems: Problems) -> None:
    """Add a problem for each of CloudFormation's dynamic references: only templates have them."""
    if isinstance(node.value, str) and _DYNAMIC in node.value:
        problems.add(
            "dynamic-reference",
            node,
            "{{resolve:…}} means something in templates of CloudFormation only; here it would be sent to "
            "the cloud as it stands.",
            'Write ${secret("ssm:/path")} or ${secret("secretsmanager:name#key")}, or a lookup.',
        )
    for child in node.value if node.is_list else ():
        _refuse_dynamic(child, problems)
    for _, child in node.items():
        _refuse_dynamic(child, problems)


def _kind(node: Node, problems: Problems) -> str | None:
    """The document's kind; None, with a problem added, when it cannot be loaded."""
    if not node.is_map:
        problems.add(
            "wrong-type",
            node,
            "A spec document must be a map with apiVersion, kind, metadata and spec.",
            "Begin the document with apiVersion: gitbot/v1.",
        )
        return None
    version = node.get("apiVersion")
    if version is not None and version.value != API_VERSION:
        problems.add(
            "bad-api-version",
            version,
            f"This version of gitbot reads {API_VERSION}, not {quoted(version.value)}.",
            f"Write apiVersion: {API_VERSION}.",
        )
        return None
    kind = node.get("kind")
    if kind is None and node.get("Resources") is not None:
        problems.add(
            "misplaced-file",
            node,
            "This is a template of CloudFormation, and only specs stand below specs/.",
            "Move the file below templates/ of the repository, and use it as a module in the resources of a stack: "
            "module: templates/network.yaml.",
        )
        return None
    if kind is None:
        problems.add(
            "missing-field",
            node,
            "The document has no kind, so nothing says how to read it.",
            "Add kind: Stack (or Environment, in environment.yaml).",
        )
        return None
    return _known_kind(kind, problems)


def _known_kind(kind: Node, problems: Problems) -> str | None:
    name = kind.value if isinstance(kind.value, str) else ""
    if name in LATER_KINDS:
        problems.add(
            "not-yet",
            kind,
            f"{name} documents come with a later version of gitbot.",
            "Remove the document for now.",
        )
        return None
    if name not in KINDS:
        problems.add(
            "unknown-kind",
            kind,
            f"{quoted(kind.value)} is not a kind of spec; the kinds are {', '.join(KINDS)}.",
            suggest(name, KINDS, "Write Stack."),
        )
        return None
    return name

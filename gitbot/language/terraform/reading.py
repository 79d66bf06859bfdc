"""Reads files of Terraform into blocks with their lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gitbot.errors import UserError

Tree: TypeAlias = Any
"""A tree of the parser (lark), or a token of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An argument of a block: the tree of its expression, and its line."""

    value: Tree = field(repr=False)
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block such as ``resource "aws_s3_bucket" "data" {…}``."""

    kind: str
    labels: tuple[str, ...]
    attributes: Mapping[str, Attribute]
    blocks: tuple[Block, ...]
    file: str
    line: int

    def inner(self, kind: str) -> Iterator[Block]:
        """The blocks of this kind inside."""
        return (block for block in self.blocks if block.kind == kind)


def read_files(texts: Mapping[str, str]) -> tuple[Block, ...]:
    """The blocks of these files, by name, in order.

    Raises:
        UserError: a file cannot be read; says where.
    """
    found: list[Block] = []
    for file, text in sorted(texts.items()):
        found += _read(file, text).blocks
    return tuple(found)


def read_values(file: str, text: str) -> Mapping[str, Attribute]:
    """The arguments of a file of values, such as ``terraform.tfvars``.

    Raises:
        UserError: the file cannot be read; says where.
    """
    return _read(file, text).attributes


def _read(file: str, text: str) -> Block:
    import hcl2  # it takes a while to import, and one command needs it
    from lark.exceptions import LarkError

    try:
        tree = hcl2.parses_to_tree(text if text.endswith("\n") else f"{text}\n")
    except (LarkError, RecursionError) as error:
        line = getattr(error, "line", "?")
        raise UserError(
            f"{file}:{line}: this is not Terraform's language: {_short(error)}"
        ) from None
    return _body(tree.children[0], "", (), file, 1)


def read_expression(text: str) -> Tree:
    """The tree of one expression, such as stands in ``${…}``.

    Raises:
        ValueError: it is none.
    """
    import hcl2
    from lark.exceptions import LarkError

    try:
        tree = hcl2.parses_to_tree(f"x = {text}\n")
    except (LarkError, RecursionError) as error:
        raise ValueError(_short(error)) from None
    return next(one for one in tree.children[0].children if data_of(one) == "attribute").children[2]


def _short(error: Exception) -> str:
    """What stopped the parser, in words for whoever wrote the file."""
    found = getattr(error, "token", None)
    if getattr(found, "type", "") == "$END":
        return "it ends where more is needed, such as a closing bracket or quote."
    found = getattr(error, "char", None) if found is None else found
    if found is not None:
        word = "".join(str(found).split()[:1])[:20]
        return f"{word!r} cannot stand there. Look at what is before it, too."
    return str(error).partition("\n")[0][:200]


def _body(tree: Tree, kind: str, labels: tuple[str, ...], file: str, line: int) -> Block:
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for child in tree.children:
        match data_of(child):
            case "attribute":
                name, _, value, *_ = child.children
                attributes[word(name)] = Attribute(value=value, line=child.meta.line)
            case "block":
                blocks.append(_block(child, file))
    return Block(
        kind=kind,
        labels=labels,
        attributes=attributes,
        blocks=tuple(blocks),
        file=file,
        line=line,
    )


def _block(tree: Tree, file: str) -> Block:
    first, *rest = tree.children
    labels = tuple(word(one) for one in rest if data_of(one) in ("string", "identifier"))
    body = next(one for one in rest if data_of(one) == "body")
    return _body(body, word(first), labels, file, tree.meta.line)


def data_of(tree: Tree) -> str:
    """The rule of a tree; of a token, nothing."""
    return str(getattr(tree, "data", ""))


def word(tree: Tree) -> str:
    """The text of a token or of a small tree, such as an identifier or a string without expressions."""
    if hasattr(tree, "children"):
        return "".join(word(one) for one in tree.children)
    return "" if str(tree) == '"' else str(tree)

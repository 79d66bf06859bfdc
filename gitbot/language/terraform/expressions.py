"""Writes Terraform's expressions as values of specs and as CEL. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from gitbot.language.terraform.reading import Tree, data_of, read_expression, word
from gitbot.language.terraform.values import (
    Cel,
    LostError,
    cel_of,
    grouped,
    joined,
    quoted,
    unmerged,
)

_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_DIRECTIVE = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")
_INTERPOLATION = re.compile(r"(?<!\$)\$\{([^{}]*)\}")


_GIVES_LISTS = frozenset(
    {"function_call", "for_tuple_expr", "full_splat_expr_term", "attr_splat_expr_term", "tuple"}
)
_OPENS = frozenset({"merge"})
"""Functions that need to see what a local holds."""


Step: TypeAlias = "tuple[str, str | Tree]"
"""``("attr", name)`` or ``("index", tree)``."""
Resolve: TypeAlias = "Callable[[str, Sequence[Step], Writer], str]"
"""Gives the CEL of a reference. Raises ``LostError``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes expressions. ``bound`` are the names that a ``for`` around the expression gives, and their CEL.

    ``known`` is the value of a local, where the configuration writes it out; else the CEL itself.
    ``maps`` says of variables and locals, by their CEL, whether they are maps; the others are lists.
    """

    resolve: Resolve
    known: Callable[[Cel], Any] = field(default=lambda cel: cel)
    maps: Mapping[str, bool] = field(default_factory=dict)
    bound: Mapping[str, str] = field(default_factory=dict)

    def value(self, tree: Tree) -> Any:
        """Plain data with ``Cel`` and ``Joined`` in it.

        Raises:
            LostError: there is no way to say it.
        """
        match data_of(tree):
            case "expr_term" if len(tree.children) == 1:
                return self.value(tree.children[0])
            case "int_lit" | "float_lit" | "literal_value":
                return _plain(word(tree))
            case "unary_op" if data_of(stripped(tree.children[-1])) == "int_lit":
                return int(word(tree))
            case "string":
                return self._string(tree)
            case "heredoc_template" | "heredoc_template_trim":
                return self._heredoc(word(tree), trims=data_of(tree).endswith("trim"))
            case "tuple":
                return [unmerged(self.value(one)) for one in tree.children if _is_value(one)]
            case "object":
                return dict(
                    self._entry(one) for one in tree.children if data_of(one) == "object_elem"
                )
            case "function_call":
                return self._call(tree)
            case _:
                return Cel(self.cel(tree))

    def cel(self, tree: Tree) -> str:
        """The expression in CEL.

        Raises:
            LostError: there is no way to say it.
        """
        children = [one for one in getattr(tree, "children", ()) if _is_value(one)]
        match data_of(tree):
            case "expr_term" if str(tree.children[0]) == "(":
                return f"({self.cel(children[0])})"
            case "identifier" | "get_attr_expr_term" | "index_expr_term":
                return self._reference(tree)
            case "conditional":
                condition, yes, no = (self.cel(one) for one in children)
                return f"{condition} ? {yes} : {no}"
            case "binary_op":
                return self._operation(*children)
            case "unary_op":
                return f"{tree.children[0]}{self.cel(children[-1])}"
            case "for_tuple_expr":
                return self._loop(tree)
            case "full_splat_expr_term" | "attr_splat_expr_term":
                return self._splat(*children)
            case "expr_term" if len(children) == 1:
                return self.cel(children[0])
            case (
                "int_lit"
                | "float_lit"
                | "literal_value"
                | "string"
                | "tuple"
                | "object"
                | "function_call"
            ):
                return cel_of(self.value(tree))
            case other:
                kind = other.removesuffix("_expr").replace("_", " ")
                raise LostError(f"an expression of the kind {kind} has no counterpart")

    def _splat(self, inner: Tree, splat: Tree) -> str:
        after = [
            _step(one) for one in splat.children if data_of(one) not in ("", "new_line_or_comment")
        ]
        # x.*.a[0] is of the list, and x[*].a[0] of each.
        ends = [at for at, (kind, _) in enumerate(after) if kind == "index"]
        cut = ends[0] if ends and data_of(splat) == "attr_splat" else len(after)
        after, rest = after[:cut], "".join(self.step(one) for one in after[cut:])
        kind, of = "splat", stripped(inner)
        if data_of(of) == "function_call" and word(of.children[0]) == "values":
            kind, of = (
                "values",
                stripped(
                    next(one for one in of.children if data_of(one) == "arguments").children[0]
                ),
            )
        try:
            base, steps = reference(of)
        except LostError:
            base, steps = "", []
        if after and (base.startswith("aws_") or base == "module"):
            found = self.resolve(base, [*steps, (kind, ""), *after], self)
            return grouped(found) + rest if rest else found
        each = "".join(self.step(one) for one in after)
        return f"{grouped(self.cel(inner))}.map(one, one{each}){rest}"

    def _operation(self, left: Tree, term: Tree) -> str:
        sign, right = (one for one in term.children if _is_value(one))
        if word(sign) == "/":
            raise LostError("a division here gives whole numbers only, and Terraform's does not")
        return f"{self.cel(left)} {word(sign)} {self.cel(right)}"

    def _reference(self, tree: Tree) -> str:
        try:
            base, steps = reference(tree)
        except LostError:
            inner, last = (one for one in tree.children if _is_value(one))
            return f"{grouped(self.cel(inner))}{self.step(_step(last))}"
        if base in self.bound:
            return self.bound[base] + "".join(self.step(one) for one in steps)
        return self.resolve(base, steps, self)

    def step(self, step: Step) -> str:
        """The CEL of one step of a reference."""
        kind, what = step
        if kind != "attr":
            return f"[{self.cel(what)}]"
        return f".{what}" if str(what).isidentifier() else f"[{quoted(str(what))}]"

    def _entry(self, tree: Tree) -> tuple[str, Any]:
        key, value = (one for one in tree.children if _is_value(one))
        (inner,) = key.children
        names = list(inner.iter_subtrees()) if hasattr(inner, "iter_subtrees") else []
        plain = [one for one in names if data_of(one) == "identifier"]
        if len(plain) == 1 and str(inner.children[0]) != "(" and not _is_string(inner):
            return word(plain[0]), unmerged(self.value(value))
        named = self.value(inner)
        if not isinstance(named, str):
            raise LostError("a key of a map is an expression, and keys of specs are plain texts")
        return named, unmerged(self.value(value))

    def _string(self, tree: Tree) -> Any:
        parts: list[str | Cel] = []
        for part in tree.children:
            if data_of(part) != "string_part":
                continue
            inner = part.children[0]
            if data_of(inner) == "interpolation":
                parts.append(Cel(self.cel(next(one for one in inner.children if _is_value(one)))))
            elif data_of(inner):
                raise LostError("%{…} in a text has no counterpart: write a condition in ${…}")
            else:
                parts.append(_unescaped(str(inner)))
        return joined(parts)

    def _heredoc(self, text: str, *, trims: bool) -> Any:
        _, *lines, _ = text.rstrip().split("\n")
        if trims:
            margin = min((len(one) - len(one.lstrip()) for one in lines if one.strip()), default=0)
            lines = [one[margin:] for one in lines]
        parts: list[str | Cel] = []
        for at, part in enumerate(_INTERPOLATION.split("".join(f"{one}\n" for one in lines))):
            if at % 2 == 0:
                if _DIRECTIVE.search(part):
                    raise LostError(
                        "a text that has %{…}, or braces inside ${…}, has no counterpart"
                    )
                parts.append(part.replace("$${", "${").replace("%%{", "%{"))
                continue
            try:
                parts.append(Cel(self.cel(read_expression(part))))
            except ValueError as error:
                raise LostError(f"${{{part}}} cannot be read: {error}") from None
        return joined(parts)

    def _loop(self, tree: Tree) -> str:
        intro = next(one for one in tree.children if data_of(one) == "for_intro")
        *names, source = (one for one in intro.children if _is_value(one))
        condition = next((one for one in tree.children if data_of(one) == "for_cond"), None)
        result = next(
            one for one in tree.children[2:] if _is_value(one) and data_of(one) != "for_cond"
        )
        of = grouped(cel_of(self.value(source)))
        is_map = self._is_map(source)
        *keys, last = (word(one) for one in names)
        if is_map is None or (keys and not is_map):
            raise LostError(f"a `for` needs to know that {of} is a list, or a map")
        # CEL walks the keys of a map, and Terraform its values.
        name = keys[0] if keys else f"{last}_key" if is_map else last
        own = {name: name, last: f"{of}[{name}]" if is_map else name}
        inside = replace(self, bound={**self.bound, **own})
        if condition is not None:
            asked = next(one for one in condition.children if _is_value(one))
            return f"{of}.filter({name}, {inside.cel(asked)}).map({name}, {inside.cel(result)})"
        return f"{of}.map({name}, {inside.cel(result)})"

    def _is_map(self, tree: Tree) -> bool | None:
        """Whether the expression gives a map, or a list; None where nobody knows."""
        value = self.value(tree)
        if not isinstance(value, Cel):
            return isinstance(value, dict) if isinstance(value, (dict, list)) else None
        if data_of(stripped(tree)) in _GIVES_LISTS:
            return False
        return self.maps.get(value.text)

    def _call(self, tree: Tree) -> Any:
        from gitbot.language.terraform.functions import FUNCTIONS

        name = word(tree.children[0])
        arguments = next((one for one in tree.children if data_of(one) == "arguments"), None)
        given = (
            [one for one in arguments.children if _is_value(one)] if arguments is not None else []
        )
        make = FUNCTIONS.get(name)
        if make is None:
            raise LostError(f"the function {name}() has no counterpart")
        values = [self.value(one) for one in given]
        if name in _OPENS:
            values = [self.known(one) if isinstance(one, Cel) else one for one in values]
        try:
            return make(*values)
        except (TypeError, ValueError):
            raise LostError(f"{name}() with {len(given)} arguments has no counterpart") from None


def reference(tree: Tree) -> tuple[str, list[Step]]:
    """The first name of a reference, and the steps from there."""
    match data_of(tree):
        case "identifier":
            return word(tree), []
        case "get_attr_expr_term" | "index_expr_term":
            inner, last = (one for one in tree.children if _is_value(one))
            base, steps = reference(inner)
            return base, [*steps, _step(last)]
        case "expr_term" if len(tree.children) == 1:
            return reference(tree.children[0])
        case _:
            raise LostError("this is no name")


def _step(tree: Tree) -> Step:
    if data_of(tree) == "get_attr":
        return ("attr", word(tree.children[-1]))
    if data_of(tree) == "short_index":
        return ("index", read_expression(str(tree.children[-1])))
    return ("index", next(one for one in tree.children if _is_value(one)))


def stripped(tree: Tree) -> Tree:
    """The tree without terms around it that have nothing else in them."""
    while data_of(tree) == "expr_term" and len(tree.children) == 1:
        tree = tree.children[0]
    return tree


def _unescaped(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        code = found[1]
        return (
            chr(int(code[1:], 16))
            if code[0] == "u" and len(code) == 5
            else _ESCAPES.get(code, code)
        )

    return _ESCAPE.sub(plain, text).replace("$${", "${").replace("%%{", "%{")


def _is_value(tree: Tree) -> bool:
    return data_of(tree) not in ("", "new_line_or_comment")


def _is_string(tree: Tree) -> bool:
    return any(data_of(one) == "string" for one in tree.iter_subtrees())


def _plain(text: str) -> Any:
    """The number, boolean or null of this text."""
    words = {"true": True, "false": False, "null": None}
    if text in words:
        return words[text]
    return int(text) if text.lstrip("-").isdigit() else float(text)

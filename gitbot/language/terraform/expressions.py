"""Writes Terraform's expressions as values of specs and as CEL. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from gitbot.language.terraform.reading import Tree, data_of, read_expression, word

_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_PATH = re.compile(r"[\w.]+(?:\[(?:\"[^\"\\]*\"|[\w.]+)\][\w.]*)*|\"(?:[^\"\\]|\\.)*\"")
_INTERPOLATION = re.compile(r"(?<!\$)\$\{([^{}]*)\}")


class LostError(Exception):
    """Something that cannot be said in a spec; the text says what and why."""


@dataclass(frozen=True, slots=True)
class Cel:
    """An expression of CEL."""

    text: str


@dataclass(frozen=True, slots=True)
class Joined:
    """A text with expressions in it."""

    parts: tuple[str | Cel, ...]


Step: TypeAlias = "tuple[str, str | Tree]"
"""``("attr", name)`` or ``("index", tree)``."""
Resolve: TypeAlias = "Callable[[str, Sequence[Step], Writer], str]"
"""Gives the CEL of a reference. Raises ``LostError``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes expressions. ``bound`` are the names that a ``for`` around the expression gives."""

    resolve: Resolve
    bound: frozenset[str] = frozenset()

    def value(self, tree: Tree) -> Any:
        """Plain data with ``Cel`` and ``Joined`` in it.

        Raises:
            LostError: there is no way to say it.
        """
        match data_of(tree):
            case "expr_term" if len(tree.children) == 1:
                return self.value(tree.children[0])
            case "int_lit":
                return int(word(tree))
            case "float_lit":
                return float(word(tree))
            case "literal_value":
                return {"true": True, "false": False, "null": None}[word(tree)]
            case "string":
                return self._string(tree)
            case "heredoc_template" | "heredoc_template_trim":
                return self._heredoc(word(tree), trims=data_of(tree).endswith("trim"))
            case "tuple":
                return [self.value(one) for one in tree.children if _is_value(one)]
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
                inner, splat = children
                steps = [
                    word(one.children[-1]) for one in splat.children if data_of(one) == "get_attr"
                ]
                return f"{grouped(self.cel(inner))}.map(one, one.{'.'.join(steps)})"
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

    def _operation(self, left: Tree, term: Tree) -> str:
        sign, right = (one for one in term.children if _is_value(one))
        if word(sign) == "/":
            raise LostError("a division here gives whole numbers only, and Terraform's does not")
        return f"{self.cel(left)} {word(sign)} {self.cel(right)}"

    def _reference(self, tree: Tree) -> str:
        base, steps = reference(tree)
        if base in self.bound:
            return base + "".join(self.step(one) for one in steps)
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
            return word(plain[0]), self.value(value)
        named = self.value(inner)
        if not isinstance(named, str):
            raise LostError("a key of a map is an expression, and keys of specs are plain texts")
        return named, self.value(value)

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
                parts.append(part.replace("$${", "${"))
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
        if len(names) != 1:
            raise LostError(
                "a `for` over keys and values has no counterpart: CEL's map() gives keys"
            )
        name = word(names[0])
        inside = replace(self, bound=self.bound | {name})
        found = grouped(self.cel(source))
        if condition is not None:
            asked = next(one for one in condition.children if _is_value(one))
            found += f".filter({name}, {inside.cel(asked)})"
        return f"{found}.map({name}, {inside.cel(result)})"

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
            if data_of(last) == "get_attr":
                return base, [*steps, ("attr", word(last.children[-1]))]
            if data_of(last) == "short_index":
                return base, [*steps, ("index", read_expression(str(last.children[-1])))]
            return base, [*steps, ("index", next(one for one in last.children if _is_value(one)))]
        case "expr_term" if len(tree.children) == 1:
            return reference(tree.children[0])
        case _:
            raise LostError("an attribute of an expression has no counterpart; name it as a local")


def grouped(text: str) -> str:
    """The expression as something can follow it: in brackets, unless it is one name or call."""
    return text if _PATH.fullmatch(text) else f"({text})"


def cel_of(value: Any) -> str:
    """The value as CEL."""
    match value:
        case Cel(text=text):
            return f"({text})" if re.search(r" \? ", text) else text
        case Joined(parts=parts):
            return " + ".join(
                f"string({one.text})" if isinstance(one, Cel) else quoted(one) for one in parts
            )
        case str():
            return quoted(value)
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case list():
            return f"[{', '.join(cel_of(one) for one in value)}]"
        case dict():
            return f"{{{', '.join(f'{quoted(key)}: {cel_of(one)}' for key, one in value.items())}}}"
    return repr(value)


def written(value: Any) -> Any:
    """The value as it stands in a spec: with ``${…}``."""
    match value:
        case Cel(text=text):
            return f"${{{text}}}"
        case Joined(parts=parts):
            return "".join(
                f"${{{one.text}}}" if isinstance(one, Cel) else one.replace("${", "$${")
                for one in parts
            )
        case str():
            return value.replace("${", "$${")
        case list():
            return [written(one) for one in value]
        case Mapping():
            return {key: written(one) for key, one in value.items()}
    return value


def quoted(text: str) -> str:
    """The text as a literal of CEL."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{plain}"'


def joined(parts: Sequence[str | Cel]) -> Any:
    """A plain text, one expression, or both joined."""
    kept = [one for one in parts if one != ""]
    if all(isinstance(one, str) for one in kept):
        return "".join(str(one) for one in kept)
    return kept[0] if len(kept) == 1 else Joined(tuple(kept))


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

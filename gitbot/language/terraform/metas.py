"""Writes what every resource and module of Terraform takes: copies, lifecycle, dependencies. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from gitbot.language.terraform.expressions import reference, stripped
from gitbot.language.terraform.filling import Filler
from gitbot.language.terraform.part_tables import PARTS
from gitbot.language.terraform.reading import Attribute, Block, data_of, word
from gitbot.language.terraform.references import Names
from gitbot.language.terraform.tables import ROWS, Inner, Item
from gitbot.language.terraform.values import Cel, LostError

COPIES: Final = frozenset({"forEach", "when"})
_TIMEOUTS: Final = frozenset({"create", "update", "delete"})
_PLAIN_TIME: Final = re.compile(r"[1-9][0-9]*[mh]")
_NAMED: Final = re.compile(r"(?P<one>(?:vars|locals)\.\w+)|size\((?P<many>(?:vars|locals)\.\w+)\)")
_OR_NOT: Final = " ? 1 : 0"
_NOT_OR: Final = " ? 0 : 1"
_DEEPEST: Final = 10
_BLOCKS: Final = {
    ("aws_security_group", "ingress"): "SecurityGroupIngress",
    ("aws_security_group", "egress"): "SecurityGroupEgress",
    ("aws_instance", "root_block_device"): "BlockDeviceMappings",
}
"""The properties of blocks that are no rows of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metas:
    """Writes them with the names of a configuration; what is lost goes to the ``filler``."""

    names: Names
    filler: Filler

    def copies(self, block: Block) -> dict[str, Any]:
        """What ``for_each`` and ``count`` are: ``forEach``, ``when``, or nothing."""
        each, count = block.attributes.get("for_each"), block.attributes.get("count")
        words = ".".join((block.kind, *block.labels) if block.kind == "module" else block.labels)
        if each is not None:
            ok, value = self.filler.try_value(block, f"{words}.for_each", each)
            return {"forEach": value} if ok else {}
        if count is None:
            return {}
        known = self.number(block)
        if known is not None:
            if not word(stripped(count.value)).isdigit():
                what = f"{words}.count is {known} by what the variables are now: forEach has a copy for each"
                self.filler.lose(block, count.line, f"{what}, and does not follow them")
            return {"forEach": [str(one) for one in range(known)]}
        ok, number = self.filler.try_value(block, f"{words}.count", count)
        if isinstance(number, Cel) and number.text.endswith(_OR_NOT):
            condition = number.text.removesuffix(_OR_NOT)
            if "?" not in condition:
                return {"when": Cel(condition)}
        if isinstance(number, Cel) and number.text.endswith(_NOT_OR):
            condition = number.text.removesuffix(_NOT_OR)
            if "?" not in condition:
                return {"when": Cel(f"!({condition})")}
        if ok:
            what = f"{words}.count is no number, and no condition of the form …{_OR_NOT}"
            self.filler.lose(block, count.line, what)
        return {}

    def number(self, block: Block) -> int | None:
        """How many copies ``count`` makes with the values of variables; None where that is not known."""
        count = block.attributes.get("count")
        found = self._now(self.filler.try_quietly(count) if count is not None else None, _DEEPEST)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def _now(self, value: Any, depth: int) -> Any:
        """What an expression that is one variable or local, or the size of one, gives now; else None."""
        if not isinstance(value, Cel):
            return value
        told = _NAMED.fullmatch(value.text)
        if told is None or depth == 0:
            return None
        found = self._now(self.names.values.get(told["one"] or told["many"]), depth - 1)
        if told["many"] is None:
            return found
        return len(found) if isinstance(found, (list, dict)) else None

    def lifecycle(self, block: Block) -> dict[str, Any]:
        """The ``lifecycle`` of the resource or module."""
        found: dict[str, Any] = {}
        needed = self._needed(block) if "depends_on" in block.attributes else []
        if needed:
            found["dependsOn"] = needed
        if "force_destroy" in block.attributes:
            found |= self._emptied(block, block.attributes["force_destroy"])
        for inner in block.inner("timeouts"):
            found |= self._timeouts(inner)
        for inner in block.inner("lifecycle"):
            for key, attribute in inner.attributes.items():
                found |= self._setting(inner, block.labels[0], key, attribute)
            for below in inner.blocks:
                self.filler.lose(below, below.line, f"lifecycle.{below.kind}: write it anew")
        return found

    def _emptied(self, block: Block, attribute: Attribute) -> dict[str, Any]:
        ok, value = self.filler.try_value(block, "force_destroy", attribute)
        if ok and not isinstance(value, (bool, type(None))):
            what = "force_destroy: lifecycle.emptyOnDelete is true or false"
            self.filler.lose(block, attribute.line, what)
        return {"emptyOnDelete": True} if value is True else {}

    def _timeouts(self, block: Block) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, attribute in block.attributes.items():
            ok, value = self.filler.try_value(block, f"timeouts.{key}", attribute)
            if ok and key in _TIMEOUTS and isinstance(value, str) and _PLAIN_TIME.fullmatch(value):
                found[key] = value
            elif ok:
                what = f"timeouts.{key}: write it below lifecycle.timeouts, as 30m"
                self.filler.lose(block, attribute.line, what)
        return {"timeouts": found} if found else {}

    def provider(self, block: Block) -> None:
        """Tell that the resource or module is in another region or account, where it is."""
        for name, usual in (("provider", ("aws",)), ("providers", ("aws = aws",))):
            attribute = block.attributes.get(name)
            if attribute is None:
                continue
            text = word(attribute.value)
            plain = text.replace(" ", "").replace("\n", "").strip("{},")
            if plain not in (*usual, "aws=aws", "aws:aws", ""):
                what = "what is in another region or account is in a stack of its own"
                self.filler.lose(block, attribute.line, f"{'.'.join(block.labels)}.{name}: {what}")

    def _setting(self, block: Block, type_: str, key: str, attribute: Attribute) -> dict[str, Any]:
        """What an argument of a block ``lifecycle`` is in a spec."""
        if key == "ignore_changes":
            ignored = self._ignored(type_, attribute)
            if ignored:
                return {"ignoreChanges": ignored}
        else:
            ok, value = self.filler.try_value(block, f"lifecycle.{key}", attribute)
            if not ok:
                return {}
            if key == "prevent_destroy":
                return {"protect": value}
            if key == "create_before_destroy" and isinstance(value, bool):
                return {"replace": "create-first" if value else "delete-first"}
        self.filler.lose(block, attribute.line, f"lifecycle.{key}: write it anew")
        return {}

    @staticmethod
    def _ignored(type_: str, attribute: Attribute) -> list[str]:
        """The pointers of the properties that are named; none where one is not known."""
        trees = list(attribute.value.iter_subtrees())
        if any(data_of(one) == "index_expr_term" for one in trees):
            return []  # one key of a map is less than the property
        names = [word(one) for one in trees if data_of(one) == "identifier"]
        targets = [ROWS[type_].fields.get(name) for name in names] if type_ in ROWS else []
        tops = [one.name if isinstance(one, (Inner, Item)) else one for one in targets]
        tops = [_BLOCKS.get((type_, name), top) for name, top in zip(names, tops, strict=False)]
        return [f"/{one}" for one in tops] if tops and all(tops) else []

    def _needed(self, block: Block) -> list[str]:
        """The keys of what ``depends_on`` names. Parts are there with their owners."""
        attribute = block.attributes["depends_on"]
        found: list[str] = []
        for one in attribute.value.iter_subtrees():
            if data_of(one) != "get_attr_expr_term":
                continue
            try:
                base, steps = reference(one)
            except LostError:
                continue
            key = self.names.keys.get((base, str(steps[0][1])))
            if key is not None:
                found.append(key)
            elif base not in PARTS and base != "data":
                what = f"depends_on: {base}.{steps[0][1]} is nothing that is carried over"
                self.filler.lose(block, attribute.line, what)
        return list(dict.fromkeys(found))

"""One module where it is used, with what its expressions see; a stack is the outermost one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitbot.language.copies import Copy
from gitbot.language.linking import copies_in, expand, names_in
from gitbot.language.moves import Move
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems
from gitbot.language.scope import Attributes, Scope
from gitbot.language.trees import NameSpace, TreeEvaluator
from gitbot.language.types import ResourceType, Types
from gitbot.language.written import Written
from gitbot.model.conditions import Condition
from gitbot.model.desired import DesiredResource, ModuleUse
from gitbot.model.lookups import DesiredLookup, LookupKind
from gitbot.model.names import Address
from gitbot.model.secret_references import OWN_TYPE
from gitbot.model.values import Value

Inputs = dict[str, Mapping[str, Value] | None]
Allowed = dict[str, frozenset[str] | None]
NO_ADDRESSES: frozenset[Address] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyValues:
    """What expressions can read of one copy, and the resources that it comes from: of a module, ``parts`` says it of each
    output alone."""

    values: Mapping[str, Value]
    sources: frozenset[Address]
    parts: Mapping[str, frozenset[Address]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the modules of one stack share: what they find goes into ``desired`` and ``written``, and
    their lookups with the problems of the files that they stand in.

    ``secret`` are the nodes that hold values of sensitive variables of modules, with their files.
    ``retains``: what leaves the specs stays in the cloud, where the resource says nothing.
    ``use`` evaluates a module for a copy of an entry, whose resources depend on all of the addresses.
    """

    types: Types
    use: Callable[[Frame, Written, Copy, frozenset[Address]], CopyValues]
    tags: Mapping[str, str]
    retains: bool = False
    desired: dict[Address, DesiredResource] = field(default_factory=dict)
    written: dict[Address, Written] = field(default_factory=dict)
    modules: set[ModuleUse] = field(default_factory=set)
    moves: list[Move] = field(default_factory=list)
    checks: dict[str, Condition] = field(default_factory=dict)
    secret: list[tuple[str, Node]] = field(default_factory=list)
    lookups: dict[Address, DesiredLookup] = field(default_factory=dict)
    lookup_problems: dict[Address, Problems] = field(default_factory=dict)

    def is_secret(self, address: Address) -> bool:
        """Whether the resource, which was evaluated before, is a secret whose value can be read."""
        return address in self.desired and self.desired[address].type == OWN_TYPE


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One module where it is used.

    ``spec`` is the ``spec`` of its document and ``fields`` what ``shape.read`` made of it.
    ``prefix`` is what its addresses begin with, ``path`` the modules that lead to it, ``after``
    what all of its resources depend on. ``used`` has the names that each entry uses, ``behind`` the resources from which the value of a name
    comes, and ``copies`` those of each copy by its key, or of each output of a module. ``version`` is the commit or tag of which it uses other modules; empty: the specs' own.
    ``is_template``: its properties may have choices (``choices.py``).
    """

    shared: Shared
    problems: Problems
    spec: Node | None
    fields: Mapping[str, Any]
    inputs: Inputs
    allowed: Allowed
    resources: dict[str, Attributes] = field(default_factory=dict)
    types: dict[str, ResourceType | None] = field(default_factory=dict)
    kinds: dict[str, LookupKind | None] = field(default_factory=dict)
    origins: Mapping[tuple[str, str], str] = field(default_factory=dict)
    prefix: str = ""
    path: tuple[str, ...] = ()
    version: str = ""
    is_template: bool = False
    after: frozenset[Address] = NO_ADDRESSES
    used: dict[str, frozenset[str]] = field(default_factory=dict)
    behind: dict[str, frozenset[Address]] = field(default_factory=dict)
    made: dict[str, frozenset[Address]] = field(default_factory=dict)
    copies: dict[str, Mapping[str, frozenset[Address]]] = field(default_factory=dict)
    _evaluators: list[TreeEvaluator] = field(default_factory=list)

    def get(self, *keys: str) -> Node | None:
        """The node below ``spec``."""
        return None if self.spec is None else self.spec.get(*keys)

    def evaluator(self, copy: Copy | None = None) -> TreeEvaluator:
        """What evaluates the trees of this module; for a copy with ``each``."""
        if copy is not None and copy.each is not None:
            allowed = {**self.allowed, "each": frozenset(("key", "value"))}
            return self._evaluator({**self.inputs, "each": copy.each}, allowed)
        if not self._evaluators:
            self._evaluators.append(self._evaluator(self.inputs, self.allowed))
        return self._evaluators[0]

    def _evaluator(self, inputs: Inputs, allowed: Allowed) -> TreeEvaluator:
        return TreeEvaluator(
            scope=Scope(inputs=inputs, resources=self.resources, is_secret=self.shared.is_secret),
            names=NameSpace(inputs=allowed, resources=self.types, lookups=self.kinds),
            problems=self.problems,
        )

    def sources(
        self, nodes: Collection[Node | None], copy: Copy | None = None
    ) -> frozenset[Address]:
        """The resources from which the values come that the expressions of the trees use.

        Of copies only those count that are named: ``data["models"]``, and in a ``copy`` of an entry
        ``data[each.key]``. Of a module only the outputs that are.
        """
        return self.sources_of(names_in(nodes), nodes, copy)

    def sources_of(
        self, names: Iterable[str], nodes: Collection[Node | None], copy: Copy | None = None
    ) -> frozenset[Address]:
        """The same for these names alone of all that the trees use."""
        key = copy.each["key"] if copy is not None and copy.each is not None else None
        each = key if isinstance(key, str) else None
        found: set[Address] = set()
        for name in expand(names, self.behind):
            keys = copies_in(nodes, name, each) if name in self.copies else None
            if keys is None:
                found |= self.behind[name]
            else:
                found.update(*(self.copies[name].get(one, NO_ADDRESSES) for one in keys))
        return frozenset(found)

"""Says what a name in a spec means, and where it is declared. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gitbot.errors import UserError
from gitbot.language.explaining.fields import explain_field, steps_in
from gitbot.language.explaining.properties import explain_type
from gitbot.language.fields import BUILT_IN_ENV
from gitbot.language.files import environment_of, home_path_of
from gitbot.language.json_schemas import WRITTEN
from gitbot.language.nodes import Node
from gitbot.language.versions import module_path
from gitbot.language.writing.cursor import Cursor
from gitbot.language.writing.declarations import (
    NOTHING,
    Meaning,
    declared,
    explain_module,
    keys_of,
)
from gitbot.language.writing.outline import Outline, kind_of, text_at
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.explained import Explained
from gitbot.model.schema import SchemaLookup


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a file is written in: the other files, and the resource types.

    ``outline_of`` gives a file of the repository, or of a module that comes with gitbot; ``files_of``
    the paths of an environment's files.
    """

    outline_of: Callable[[str], Outline | None]
    lookup: SchemaLookup
    prose: Callable[[str], Mapping[str, str]]
    type_names: Callable[[], Sequence[str]]
    modules: Callable[[], Sequence[str]]
    files_of: Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads one document in its surroundings."""

    around: Surroundings
    outline: Outline
    document: Node

    def meaning(self, cursor: Cursor) -> Meaning:
        """What stands at the cursor."""
        if cursor.chain:
            return self.named(cursor.chain)
        path = cursor.path
        if not cursor.is_key and path[-1:] == ("type",) and len(path) == 4:
            return Meaning(explained=self.explain(cursor.word, ()))
        if not cursor.is_key and path[-1:] == ("module",):
            return self.module(cursor.word)
        if not cursor.is_key and "dependsOn" in path:
            return self.named((cursor.word,))
        return Meaning(explained=self.field(path))

    def field(self, path: Sequence[str]) -> Explained | None:
        """What a field or property of the document is for."""
        if path[:2] == ("spec", "resources") and len(path) > 3:
            resource = self.resource(path[2])
            if path[3] == "properties":
                return self.explain(text_at(resource, "type"), path[4:])
            if path[3] == "values" and len(path) == 5:
                declared = self.part(text_at(resource, "module"), "variables", path[4])
                return declared.explained
        kind = kind_of(self.document)
        if kind not in WRITTEN or not path:
            return None
        try:
            return explain_field(kind, steps_in(kind, path))
        except UserError:
            return None

    def explain(self, type_name: str, path: Sequence[str]) -> Explained | None:
        """What the type or the property of it is."""
        schema = self.around.lookup(type_name)
        if schema is None:
            return None
        try:
            return explain_type(schema, self.around.prose(type_name), tuple(path))
        except UserError:
            return None

    def resource(self, key: str) -> Node | None:
        """The entry of ``resources`` with this key."""
        return self.document.get("spec", "resources", key)

    def named(self, chain: Sequence[str]) -> Meaning:
        """What a chain of names in an expression means: ``vars``, ``my_ip``."""
        root, *rest = chain
        if root in ("vars", "locals") and rest:
            field = "variables" if root == "vars" else "locals"
            return declared(self.outline, self.document, field, rest[0], f"{root}.{rest[0]}")
        if root == "env" and rest:
            return self._of_environment(rest[0])
        if root == "lookups" and rest:
            return self._lookup(rest[0], rest[1:])
        if root == "stacks" and rest:
            return self._other_stack(rest[0], rest[1:])
        resource = self.resource(root)
        if resource is None:
            return NOTHING
        if not rest:
            place = self.outline.place(self.document, "spec", "resources", root)
            return Meaning(explained=self._entry(root, resource), place=place)
        steps = rest[1:] if resource.get("forEach") is not None else rest
        module = text_at(resource, "module")
        if module and steps:
            return self.part(module, "outputs", steps[0])
        place = self.outline.place(self.document, "spec", "resources", root)
        return Meaning(explained=self.explain(text_at(resource, "type"), steps), place=place)

    def module(self, reference: str) -> Meaning:
        """The module that ``modules/<name>`` or ``gitbot/<name>`` names."""
        outline = self.around.outline_of(_module_file(reference))
        if outline is None or not outline.documents:
            return NOTHING
        explained = explain_module(reference, outline)
        return Meaning(explained=explained, place=SourceSpan(file=outline.path))

    def part(self, reference: str, field: str, name: str) -> Meaning:
        """A variable or an output of a module."""
        outline = self.around.outline_of(_module_file(reference))
        if outline is None or not outline.documents:
            return NOTHING
        return declared(outline, outline.documents[0], field, name, f"{reference}.{name}")

    def home(self) -> Outline | None:
        """The file of the environment that the document is in."""
        environment = environment_of(self.outline.path)
        return None if environment is None else self.around.outline_of(home_path_of(environment))

    def _of_environment(self, name: str) -> Meaning:
        home = self.home()
        if home is None or not home.documents:
            return NOTHING
        document = home.documents[0]
        if name in BUILT_IN_ENV:
            place = home.place(document, "spec" if name != "name" else "metadata", name)
            text = f"The environment's {name}."
            return Meaning(
                explained=Explained(name=f"env.{name}", kind="text", text=text), place=place
            )
        return declared(home, document, "variables", name, f"env.{name}")

    def _lookup(self, name: str, steps: Sequence[str]) -> Meaning:
        node = self.document.get("spec", "lookups", name)
        place = self.outline.place(self.document, "spec", "lookups", name)
        return Meaning(explained=self.explain(text_at(node, "type"), steps), place=place)

    def stacks(self) -> Iterator[tuple[str, Outline, Node]]:
        """The stacks of the document's environment, by name, where they stand."""
        environment = environment_of(self.outline.path)
        for path in self.around.files_of(environment) if environment is not None else ():
            outline = self.around.outline_of(path)
            for document in outline.documents if outline is not None else ():
                name = text_at(document, "metadata", "name")
                if outline is not None and name and kind_of(document) == "Stack":
                    yield name, outline, document

    def _other_stack(self, name: str, rest: Sequence[str]) -> Meaning:
        for known, outline, document in self.stacks():
            if known != name:
                continue
            if len(rest) > 1:
                return declared(outline, document, "outputs", rest[1], f"{name}.{rest[1]}")
            place = outline.place(document, "metadata", "name")
            gives = tuple(sorted(keys_of(document.get("spec", "outputs"))))
            explained = Explained(name=f"stacks.{name}", kind="stack", gives=gives)
            return Meaning(explained=explained, place=place)
        return NOTHING

    def _entry(self, key: str, resource: Node) -> Explained | None:
        module = text_at(resource, "module")
        found = (
            self.module(module).explained if module else self.explain(text_at(resource, "type"), ())
        )
        return found


def _module_file(reference: str) -> str:
    return module_path(reference.partition("@")[0])

"""Writes a configuration of Terraform as a stack, and its local modules as modules. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gitbot.language.editing.blocks import Habits, value_lines
from gitbot.language.field_shapes import API_VERSION
from gitbot.language.terraform.declaring import declared
from gitbot.language.terraform.expressions import Writer
from gitbot.language.terraform.filling import Filler, Lost
from gitbot.language.terraform.importing import Piece, Written, by_attributes, imports_of
from gitbot.language.terraform.metas import Metas
from gitbot.language.terraform.part_tables import PARTS
from gitbot.language.terraform.parts import Parts
from gitbot.language.terraform.policies import SOURCE, Policies
from gitbot.language.terraform.reading import Block, read_files
from gitbot.language.terraform.references import Counted, Known, Names, maps_of, names_of, spelled
from gitbot.language.terraform.sections import locals_of, outputs_of, values_of
from gitbot.language.terraform.splitting import Own, split, wait_for_gateways
from gitbot.language.terraform.state import Instance, root_disk
from gitbot.language.terraform.tables import ROWS, Row
from gitbot.language.terraform.telling import tell_names, tell_others
from gitbot.language.terraform.values import written

_HABITS: Final = Habits(line_break="\n", map_step=2, list_step=2)
_TWICE: Final = "It would be made a second time: write its identifier below spec.imports"
_DEEPEST: Final = 10
_OF_MODULES: Final = frozenset(
    {"source", "for_each", "count", "depends_on", "providers", "version"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """The text of a document, what is not in it, and the modules that it uses, by name."""

    text: str
    lost: tuple[Lost, ...]
    modules: Mapping[str, Converted] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of Terraform: its files by name, its values, and how to get at others from it.

    ``unread`` are files of it that are not read. Values come from ``values_file``.
    ``state`` is what Terraform knows of the objects, in the file ``state_file``.
    """

    texts: Mapping[str, str]
    values: Mapping[str, Any] = field(default_factory=dict)
    open: Callable[[str], Folder | None] = field(default=lambda _: None)
    values_file: str = ""
    unread: tuple[str, ...] = ()
    state: tuple[Instance, ...] = ()
    state_file: str = ""


def convert(folder: Folder, *, name: str) -> Converted:
    """The configuration in the folder as a stack with this name.

    Raises:
        UserError: a file is not Terraform's language.
    """
    return _Conversion(blocks=read_files(folder.texts), folder=folder).document(name, "Stack")


@dataclass(slots=True, kw_only=True)
class _Conversion:
    blocks: Sequence[Block]
    folder: Folder
    depth: int = 1
    names: Names = field(init=False)
    filler: Filler = field(init=False)
    metas: Metas = field(init=False)
    parts: Parts = field(init=False)
    written: Written = field(default_factory=Written)
    modules: dict[str, Converted] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    inside: dict[str, _Conversion] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = names_of(self.blocks)
        locals_ = {
            spelled(key): one
            for block in self._of("locals")
            for key, one in block.attributes.items()
        }
        sources = {
            block.labels[1]: block for block in self._of("data") if block.labels[0] == SOURCE
        }
        writer = Writer(resolve=self.names.resolve)
        writer = replace(writer, maps=maps_of(self.blocks, writer))
        writer = replace(writer, known=Known(locals_=locals_, writer=writer))
        self.filler = Filler(writer=writer, document=Policies(locals_=locals_, sources=sources))
        self.metas = Metas(names=self.names, filler=self.filler)
        self._count()
        self.parts = Parts(names=self.names, filler=self.filler, metas=self.metas)

    def _count(self) -> None:
        """Keep how many copies there are, where that is known by the values that variables have now."""
        values = {
            block.labels[0]: self.filler.try_quietly(block.attributes["default"])
            for block in self._of("variable")
            if self.depth == 1 and "default" in block.attributes
        }
        given = {**values, **self.folder.values}
        self.names.values.update((f"vars.{spelled(key)}", one) for key, one in given.items())
        for block in self._of("locals"):
            for key, attribute in block.attributes.items():
                value = self.filler.try_quietly(attribute)
                self.names.values[f"locals.{spelled(key)}"] = value
        for own, block in self.names.blocks.items():
            number = self.metas.number(block)
            if number is not None:
                self.names.numbers[own], self.names.counted[own] = number, Counted.COPIES

    def document(self, name: str, kind: str) -> Converted:
        """The whole configuration as one document."""
        spec: dict[str, Any] = {"variables": self._variables()}
        spec["values"] = values_of(
            self.folder.values, self.folder.values_file, spec["variables"], self.filler
        )
        spec["locals"] = locals_of(self._of("locals"), self.filler)
        spec["resources"] = self._resources()
        spec["outputs"] = dict(outputs_of(self._of("output"), self.filler))
        tell_others(self.blocks, self.filler)
        if self.depth == 1:
            self._imports(spec)
        tell_names(self.blocks, self.filler, str(spec))
        self.filler.lost += [
            Lost(file=name, line=1, detail="this file is not read: write it as plain *.tf")
            for name in self.folder.unread
        ]
        lost = tuple(sorted(self.filler.lost, key=lambda one: (one.file, one.line)))
        kept = {key: one for key, one in spec.items() if one or key == "resources"}
        body = {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": kept}
        lines = [f"# NOT CARRIED OVER, {_one_line(one)}." for one in lost]
        lines += value_lines(written(body), 0, _HABITS)
        return Converted(text="\n".join(lines) + "\n", lost=lost, modules=self.modules)

    def _imports(self, spec: dict[str, Any]) -> None:
        """Import what the state knows: by the resource where it is one, else by its address."""
        found = imports_of(self.written, self.folder.state)
        listed = []
        for address, identifier in found.ids.items():
            resource = spec["resources"].get(address)
            if resource is None:
                listed.append({"to": address, "id": identifier})
            else:
                resource.setdefault("lifecycle", {})["import"] = identifier
        spec["imports"] = listed
        self.filler.lost += [
            Lost(file=self.folder.state_file, line=1, detail=f"{at}: {why}. {_TWICE}")
            for at, why in found.left
        ]

    def _of(self, kind: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.kind == kind)

    # --- sections

    def _variables(self) -> dict[str, Any]:
        return {
            spelled(block.labels[0]): declared(block, self.filler) for block in self._of("variable")
        }

    def _resources(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for block in self._of("resource"):
            type_, name = block.labels
            self.metas.provider(block)
            if type_ in ROWS:
                self._resource(block, ROWS[type_], found)
            elif type_ not in PARTS:
                what = f"{type_}.{name}: gitbot manages no type that is known to be this one"
                self.filler.lose(block, block.line, what)
        wait_for_gateways(found)
        for block in self._of("resource"):
            if block.labels[0] in PARTS:
                self.parts.put(block, found)
        for block in self._of("module"):
            self.metas.provider(block)
            self._module(block, found)
        return found

    def _resource(self, block: Block, row: Row, found: dict[str, Any]) -> None:
        """Write the resource, and those that it is in a spec beside itself."""
        type_, name = block.labels
        key, copies = self.names.keys[type_, name], self.metas.copies(block)
        each = "[each.key]" if "forEach" in copies else ""
        own = Own(
            name=f"{key}{each}",
            names_itself=not copies,
            root_disk=root_disk(self.folder.state, (type_, name)),
        )
        parts = split(block, own, self.filler)
        lifecycle = self.metas.lifecycle(block)
        if parts.ignores:
            ignored = [*lifecycle.get("ignoreChanges", ()), *parts.ignores]
            lifecycle["ignoreChanges"] = list(dict.fromkeys(ignored))
        properties = {**row.always, **parts.properties}
        self.filler.fill(properties, row.fields, parts.block, type_)
        written = [(key, parts.type if parts.type is not None else row.type, properties, lifecycle)]
        pieces = [(key, parts.identify or by_attributes(row.key))]
        for extra in parts.extras:
            beside = self.names.beside(key, extra.ends)
            written.append((beside, extra.type, extra.properties, {}))
            pieces.append((beside, extra.identify))
        for (one, kind, given, rules), (_, identify) in zip(written, pieces, strict=True):
            if kind:
                made = {"type": kind, **copies, "properties": given}
                found[one] = made | ({"lifecycle": rules} if rules else {})
                self.written.add((type_, name), Piece(key=one, identify=identify))
                self.written.copied |= {one} if each else set()

    def _module(self, block: Block, found: dict[str, Any]) -> None:
        words, source = f"module.{block.labels[0]}", block.attributes.get("source")
        path: Any = None
        if source is not None:
            _, path = self.filler.try_value(block, f"{words}.source", source)
        local = isinstance(path, str) and path.startswith(".")
        folder = self.folder.open(path) if local else None
        if folder is None:
            self.filler.lose(block, block.line, f"{words}: its source is no folder beside this one")
            return
        if self.depth >= _DEEPEST:
            self.filler.lose(block, block.line, f"{words}: modules are nested too deeply")
            return
        values: dict[str, Any] = {}
        for key, attribute in block.attributes.items():
            if key not in _OF_MODULES:
                ok, value = self.filler.try_value(block, f"{words}.{key}", attribute)
                values |= {spelled(key): value} if ok else {}
        name = self._module_name(posixpath.normpath(path), folder)
        made = {"module": f"modules/{name}", **self.metas.copies(block), "values": values}
        if "depends_on" in block.attributes:
            made["lifecycle"] = self.metas.lifecycle(block)
        key = self.names.keys["module", block.labels[0]]
        found[key] = made
        self.written.copied |= {key} if "forEach" in made else set()
        self.written.modules[block.labels[0]] = (key, self.inside[name].written)

    def _module_name(self, path: str, folder: Folder) -> str:
        """The name of the module in that folder, which is converted when it is first met."""
        if path not in self.sources:
            plain = spelled(posixpath.basename(path)).replace("_", "-")
            taken = sum(one == plain or one.startswith(f"{plain}-") for one in self.modules)
            name = f"{plain}-{taken + 1}" if taken else plain
            inside = _Conversion(
                blocks=read_files(folder.texts),
                folder=replace(folder, state=self.folder.state),
                depth=self.depth + 1,
            )
            self.sources[path], self.inside[name] = name, inside
            self.modules[name] = inside.document(name, "Module")
        return self.sources[path]


def _one_line(lost: Lost) -> str:
    """What is lost and where, without anything that would end a comment."""
    words = f"{lost.file}:{lost.line}: {lost.detail}"
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())

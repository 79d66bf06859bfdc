"""Writes a configuration of Terraform as a stack, and its local modules as modules. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gitbot.language.editing.blocks import Habits, value_lines
from gitbot.language.field_shapes import API_VERSION
from gitbot.language.terraform.declaring import declared
from gitbot.language.terraform.expressions import Cel, LostError, Writer, reference, written
from gitbot.language.terraform.filling import Filler, Lost
from gitbot.language.terraform.reading import Attribute, Block, data_of, read_files, word
from gitbot.language.terraform.references import Names, names_of, spelled
from gitbot.language.terraform.state import State
from gitbot.language.terraform.tables import PARTS, ROWS

_HABITS: Final = Habits(line_break="\n", map_step=2, list_step=2)
_SPOKEN: Final = {
    "data": "a data source is a lookup here: write it below spec.lookups",
    "moved": "write the move below spec.moved",
    "import": "write lifecycle.import",
    "check": "write it below spec.checks",
}
_BY_HAND: Final = (
    "the object is not imported, and would be made a second time: write it as a resource of its own with "
    "lifecycle.import, apply that, then move it with spec.moved to where the copy or module has it"
)
_DEEPEST: Final = 10
_OR_NOT: Final = " ? 1 : 0"
_COPIES: Final = frozenset({"forEach", "when"})
_OF_MODULES: Final = frozenset(
    {"source", "for_each", "count", "depends_on", "providers", "version"}
)
_TEXTS: Final = {"id", "bucket", "arn", "name"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """The text of a document, what is not in it, and the modules that it uses, by name."""

    text: str
    lost: tuple[Lost, ...]
    modules: Mapping[str, Converted] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of Terraform: its files by name, its values, and how to get at others from it.

    ``state`` is what Terraform knows of the objects, in the file ``state_file``.
    """

    texts: Mapping[str, str]
    values: Mapping[str, Any] = field(default_factory=dict)
    open: Callable[[str], Folder | None] = field(default=lambda _: None)
    state: State = field(default_factory=State)
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
    modules: dict[str, Converted] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = names_of(self.blocks)
        self.filler = Filler(writer=Writer(resolve=self.names.resolve))

    def document(self, name: str, kind: str) -> Converted:
        """The whole configuration as one document."""
        spec: dict[str, Any] = {"variables": self._variables()}
        spec["values"] = {spelled(key): one for key, one in self.folder.values.items()}
        spec["locals"] = self._locals()
        spec["resources"] = self._resources()
        spec["outputs"] = dict(self._outputs())
        for block in self.blocks:
            if block.kind in _SPOKEN:
                words = ".".join((block.kind, *block.labels))
                self.filler.lose(block, block.line, f"{words}: {_SPOKEN[block.kind]}")
        self.filler.lost += [
            Lost(file=self.folder.state_file, line=1, detail=f"{address}: {_BY_HAND}")
            for address in self.folder.state.left
        ]
        lost = tuple(sorted(self.filler.lost, key=lambda one: (one.file, one.line)))
        kept = {key: one for key, one in spec.items() if one or key == "resources"}
        body = {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": kept}
        lines = [f"# NOT CARRIED OVER, {_one_line(one)}." for one in lost]
        lines += value_lines(written(body), 0, _HABITS)
        return Converted(text="\n".join(lines) + "\n", lost=lost, modules=self.modules)

    def _of(self, kind: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.kind == kind)

    # --- sections

    def _variables(self) -> dict[str, Any]:
        return {
            spelled(block.labels[0]): declared(block, self.filler) for block in self._of("variable")
        }

    def _locals(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for block in self._of("locals"):
            for key, attribute in block.attributes.items():
                ok, value = self.filler.try_value(block, f"local.{key}", attribute)
                if ok:
                    found[spelled(key)] = value
        return found

    def _outputs(self) -> Iterator[tuple[str, Any]]:
        for block in self._of("output"):
            made: dict[str, Any] = {}
            for key in ("value", "description", "sensitive"):
                attribute = block.attributes.get(key)
                what = f"output.{block.labels[0]}.{key}"
                if attribute is not None:
                    ok, value = self.filler.try_value(block, what, attribute)
                    made |= {key: value} if ok else {}
            if "value" in made:
                yield spelled(block.labels[0]), made if len(made) > 1 else made["value"]

    def _resources(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for block in self._of("resource"):
            type_, name = block.labels
            row = ROWS.get(type_)
            if row is not None:
                made: dict[str, Any] = {"type": row.type, **self._copies(block)}
                properties = dict(row.always)
                self.filler.fill(properties, row.fields, block, type_)
                made["properties"] = properties
                lifecycle = self._lifecycle(block, (type_, name))
                found[self.names.keys[type_, name]] = made | (
                    {"lifecycle": lifecycle} if lifecycle else {}
                )
            elif type_ not in PARTS:
                what = f"{type_}.{name}: gitbot manages no type that is known to be this one"
                self.filler.lose(block, block.line, what)
        self._parts(found)
        for block in self._of("module"):
            self._module(block, found)
        return found

    def _parts(self, found: dict[str, Any]) -> None:
        for block in self._of("resource"):
            part = PARTS.get(block.labels[0])
            if part is None:
                continue
            owner = self._owner(block, part.of)
            if owner is None or owner not in found:
                words = ".".join(block.labels)
                self.filler.lose(block, block.line, f"{words}: its {part.of} is no resource here")
                continue
            copied = block.attributes.keys() & {"count", "for_each"}
            if copied and not found[owner].keys() & _COPIES:
                words = (
                    f"{'.'.join(block.labels)} is there for some copies only: {owner} has it always"
                )
                self.filler.lose(block, block.line, words)
            inside = {key: one for key, one in block.attributes.items() if key != part.of}
            rest = replace(block, attributes=inside)
            self.filler.fill(found[owner]["properties"], part.fields, rest, block.labels[0])

    def _owner(self, block: Block, argument: str) -> str | None:
        attribute = block.attributes.get(argument)
        try:
            base, steps = reference(attribute.value) if attribute is not None else ("", [])
        except LostError:
            return None
        names = [what for kind, what in steps if kind == "attr"]
        return self.names.keys.get((base, str(names[0]))) if names and names[-1] in _TEXTS else None

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
        made = {"module": f"modules/{name}", **self._copies(block), "values": values}
        found[self.names.keys["module", block.labels[0]]] = made

    def _module_name(self, path: str, folder: Folder) -> str:
        """The name of the module in that folder, which is converted when it is first met."""
        if path not in self.sources:
            plain = spelled(posixpath.basename(path)).replace("_", "-")
            taken = sum(one == plain or one.startswith(f"{plain}-") for one in self.modules)
            name = f"{plain}-{taken + 1}" if taken else plain
            inside = _Conversion(
                blocks=read_files(folder.texts), folder=folder, depth=self.depth + 1
            )
            self.sources[path] = name
            self.modules[name] = inside.document(name, "Module")
        return self.sources[path]

    # --- what every resource takes

    def _copies(self, block: Block) -> dict[str, Any]:
        each, count = block.attributes.get("for_each"), block.attributes.get("count")
        words = ".".join(block.labels)
        if each is not None:
            ok, value = self.filler.try_value(block, f"{words}.for_each", each)
            return {"forEach": value} if ok else {}
        if count is None:
            return {}
        ok, number = self.filler.try_value(block, f"{words}.count", count)
        if isinstance(number, Cel) and number.text.endswith(_OR_NOT):
            condition = number.text.removesuffix(_OR_NOT)
            if "?" not in condition:
                return {"when": Cel(condition)}
        if ok and isinstance(number, int) and not isinstance(number, bool):
            return {"forEach": [str(one) for one in range(number)]}
        if ok:
            what = f"{words}.count is no number, and no condition of the form …{_OR_NOT}"
            self.filler.lose(block, count.line, what)
        return {}

    def _lifecycle(self, block: Block, own: tuple[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if "depends_on" in block.attributes:
            found["dependsOn"] = self._needed(block)
        for inner in block.inner("lifecycle"):
            for key, attribute in inner.attributes.items():
                found |= self._setting(inner, own[0], key, attribute)
            for below in inner.blocks:
                self.filler.lose(below, below.line, f"lifecycle.{below.kind}: write it anew")
        if own in self.folder.state.imports:
            found["import"] = self.folder.state.imports[own]
        return found

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
        names = [
            word(one) for one in attribute.value.iter_subtrees() if data_of(one) == "identifier"
        ]
        targets = [ROWS[type_].fields.get(name) for name in names] if type_ in ROWS else []
        found = [f"/{one}" for one in targets if isinstance(one, str)]
        return found if len(found) == len(names) else []

    def _needed(self, block: Block) -> list[str]:
        trees = block.attributes["depends_on"].value.iter_subtrees()
        found = [reference(one) for one in trees if data_of(one) == "get_attr_expr_term"]
        keys = (self.names.keys.get((base, str(steps[0][1]))) for base, steps in found)
        return list(dict.fromkeys(key for key in keys if key is not None))


def _one_line(lost: Lost) -> str:
    """What is lost and where, without anything that would end a comment."""
    words = f"{lost.file}:{lost.line}: {lost.detail}"
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())

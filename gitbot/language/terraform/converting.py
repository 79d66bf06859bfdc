"""Writes a configuration of Terraform as a stack, and its local modules as modules. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gitbot.language.cloudformation.converting import Spelling
from gitbot.language.editing.blocks import Habits, value_lines
from gitbot.language.field_shapes import API_VERSION
from gitbot.language.terraform.declaring import declared
from gitbot.language.terraform.expressions import Cel, LostError, Step, Writer, reference, written
from gitbot.language.terraform.filling import Filler, Lost
from gitbot.language.terraform.reading import Attribute, Block, data_of, read_files, word
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


def convert(folder: Folder, *, name: str, kind: str = "Stack") -> Converted:
    """The configuration in the folder as a Stack or Module with this name.

    Raises:
        UserError: a file is not Terraform's language.
    """
    return _Conversion(blocks=read_files(folder.texts), folder=folder).document(name, kind)


@dataclass(slots=True, kw_only=True)
class _Conversion:
    blocks: Sequence[Block]
    folder: Folder
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    modules: dict[str, Converted] = field(default_factory=dict)
    spell: Spelling = field(default_factory=Spelling)
    filler: Filler = field(init=False)

    def __post_init__(self) -> None:
        self.filler = Filler(writer=Writer(resolve=self._resolve))
        for block in self._of("resource"):
            type_, name = block.labels
            if type_ in ROWS:
                taken = name in {n for _, n in self.keys}
                self.keys[type_, name] = self.spell(f"{type_[4:]}_{name}" if taken else name)
        for block in self._of("module"):
            taken = block.labels[0] in {n for _, n in self.keys}
            self.keys["module", block.labels[0]] = self.spell(block.labels[0] + "_module" * taken)

    def document(self, name: str, kind: str) -> Converted:
        """The whole configuration as one document."""
        spec: dict[str, Any] = {"variables": self._variables()}
        spec["values"] = dict(self.folder.values) if kind == "Stack" else {}
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
        lines = [f"# NOT CARRIED OVER, {one.file}:{one.line}: {one.detail}." for one in lost]
        lines += value_lines(written(body), 0, _HABITS)
        return Converted(text="\n".join(lines) + "\n", lost=lost, modules=self.modules)

    def _of(self, kind: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.kind == kind)

    # --- sections

    def _variables(self) -> dict[str, Any]:
        return {
            self.spell(f"var {block.labels[0]}").removeprefix("var_"): declared(block, self.filler)
            for block in self._of("variable")
        }

    def _locals(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for block in self._of("locals"):
            for key, attribute in block.attributes.items():
                ok, value = self.filler.try_value(block, f"local.{key}", attribute)
                if ok:
                    found[key] = value
        return found

    def _outputs(self) -> Iterator[tuple[str, Any]]:
        for block in self._of("output"):
            attributes = dict(block.attributes)
            value = attributes.pop("value", None)
            ok, made = (False, None)
            if value is not None:
                ok, made = self.filler.try_value(block, f"output.{block.labels[0]}", value)
            if not ok:
                continue
            more = {
                key: self.filler.writer.value(one.value)
                for key, one in attributes.items()
                if key in ("description", "sensitive")
            }
            yield block.labels[0], {"value": made, **more} if more else made

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
                found[self.keys[type_, name]] = made | (
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
        return self.keys.get((base, str(names[0]))) if names and names[-1] in _TEXTS else None

    def _module(self, block: Block, found: dict[str, Any]) -> None:
        attributes = dict(block.attributes)
        source = attributes.pop("source", None)
        path = self.filler.writer.value(source.value) if source is not None else ""
        folder = self.folder.open(path) if isinstance(path, str) and path.startswith(".") else None
        if folder is None:
            words = f"module.{block.labels[0]}: its source {path!r} is no folder beside this one"
            self.filler.lose(block, block.line, words)
            return
        name = (
            self.spell(f"module {posixpath.basename(path)}")
            .removeprefix("module_")
            .replace("_", "-")
        )
        if name not in self.modules:
            self.modules[name] = convert(folder, name=name, kind="Module")
        values = {}
        for key, attribute in attributes.items():
            if key in ("for_each", "count", "depends_on", "providers", "version"):
                continue
            ok, value = self.filler.try_value(block, f"module.{block.labels[0]}.{key}", attribute)
            if ok:
                values[key] = value
        made = {"module": f"modules/{name}", **self._copies(block), "values": values}
        found[self.keys["module", block.labels[0]]] = made

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
        if isinstance(number, Cel) and number.text.endswith(" ? 1 : 0"):
            return {"when": Cel(number.text.removesuffix(" ? 1 : 0"))}
        if ok and isinstance(number, int) and not isinstance(number, bool):
            return {"forEach": [str(one) for one in range(number)]}
        if ok:
            what = f"{words}.count is no number, and no condition of the form … ? 1 : 0"
            self.filler.lose(block, count.line, what)
        return {}

    def _lifecycle(self, block: Block, own: tuple[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        needed = block.attributes.get("depends_on")
        if needed is not None:
            named = [
                one for one in needed.value.iter_subtrees() if data_of(one) == "get_attr_expr_term"
            ]
            keys = [self._key_of(one) for one in named]
            found["dependsOn"] = [key for key in keys if key is not None]
        for inner in block.inner("lifecycle"):
            for key, attribute in inner.attributes.items():
                if key == "prevent_destroy":
                    found["protect"] = self.filler.writer.value(attribute.value)
                elif key == "create_before_destroy":
                    found["replace"] = "create-first"
                elif (ignored := self._ignored(own[0], attribute)) and key == "ignore_changes":
                    found["ignoreChanges"] = ignored
                else:
                    self.filler.lose(inner, attribute.line, f"lifecycle.{key}: write it anew")
        if own in self.folder.state.imports:
            found["import"] = self.folder.state.imports[own]
        return found

    @staticmethod
    def _ignored(type_: str, attribute: Attribute) -> list[str]:
        """The pointers of the properties that are named; none where one is not known."""
        names = [
            word(one) for one in attribute.value.iter_subtrees() if data_of(one) == "identifier"
        ]
        targets = [ROWS[type_].fields.get(name) for name in names] if type_ in ROWS else []
        found = [f"/{one}" for one in targets if isinstance(one, str)]
        return found if len(found) == len(names) else []

    def _key_of(self, tree: Any) -> str | None:
        base, steps = reference(tree)
        return self.keys.get((base, str(steps[0][1]))) if steps else None

    # --- references

    def _resolve(self, base: str, steps: Sequence[Step], writer: Writer) -> str:
        rest = [writer.step(one) for one in steps]
        if base == "var" and rest:
            return "vars" + "".join(rest)
        if base == "local" and rest:
            return "locals" + "".join(rest)
        if base == "each" and rest:
            return "each" + "".join(rest)
        if (base, rest) == ("count", [".index"]):
            return "int(each.key)"
        if (base, rest) == ("terraform", [".workspace"]):
            return "env.name"
        name = str(steps[0][1]) if steps else ""
        key = self.keys.get((base, name))
        if key is not None and base == "module":
            return key + "".join(rest[1:])
        if key is not None:
            return self._attribute(base, key, steps[1:], writer)
        words = base + "".join(rest)
        raise LostError(f"{words} is nothing that is carried over")

    def _attribute(self, type_: str, key: str, steps: Sequence[Step], writer: Writer) -> str:
        row, copy = ROWS[type_], ""
        if steps and steps[0][0] == "index":
            index = writer.cel(steps[0][1])
            copy, steps = ("" if index == "0" else f"[{index}]"), steps[1:]
        if not steps:
            raise LostError(f"{key} as a whole has no counterpart; name its attributes")
        name = str(steps[0][1])
        target = row.attributes.get(name) or row.fields.get(name)
        if not isinstance(target, str):
            raise LostError(f"{type_} has no attribute {name} that is known here")
        return f"{key}{copy}.{target}" + "".join(writer.step(one) for one in steps[1:])

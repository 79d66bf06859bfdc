"""The modules that specs can use, each read once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from gitbot.language.cloudformation.documents import read_template_document
from gitbot.language.cloudformation.sam import Translator
from gitbot.language.confidential import Confidential, confidential
from gitbot.language.documents import Document, read_documents
from gitbot.language.fields import MODULE, TEMPLATE
from gitbot.language.files import MODULE_FILE, SpecFile
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems
from gitbot.language.shape import read
from gitbot.language.types import Types
from gitbot.language.versions import is_in_repository, is_template, version_of
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.tree import Version

NONE: Final[Mapping[str, Version]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One module, as its file says. ``fields`` are those of ``spec``, as ``shape.read`` made them."""

    path: str
    spec: Node
    fields: Mapping[str, Any]

    @property
    def key(self) -> str:
        """What names it: its path, without the file of a module."""
        return self.path.removesuffix(f"/{MODULE_FILE}")

    @property
    def is_template(self) -> bool:
        """Whether it is a template of CloudFormation."""
        return is_template(self.path)


@dataclass(frozen=True, slots=True)
class Library:
    """The texts of the modules, by path. Each one is read when it is first used.

    ``versions`` are the other commits and tags that specs name; the path of a module of one has its
    name, ``modules/<name>@<version>/module.yaml``. ``problems`` are what is wrong with each one,
    whoever uses it. ``translator`` makes plain templates of those of SAM. ``secret`` are the nodes in its file that hold values of sensitive variables of
    other modules. ``reads`` are the keys of the modules that each one that was checked depends on, in turn too.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, Version] = field(default_factory=dict)
    problems: dict[str, Problems] = field(default_factory=dict)
    secret: dict[str, list[Node]] = field(default_factory=dict)
    documents: dict[str, list[Document]] = field(default_factory=dict)
    reads: dict[str, frozenset[str]] = field(default_factory=dict)
    translator: Translator | None = None
    _read: dict[str, Module | None] = field(default_factory=dict)
    _noting: list[set[str]] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        files: Iterable[SpecFile],
        versions: Mapping[str, Version] = NONE,
        translator: Translator | None = None,
    ) -> Library:
        """The library of these files."""
        return cls({file.path: file.text for file in files}, versions, translator=translator)

    @contextmanager
    def noting(self) -> Iterator[set[str]]:
        """The keys of all modules that what is done meanwhile depends on, those that are not there too."""
        self._noting.append(set())
        try:
            yield self._noting[-1]
        finally:
            self._noting.pop()

    def note(self, keys: Iterable[str]) -> None:
        """Note that what is done now depends on these modules."""
        if self._noting:
            self._noting[-1].update(keys)

    def names(self, version: str = "") -> list[str]:
        """What specs can name that use the modules of this version, sorted by path."""
        keys = (path.removesuffix(f"/{MODULE_FILE}") for path in self.texts)
        return [
            key.partition("@")[0]
            for key in keys
            if version_of(key) == (version if is_in_repository(key) else "")
        ]

    def hidden(self, path: str) -> Confidential:
        """The sensitive values in the file of a module that was checked."""
        documents = self.documents[path]
        whole = all(one.sound for one in documents) and bool(documents)
        nodes = self.secret.get(path, ())
        return confidential(self.texts[path], documents, (), nodes, whole=whole)

    def shown(self, path: str) -> list[Diagnostic]:
        """What is wrong with a module that was checked, without sensitive values."""
        problems = self.problems[path]
        return list(map(self.hidden(path).cleaned, (*problems.found, *problems.warned)))

    def read(self, path: str, types: Types) -> Module | None:
        """The module in this file; None, with problems added, when its form is wrong."""
        if path not in self._read:
            problems = self.problems.setdefault(path, Problems(file=path))
            if is_template(path):
                self.documents[path] = read_template_document(
                    self.texts[path], types, problems, self.translator
                )
                self._read[path] = _template_module(path, self.documents[path], problems)
            else:
                self.documents[path] = read_documents(self.texts[path], problems)
                self._read[path] = _read_module(path, self.documents[path], problems)
        return self._read[path]


def _template_module(path: str, documents: list[Document], problems: Problems) -> Module | None:
    """The module that a template is; with problems too, so that all of them are told at once."""
    for one in documents:
        spec = one.node.get("spec")
        if spec is not None:
            fields: dict[str, Any] = read(spec, TEMPLATE, "", problems) or {}
            for output in (fields.get("outputs") or {}).values():
                output["sensitive"] = None  # as its value is: the template cannot say so
            return Module(path=path, spec=spec, fields=fields)
    return None


def _read_module(path: str, documents: list[Document], problems: Problems) -> Module | None:
    for one in documents[1:]:
        problems.add(
            "misplaced-file",
            one.node,
            "A module file holds one Module and nothing else.",
            "Move the document into a file of its own.",
        )
    if not documents:
        return None
    document = documents[0]
    if document.kind != "Module":
        problems.add(
            "misplaced-file",
            document.node,
            f"{path} holds a {document.kind}; a module file holds a Module.",
            "Write kind: Module, or move the document below specs/.",
        )
        return None
    fields: dict[str, Any] = read(document.node, MODULE, "", problems) or {}
    spec = document.node.get("spec")
    if problems.found or spec is None:
        return None
    return Module(path=path, spec=spec, fields=fields.get("spec") or {})

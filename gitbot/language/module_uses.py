"""Evaluates a module for those who use it, and on its own to check it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gitbot.language.copies import Copy
from gitbot.language.frame import NO_ADDRESSES, CopyValues, Frame, Shared
from gitbot.language.frames import evaluate_frame
from gitbot.language.library import Library, Module
from gitbot.language.module_references import Obstacle, obstacle, use_of
from gitbot.language.nodes import Node
from gitbot.language.scope import PLACEHOLDER, AnyName
from gitbot.language.types import Types
from gitbot.language.variables import Declaration, Given, resolve_variables
from gitbot.language.versions import key_of, module_path, version_of
from gitbot.language.written import Written
from gitbot.model.names import Address
from gitbot.model.values import Value

DEEPEST: Final = 10
BUILT_IN: Final = ("name", "region", "account")
"""What a module sees of the environment. All else is passed to it."""

_BROKEN = "module-broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleUses:
    """Evaluates modules out of a library."""

    library: Library

    def __call__(
        self, frame: Frame, one: Written, copy: Copy, after: frozenset[Address]
    ) -> CopyValues:
        """What can be read of the module; everything, where it cannot be evaluated."""
        reference = one.module or ""
        module = self._find(frame, one, reference)
        values = one.fields.get("values") or {}
        if module is None:
            # Nobody can tell which of its variables are sensitive.
            frame.shared.secret.extend((frame.problems.file, node) for node in values.values())
            return CopyValues(values=AnyName(), sources=after)
        here = frame.evaluator(copy)
        place = one.node.get("values")
        child = _child(frame, one, copy, module, after)
        given = Given(
            values=values,
            place=place,
            home=one.home,
            field=f"{one.key}.values",
            evaluator=here,
        )
        declared = module.fields.get("variables") or {}
        declare_variables(child, declared, module.spec, given)
        for name, node in values.items():
            # A misspelt name gives its value to no variable, and the value may still be sensitive.
            if any(one.get("sensitive") for one in _meant(name, declared)):
                frame.shared.secret.append((frame.problems.file, node))
            child.behind[f"vars.{name}"] = frame.sources([node], copy)
        found = evaluate_frame(child)
        return CopyValues(
            values={name: output.value for name, output in found.outputs.items()},
            sources=NO_ADDRESSES.union(*found.parts.values()),
            parts=found.parts,
        )

    def _find(self, frame: Frame, one: Written, reference: str) -> Module | None:
        key = key_of(reference, frame.version)
        self.library.note([key])
        problem = self._obstacle(frame, key, reference)
        if problem is None:
            frame.shared.modules.add(use_of(key, self.library))
            return self.library.read(module_path(key), frame.shared.types)
        code, detail, fix = problem
        cause = module_path(key) if code == _BROKEN else ""
        frame.problems.add(code, one.node.get("module"), detail, fix, cause=cause)
        return None

    def _obstacle(self, frame: Frame, key: str, reference: str) -> Obstacle | None:
        """Why the module cannot be used here; None when it can."""
        if key in frame.path:
            way = " → ".join((*frame.path[frame.path.index(key) :], key))
            return (
                "module-circle",
                f"{way}: a module cannot be a part of itself.",
                "Remove this use.",
            )
        if len(frame.path) >= DEEPEST:
            way = " → ".join((*frame.path, key))
            return (
                "module-circle",
                f"{way}: modules in modules are at most {DEEPEST} deep.",
                "Use fewer levels.",
            )
        if (missing := obstacle(key, reference, self.library)) is not None:
            return missing
        path = module_path(key)
        if not is_sound(path, self.library, frame.shared.types):
            return _broken(path, reference, self.library)
        return None


def _broken(path: str, reference: str, library: Library) -> Obstacle:
    """What to tell whoever uses a module with problems. Those of another version are told nowhere
    else."""
    why = "its own file has problems"
    if not version_of(path):
        return (
            _BROKEN,
            f"{reference} cannot be used: {why}.",
            f"Correct {path} first.",
        )
    first = min(one for one in library.shown(path) if one.is_error)
    return (
        _BROKEN,
        f"{reference} cannot be used: {why} there. Line {first.line}: {first.detail}",
        "Take it from a commit where it is correct.",
    )


def _meant(name: str, declared: Mapping[str, Declaration]) -> Iterable[Declaration]:
    """The variable of this name; all of them, where there is none."""
    return (declared[name],) if name in declared else declared.values()


def _child(
    frame: Frame, one: Written, copy: Copy, module: Module, after: frozenset[Address]
) -> Frame:
    return Frame(
        shared=frame.shared,
        problems=frame.problems.of_use(module.path, frame.problems.span(one.home)),
        spec=module.spec,
        fields=module.fields,
        inputs=_inputs(frame.inputs),
        allowed=_allowed(frame.allowed),
        prefix=f"{frame.prefix}{one.key}{copy.suffix}.",
        path=(*frame.path, key_of(one.module or "", frame.version)),
        version=version_of(module.key),
        is_template=module.is_template,
        after=frame.after | frame.sources((one.for_each, one.when)) | _named(frame, one),
    )


def _named(frame: Frame, one: Written) -> frozenset[Address]:
    names = (one.fields.get("lifecycle") or {}).get("dependsOn", ())
    return frozenset[Address]().union(*(frame.made.get(name, frozenset()) for name in names))


def _inputs(
    inputs: Mapping[str, Mapping[str, Value] | None],
) -> dict[str, Mapping[str, Value] | None]:
    environment = inputs.get("env")
    if environment is not None and not isinstance(environment, AnyName):
        environment = {name: environment[name] for name in BUILT_IN if name in environment}
    return {"env": environment, "stack": inputs.get("stack")}


def _allowed(
    allowed: Mapping[str, frozenset[str] | None],
) -> dict[str, frozenset[str] | None]:
    return {"env": frozenset(BUILT_IN), "stack": allowed.get("stack")}


def declare_variables(
    frame: Frame, declared: Mapping[str, Declaration], spec: Node, given: Given
) -> None:
    """Put the variables into the frame of their module. Defaults may use ``env`` and ``stack``.

    A variable with a wrong declaration still counts as declared.
    """
    values = resolve_variables(declared, spec, given, frame.evaluator())
    written = spec.get("variables")
    names = dict(written.items()) if written is not None else {}
    frame.inputs["vars"] = {**dict.fromkeys(names, PLACEHOLDER), **values}
    frame.allowed["vars"] = frozenset(names)


def is_sound(path: str, library: Library, types: Types) -> bool:
    """Whether the module in this file has no problem of its own. It is checked once.

    A module that is being checked counts as sound: a circle is found by its path.
    """
    if path not in library.problems:
        with library.noting() as reads:
            module = library.read(path, types)
            if module is not None:
                _check(module, library, types)
        library.reads[path] = frozenset(reads)
    library.note(library.reads.get(path, ()))
    return not library.problems[path].found


def _check(module: Module, library: Library, types: Types) -> None:
    """Add the problems that the module has whatever its variables are."""
    uses = ModuleUses(library=library)
    frame = Frame(
        shared=Shared(types=types, use=uses, tags={}),
        problems=library.problems[module.path],
        spec=module.spec,
        fields=module.fields,
        inputs={"env": AnyName(), "stack": {"name": PLACEHOLDER, "labels": PLACEHOLDER}},
        allowed={"env": frozenset(BUILT_IN), "stack": frozenset(("name", "labels"))},
        path=(module.key,),
        version=version_of(module.key),
        is_template=module.is_template,
    )
    given = Given(
        values={}, place=None, home=None, field="values", evaluator=frame.evaluator(), trial=True
    )
    declare_variables(frame, module.fields.get("variables") or {}, module.spec, given)
    if module.is_template:
        # CloudFormation judges defaults where they are used; many stand for "give a value".
        frame.inputs["vars"] = dict.fromkeys(frame.inputs.get("vars") or (), PLACEHOLDER)
    evaluate_frame(frame)
    library.secret[module.path] = [
        node for file, node in frame.shared.secret if file == module.path
    ]

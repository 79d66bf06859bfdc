"""Reads SAM templates: what aws-sam-translator makes of one, with the positions of its source. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from gitbot.language.files import TEMPLATES, SpecFile
from gitbot.language.nodes import Mark, Node
from gitbot.language.problems import Problems

SAM: Final = "AWS::Serverless-2016-10-31"
_APPLICATION: Final = "AWS::Serverless::Application"
_PACKAGE: Final = "`sam package` uploads what is in a folder, and prints the template with its address: use that one."


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """What the translator made. ``template`` is None when it refused the template.

    ``refused`` are its reasons, each with the name of the resource, or None.
    """

    template: Mapping[str, Any] | None
    refused: tuple[tuple[str | None, str], ...] = ()


Translator: TypeAlias = Callable[[dict[str, Any]], Translated]


def may_be_sam(file: SpecFile) -> bool:
    """Whether the file may be a template of SAM."""
    return file.path.startswith(f"{TEMPLATES}/") and "AWS::Serverless-" in file.text


def translated(template: Node, translator: Translator | None, problems: Problems) -> Node | None:
    """The template without SAM; the same one, if it has none. None when it cannot be translated."""
    transform = template.get("Transform")
    names = transform.value if transform is not None and transform.is_list else [transform]
    found = next((one for one in names if one is not None and one.value == SAM), None)
    if found is None:
        return template
    if translator is None:
        what = "SAM needs aws-sam-translator, and no child process has it"
        fix = f"Install gitbot[sam], and write the name out: Transform: {SAM}."
        _add(problems, found.mark, what, fix)
        return None
    if _has_applications(template, problems):
        return None
    made = translator(_long(template))
    marks = _marks(template)
    for name, why in made.refused:
        at = found.mark if name is None else _origin(name, marks, found.mark)
        fix = _PACKAGE if "valid S3 Uri" in why else "Correct the template."
        problems.add("bad-template", at, f"aws-sam-translator refuses it: {why}", fix)
    return None if made.template is None else _placed(made.template, template)


def _has_applications(template: Node, problems: Problems) -> bool:
    resources = template.get("Resources")
    found = [
        node.get("Type") or node
        for _, node in (resources.items() if resources is not None else ())
        if (type_ := node.get("Type")) is not None and type_.value == _APPLICATION
    ]
    for one in found:
        _add(problems, one.mark, f"{_APPLICATION} is a nested stack", "Write out what it makes.")
    return bool(found)


def _add(problems: Problems, at: Mark, what: str, fix: str) -> None:
    problems.add("template-unsupported", at, f"{what}.", fix)


def _long(node: Node) -> Any:
    """The values as the translator wants them: ``Fn::GetAtt`` with a list."""
    if isinstance(node.value, dict):
        found = {key: _long(one) for key, one in node.value.items()}
        attribute = found.get("Fn::GetAtt")
        if isinstance(attribute, str) and len(found) == 1:
            return {"Fn::GetAtt": attribute.split(".", 1)}
        return found
    if isinstance(node.value, list):
        return [_long(one) for one in node.value]
    return node.value


def _placed(made: Mapping[str, Any], source: Node) -> Node:
    """The template as nodes. What was made of a resource stands where that resource does."""
    marks = _marks(source)
    sections: dict[str, Node] = {}
    for name, value in made.items():
        below = source.get(name)
        if name == "Resources" and isinstance(value, dict):
            own = {each: _origin(each, marks, source.mark) for each in value}
            inside = {each: _node(one, own[each]) for each, one in value.items()}
            sections[name] = Node(inside, source.mark, own)
        elif below is not None and _long(below) == value:
            sections[name] = below
        elif name not in ("Transform", "Globals"):
            sections[name] = _node(value, source.mark if below is None else below.mark)
    return Node(sections, source.mark, {name: one.mark for name, one in sections.items()})


def _marks(template: Node) -> dict[str, Mark]:
    """Where each resource stands."""
    resources = template.get("Resources")
    return {name: resources.key_mark(name) for name, _ in resources.items()} if resources else {}


def _origin(name: str, marks: Mapping[str, Mark], otherwise: Mark) -> Mark:
    """Where the resource stands of which this one was made: its name begins with that."""
    found = [one for one in marks if name.startswith(one)]
    return marks[max(found, key=len)] if found else otherwise


def _node(value: Any, mark: Mark) -> Node:
    if isinstance(value, Mapping):
        entries = {str(key): _node(one, mark) for key, one in value.items()}
        return Node(entries, mark, dict.fromkeys(entries, mark))
    if isinstance(value, (list, tuple)):
        return Node([_node(one, mark) for one in value], mark)
    return Node(value, mark)

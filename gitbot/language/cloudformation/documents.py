"""Reads the text of a template into the document of the module that says the same. Pure."""

from __future__ import annotations

from gitbot.language.cloudformation.reader import read_template
from gitbot.language.cloudformation.rewriting import as_specs_say_it
from gitbot.language.cloudformation.sam import Translator, translated
from gitbot.language.cloudformation.sections import write_spec
from gitbot.language.documents import Document
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems
from gitbot.language.types import Types


def read_template_document(
    text: str, types: Types, problems: Problems, translator: Translator | None = None
) -> list[Document]:
    """The document; none, with problems added, when the text is no template.

    ``translator`` makes a plain template of one of SAM.
    """
    template = read_template(text, problems)
    if template is None:
        return []
    sound = not any(one.code.startswith("yaml-") for one in problems.found)
    plain = translated(template, translator, problems)
    if plain is None:
        return []
    spec = write_spec(as_specs_say_it(plain), types, problems)
    node = Node({"spec": spec}, template.mark, {"spec": template.mark})
    return [Document(kind="Module", node=node, sound=sound)]

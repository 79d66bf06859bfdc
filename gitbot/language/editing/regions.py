"""Takes a stack out of some of its regions in the text of its file. Pure."""

from __future__ import annotations

from collections.abc import Collection

from gitbot.language.editing.pieces import EditError, documents_of
from gitbot.language.editing.rewrite import rewritten
from gitbot.language.editing.whole import stack_in, without_document
from gitbot.model.names import region_of, written_name


def without_stacks(text: str, names: Collection[str]) -> str:
    """The text without these stacks: all of them are of one document, each an instance of it.

    A region in which the stack is no more is taken out of ``spec.regions``; with the last of them the
    document goes. Empty when nothing is left: delete the file then.

    Raises:
        EditError: the file declares no such stack, or it cannot be changed without touching more.
    """
    written = written_name(min(names))
    document = stack_in(text, written)
    if document is None:
        raise EditError(f"It declares no stack of the name {written}. Take it out by hand.")
    plain = documents_of(text)[document]
    regions = plain["spec"].get("regions") if isinstance(plain.get("spec"), dict) else None
    gone = {region_of(name, "") for name in names}
    left = [one for one in regions if one not in gone] if isinstance(regions, list) else []
    if not left:
        return without_document(text, document)
    wanted = {**plain, "spec": {**plain["spec"], "regions": left}}
    return rewritten(text, wanted, document=document)

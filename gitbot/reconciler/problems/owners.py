"""Say whose objects are, where they are not the stack's own. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address, RemoteId
from gitbot.model.ownership import Owner
from gitbot.model.plan import PathChange
from gitbot.model.recorded import RecordedResource
from gitbot.reconciler.pointers import parse, words_of
from gitbot.reconciler.problems.collected import Problems
from gitbot.reconciler.renamings import move_line


def say_anothers(
    problems: Problems, resource: DesiredResource, remote_id: RemoteId, owner: str
) -> None:
    """The object belongs to another stack."""
    imports = resource.lifecycle.import_id is not None
    fix = (
        "Take `lifecycle.import` out and give it another name, or have the other stack let go of "
        "it first (`lifecycle.retain`, then remove it there)."
        if imports
        else f"If it is theirs, remove `{resource.address}` from this spec: it is then only taken "
        "out of state here."
    )
    problems.say(
        "belongs-to-another",
        "The object belongs to another stack",
        f"`{remote_id}`, which would be `{resource.address}` ({resource.type}), belongs to "
        f"{owner}. gitbot changes and deletes only what is this stack's own.",
        f"{fix} If that stack's state was lost or moved, see docs/state.md.",
        resource,
    )


def say_part_of_anothers(problems: Problems, resource: DesiredResource, owner: str) -> None:
    """A new object would be part of one that another environment or state owns."""
    problems.say(
        "belongs-to-another",
        "The object would be part of another stack's",
        f"`{resource.address}` ({resource.type}) would be made in an object that belongs to "
        f"{owner}.",
        f"Declare it in that stack, or make `{resource.address}` part of an object of this "
        "environment.",
        resource,
    )


def say_taken(
    problems: Problems, resource: DesiredResource, remote_id: RemoteId, owner: Owner
) -> None:
    """The name of a new object is taken by one that is not the stack's."""
    whose = f"belongs to {owner.name}" if owner.name else "was not made by gitbot"
    advice = (
        "Choose another name. If that stack's state was lost or moved, see docs/state.md."
        if owner.name and not owner.let_go
        else f'Choose another name, or take it over with `lifecycle: {{import: "{remote_id}"}}`.'
    )
    problems.say(
        "already-exists",
        "There is such an object already",
        f"`{resource.address}` would be created, but the {resource.type} `{remote_id}` exists and "
        f"{whose}.",
        advice,
        resource,
    )


def say_own_elsewhere(
    problems: Problems, resource: DesiredResource, remote_id: RemoteId, address: str
) -> None:
    """The name of a new object is taken by one that the stack made under another address."""
    problems.say(
        "already-exists",
        "There is such an object already",
        f"`{resource.address}` would be created, but the {resource.type} `{remote_id}` exists: this "
        f"stack made it as `{address}`.",
        "If it is the same one and `gitbot state list` still has it, write "
        f"{move_line(Address(address), resource.address)}. If state does not have it any more, name the "
        f'resource `{address}`, or import it: `lifecycle: {{import: "{remote_id}"}}`. Otherwise choose '
        "another name.",
        resource,
    )


def say_found_twice(problems: Problems, resource: DesiredResource, ids: Sequence[RemoteId]) -> None:
    """Several live objects say that they are this resource."""
    names = ", ".join(f"`{each}`" for each in ids)
    problems.say(
        "found-twice",
        "Several objects say that they are this resource",
        f"{names} all carry the tags of `{resource.address}`, and state has none of them.",
        "Delete the ones that are not needed, or say which one it is with `lifecycle.import`.",
        resource,
    )


def say_in_place(
    problems: Problems,
    resource: DesiredResource,
    gone: RecordedResource,
    there: Sequence[RemoteId],
    *,
    tagged: bool,
) -> None:
    """The object that state has is gone, and other ones say that they are this resource."""
    names = ", ".join(f"`{each}`" for each in there)
    are = "is" if len(there) == 1 else "are"
    says = "with the tags of" if tagged else "in an object of this stack, with the name of"
    takes_off = "delete it, or take gitbot's tags off it," if tagged else "delete it,"
    problems.say(
        "another-in-place",
        "State has an object that is gone, and another one is in its place",
        f"State has `{gone.remote_id}` as `{resource.address}` ({gone.type}), and it does not exist any more. There "
        f"{are} {names} {says} `{resource.address}`: the state is older than that, or somebody made a copy.",
        f"If it is the resource, run `gitbot recover {problems.environment}` (docs/state.md). If it is a copy, "
        f"{takes_off} and a new object is made.",
        resource,
    )


def say_named_twice(
    problems: Problems, resource: DesiredResource, name: str, other: Address
) -> None:
    """A resource would be made as, or adopt, the object that another resource of the stack has or makes."""
    problems.say(
        "named-twice",
        "Two resources of a stack would be one object",
        f"`{resource.address}` and `{other}` both mean the {resource.type} `{name}`, and there is only "
        "one of that name.",
        f"Give `{resource.address}` another name, or remove it: `{other}` keeps the object.",
        resource,
    )


def say_exchanged(
    problems: Problems, resource: DesiredResource, name: str, others: Sequence[Address]
) -> None:
    """Resources would exchange values that only one object can have at a time."""
    names = ", ".join(f"`{each}`" for each in others)
    problems.say(
        "values-exchanged",
        "Objects cannot exchange what only one of them can have",
        f"`{resource.address}` and {names} ({resource.type}) would exchange their {name}, and the cloud takes none "
        "that another object still has.",
        f"Give `{resource.address}` a {name} that is free, apply that, and then give it the one that it should have.",
        resource,
    )


def say_import_absent(problems: Problems, resource: DesiredResource) -> None:
    """There is nothing to adopt."""
    problems.say(
        "import-absent",
        "The object to import does not exist",
        f"`lifecycle.import` of `{resource.address}` names `{resource.lifecycle.import_id}`, and "
        f"the account and region of this environment have no such {resource.type}.",
        "Correct the identifier, or take `import` out to have the object created.",
        resource,
    )


def say_import_differs(
    problems: Problems, resource: DesiredResource, paths: Sequence[PathChange]
) -> None:
    """The object could only be adopted by replacing it."""
    names = ", ".join(f"`{words_of(parse(path.path))}`" for path in paths)
    problems.say(
        "import-differs",
        "The object to import differs where it cannot be changed",
        f"`{resource.lifecycle.import_id}` and the spec of `{resource.address}` differ in {names}, "
        "which can only be set at creation: adopting it would mean replacing it.",
        "Give these properties the values that the object has.",
        resource,
    )

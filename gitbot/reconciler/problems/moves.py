"""Say what is wrong with resources under new names. Pure."""

from __future__ import annotations

from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address
from gitbot.reconciler.problems.collected import Problems


def say_moved_still_desired(problems: Problems, resource: DesiredResource, before: Address) -> None:
    """A move away from an address that is still in use."""
    problems.say(
        "moved-still-desired",
        "What was moved is still declared under its former name",
        f"`{resource.address}` says that it was moved from `{before}`, which the stack still "
        "declares.",
        f"Remove `{before}`, or take `lifecycle.moved` out of `{resource.address}`.",
        resource,
    )


def say_moved_twice(
    problems: Problems, resource: DesiredResource, before: Address, other: Address
) -> None:
    """Two resources say that they were the same one."""
    problems.say(
        "moved-twice",
        "Two resources are moved from one address",
        f"`{other}` and `{resource.address}` both say that they were moved from `{before}`.",
        "Keep `lifecycle.moved` on the one that the object should belong to.",
        resource,
    )


def say_moved_onto_another(problems: Problems, resource: DesiredResource, before: Address) -> None:
    """A move onto an address that has an object already."""
    problems.say(
        "moved-conflict",
        "A resource is moved onto another one",
        f"`{resource.address}` says that it was moved from `{before}`, but state has an object "
        "under each of the two addresses.",
        f"Take `lifecycle.moved` out (then `{before}` is deleted), or give `{resource.address}` "
        "another name.",
        resource,
    )


def say_renamed(
    problems: Problems,
    resource: DesiredResource,
    before: Address,
    wanted: str,
    line: str,
    imported: bool = False,
) -> None:
    """A resource under a new address wants the name, or imports the object, of one that is removed;
    ``line`` renames it."""
    wants = "imports the object" if imported else "wants the name"
    otherwise = (
        "and take the import out"
        if imported
        else "otherwise give it another name, or delete the other one in a change of its own first"
    )
    problems.say(
        "moved-missing",
        "A resource would take what one has that is removed",
        f"`{resource.address}` is new and {wants} `{wanted}`, which `{before}` still has: the "
        "specs no longer declare `" + before + "`.",
        f"If they are the same object, write {line}; {otherwise}.",
        resource,
    )

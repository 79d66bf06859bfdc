"""Make the diagnostics of faults that show only together with state and cloud. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.model.conditions import Condition, ConditionKind
from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.diagnostic import Diagnostic, SourceSpan
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.plan import PathChange
from gitbot.model.recorded import RecordedResource
from gitbot.reconciler.pointers import parse, words_of
from gitbot.reconciler.renamings import move_line


class Problems:
    """Collects the plan-time diagnostics of one stack."""

    def __init__(self, desired: DesiredStack | None, stack: StackId | None = None) -> None:
        self._environment = desired.environment if desired else stack.environment if stack else None
        self._stack = desired.name if desired else stack.name if stack else None
        # A stack that has left the specs has no file: point at the folder of its environment.
        self._source = desired.source if desired else SourceSpan(file=f"specs/{self._environment}")
        self._found: list[Diagnostic] = []

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """The diagnostics in order of file and place."""
        return tuple(sorted(self._found, key=lambda item: (item.span, item.code, item.detail)))

    def add(self, found: Sequence[Diagnostic]) -> None:
        """Take over diagnostics that were collected elsewhere."""
        self._found.extend(found)

    def _say(
        self,
        code: str,
        summary: str,
        detail: str,
        fix: str,
        source: SourceSpan | None = None,
        used_at: tuple[SourceSpan, ...] = (),
    ) -> None:
        place = source or self._source
        self._found.append(
            Diagnostic(
                file=place.file,
                line=place.line,
                column=place.column,
                code=code,
                summary=summary,
                detail=detail,
                fix=fix,
                environment=self._environment,
                stack=self._stack,
                used_at=used_at,
            )
        )

    def unknown_type(self, resource: DesiredResource) -> None:
        """The type is not in the registry."""
        self._say(
            "unknown-type",
            "This resource type is not known",
            f"`{resource.address}` is of type `{resource.type}`, which the registry does not have.",
            "Check the spelling against the CloudFormation resource type reference.",
            resource.source,
            resource.used_at,
        )

    def cycle(self, path: Sequence[Address]) -> None:
        """Resources need each other in a circle."""
        self._say(
            "dependency-cycle",
            "Resources depend on each other in a circle",
            f"None of these can be created first: {' → '.join(path)}.",
            "Take one reference or `lifecycle.dependsOn` of the circle out.",
        )

    def unmet(self, resource: DesiredResource, kind: ConditionKind, condition: Condition) -> None:
        """A condition of a resource cannot hold, whatever an apply does."""
        why = (
            "Nothing is changed in a stack where one is false."
            if kind is ConditionKind.PRECONDITION
            else "What the spec itself says of the resource makes it false."
        )
        self._say(
            f"{kind.value}-failed",
            f"A {kind.value} does not hold",
            f"The {kind.value} of `{resource.address}` is false: {condition.says}. {why}",
            "Change the values that it is about, or the condition.",
            condition.source,
            resource.used_at,
        )

    def removal(self, resource: DesiredResource, path: PathChange) -> None:
        """A declared property has left the spec, and its type does not say what to do then."""
        words = words_of(parse(path.path))
        self._say(
            "removal-undeclared",
            "Removing this property has no defined meaning",
            f"`{words}` of `{resource.address}` was applied before and is no longer declared, and "
            f"{resource.type} has no default that gitbot could go back to.",
            f"Declare `{words}` with the value that it should have, or list `{path.path}` under "
            "`lifecycle.ignoreChanges` to leave it as it is.",
            resource.source,
            resource.used_at,
        )

    def replaced_in_use(
        self, resource: DesiredResource, name: str, users: Sequence[Address]
    ) -> None:
        """It must go before its successor comes, and the cloud keeps it while it is used."""
        names = ", ".join(f"`{user}`" for user in users)
        self._say(
            "replaced-in-use",
            "A resource cannot be replaced while it is used",
            f"`{resource.address}` keeps the name `{name}`, so the old object must be deleted before "
            f"the new one is made, and the cloud keeps it while {names} uses it.",
            f"Take the fixed name out or change it: then the new object is made first and {names} "
            "moves over to it.",
            resource.source,
            resource.used_at,
        )

    def name_lingers(self, resource: DesiredResource, name: str, why: str) -> None:
        """It must go before its successor comes, and the name is not free then."""
        self._say(
            "name-lingers",
            "A resource cannot be replaced under its name",
            f"`{resource.address}` keeps the name `{name}`, so the old object must be deleted before the "
            f"new one is made. {why}",
            "Take the fixed name out or change it: then the new object is made first. Or take the change "
            "back.",
            resource.source,
            resource.used_at,
        )

    def shrinks(self, resource: DesiredResource, path: PathChange) -> None:
        """A size that can only grow is to become smaller, or an element is to leave a list."""
        words = words_of(parse(path.path))
        keep = "it again" if path.removed else f"at least {path.before}"
        be = "be taken out" if path.removed else f"become {path.after}"
        self._say(
            "cannot-shrink",
            "A value can only grow or be turned on",
            f"`{words}` of `{resource.address}` is {path.before} and cannot {be}.",
            f"Declare {keep}, or give the resource another name, so that a new object "
            "is made and this one is deleted with its data.",
            resource.source,
            resource.used_at,
        )

    def skips(self, resource: DesiredResource, path: PathChange) -> None:
        """A version is to become another one than the next."""
        words = words_of(parse(path.path))
        self._say(
            "version-skipped",
            "A version can only become the next one",
            f"`{words}` of `{resource.address}` is {path.before} and cannot become {path.after} at once: the cloud "
            "takes one minor version after the other.",
            f"Write {path.before} or the version next to it, apply that, and go on from there.",
            resource.source,
            resource.used_at,
        )

    def leaps(self, resource: DesiredResource, path: PathChange, allowed: str) -> None:
        """A version is to get another first number without what allows that."""
        words = words_of(parse(path.path))
        self._say(
            "upgrade-not-allowed",
            "A major upgrade is not allowed",
            f"`{words}` of `{resource.address}` is {path.before}, and the cloud makes {path.after} of it only where "
            f"`{allowed}` is true.",
            f"Set `{allowed}: true` with it; there is no way back to {path.before}.",
            resource.source,
            resource.used_at,
        )

    def protected_replacement(self, resource: DesiredResource, why: Sequence[str]) -> None:
        """A protected resource would be replaced."""
        self._say(
            "protected",
            "A protected resource would be deleted",
            f"`{resource.address}` has `lifecycle.protect` and this change would replace it. "
            + " ".join(why),
            "Take the change back, or set `protect: false` in a change of its own first.",
            resource.source,
            resource.used_at,
        )

    def still_protected(self, resource: DesiredResource, why: Sequence[str]) -> None:
        """A resource would lose its protection and be replaced in the same step."""
        self._say(
            "protected",
            "A protected resource would be deleted",
            f"`{resource.address}` was applied with `lifecycle.protect`. This change takes the "
            "protection away and would replace it in the same step. " + " ".join(why),
            "Apply `protect: false` in a change of its own first, then make the rest of this change.",
            resource.source,
            resource.used_at,
        )

    def protected_deletion(self, resource: RecordedResource) -> None:
        """A protected resource would be deleted."""
        self._say(
            "protected",
            "A protected resource would be deleted",
            f"`{resource.address}` ({resource.type}, `{resource.remote_id}`) was applied with "
            "`lifecycle.protect`, and this would delete it: the specs no longer have it, or the stack is "
            "destroyed.",
            "Keep it in the spec, or set `protect: false` on it there, apply that, and remove or destroy "
            "it then.",
        )

    def stranded(self, left: RecordedResource, needed: RecordedResource) -> None:
        """What stays in the cloud uses what would be deleted."""
        self._say(
            "retained-needs",
            "A resource that stays needs one that would be deleted",
            f"`{left.address}` ({left.type}, `{left.remote_id}`) is to stay in the cloud, and it uses "
            f"`{needed.address}` ({needed.type}, `{needed.remote_id}`), which would be deleted: the "
            "cloud refuses that, or what stays is left without it.",
            f"Keep both: set `lifecycle: {{retain: true}}` on `{needed.address}` too and apply that first. "
            f"Or delete both: set `retain: false` on `{left.address}`, apply that, and then repeat this.",
        )

    def import_absent(self, resource: DesiredResource) -> None:
        """There is nothing to adopt."""
        self._say(
            "import-absent",
            "The object to import does not exist",
            f"`lifecycle.import` of `{resource.address}` names `{resource.lifecycle.import_id}`, and "
            f"the account and region of this environment have no such {resource.type}.",
            "Correct the identifier, or take `import` out to have the object created.",
            resource.source,
            resource.used_at,
        )

    def import_differs(self, resource: DesiredResource, paths: Sequence[PathChange]) -> None:
        """The object could only be adopted by replacing it."""
        names = ", ".join(f"`{words_of(parse(path.path))}`" for path in paths)
        self._say(
            "import-differs",
            "The object to import differs where it cannot be changed",
            f"`{resource.lifecycle.import_id}` and the spec of `{resource.address}` differ in {names}, "
            "which can only be set at creation: adopting it would mean replacing it.",
            "Give these properties the values that the object has.",
            resource.source,
            resource.used_at,
        )

    def anothers(self, resource: DesiredResource, remote_id: RemoteId, owner: str) -> None:
        """The object belongs to another stack."""
        imports = resource.lifecycle.import_id is not None
        fix = (
            "Take `lifecycle.import` out and give it another name, or have the other stack let go of "
            "it first (`lifecycle.retain`, then remove it there)."
            if imports
            else f"If it is theirs, remove `{resource.address}` from this spec: it is then only taken "
            "out of state here."
        )
        self._say(
            "belongs-to-another",
            "The object belongs to another stack",
            f"`{remote_id}`, which would be `{resource.address}` ({resource.type}), belongs to "
            f"{owner}. gitbot changes and deletes only what is this stack's own.",
            f"{fix} If that stack's state was lost or moved, see docs/state.md.",
            resource.source,
            resource.used_at,
        )

    def taken(self, resource: DesiredResource, remote_id: RemoteId, owner: str) -> None:
        """The name of a new object is taken by one that is not the stack's."""
        whose = f"belongs to {owner}" if owner else "was not made by gitbot"
        advice = (
            "Choose another name. If that stack's state was lost or moved, see docs/state.md."
            if owner
            else "Choose another name, or take it over with `lifecycle: {import: "
            f'"{remote_id}"}}`.'
        )
        self._say(
            "already-exists",
            "There is such an object already",
            f"`{resource.address}` would be created, but the {resource.type} `{remote_id}` exists and "
            f"{whose}.",
            advice,
            resource.source,
            resource.used_at,
        )

    def own_elsewhere(self, resource: DesiredResource, remote_id: RemoteId, address: str) -> None:
        """The name of a new object is taken by one that the stack made under another address."""
        self._say(
            "already-exists",
            "There is such an object already",
            f"`{resource.address}` would be created, but the {resource.type} `{remote_id}` exists: this "
            f"stack made it as `{address}`.",
            "If it is the same one and `gitbot state list` still has it, write "
            f"{move_line(Address(address), resource.address)}. If state does not have it any more, name the "
            f'resource `{address}`, or import it: `lifecycle: {{import: "{remote_id}"}}`. Otherwise choose '
            "another name.",
            resource.source,
            resource.used_at,
        )

    def found_twice(self, resource: DesiredResource, ids: Sequence[RemoteId]) -> None:
        """Several live objects say that they are this resource."""
        names = ", ".join(f"`{each}`" for each in ids)
        self._say(
            "found-twice",
            "Several objects say that they are this resource",
            f"{names} all carry the tags of `{resource.address}`, and state has none of them.",
            "Delete the ones that are not needed, or say which one it is with `lifecycle.import`.",
            resource.source,
            resource.used_at,
        )

    def made_otherwise(self, resource: DesiredResource, why: str, fix: str) -> None:
        """The cloud would refuse what the spec says, or make something else of it."""
        self._say(
            "made-otherwise",
            "The cloud would refuse this, or make something else of it",
            f"`{resource.address}` ({resource.type}): {why}",
            fix,
            resource.source,
            resource.used_at,
        )

    def part_of_anothers(self, resource: DesiredResource, owner: str) -> None:
        """A new object would be part of one that another environment or state owns."""
        self._say(
            "belongs-to-another",
            "The object would be part of another stack's",
            f"`{resource.address}` ({resource.type}) would be made in an object that belongs to "
            f"{owner}.",
            f"Declare it in that stack, or make `{resource.address}` part of an object of this "
            "environment.",
            resource.source,
            resource.used_at,
        )

    def moved_still_desired(self, resource: DesiredResource, before: Address) -> None:
        """A move away from an address that is still in use."""
        self._say(
            "moved-still-desired",
            "What was moved is still declared under its former name",
            f"`{resource.address}` says that it was moved from `{before}`, which the stack still "
            "declares.",
            f"Remove `{before}`, or take `lifecycle.moved` out of `{resource.address}`.",
            resource.source,
            resource.used_at,
        )

    def moved_twice(self, resource: DesiredResource, before: Address, other: Address) -> None:
        """Two resources say that they were the same one."""
        self._say(
            "moved-twice",
            "Two resources are moved from one address",
            f"`{other}` and `{resource.address}` both say that they were moved from `{before}`.",
            "Keep `lifecycle.moved` on the one that the object should belong to.",
            resource.source,
            resource.used_at,
        )

    def moved_onto_another(self, resource: DesiredResource, before: Address) -> None:
        """A move onto an address that has an object already."""
        self._say(
            "moved-conflict",
            "A resource is moved onto another one",
            f"`{resource.address}` says that it was moved from `{before}`, but state has an object "
            "under each of the two addresses.",
            f"Take `lifecycle.moved` out (then `{before}` is deleted), or give `{resource.address}` "
            "another name.",
            resource.source,
            resource.used_at,
        )

    def elsewhere(self, what: str, recorded: str, here: str, held: Sequence[Address]) -> None:
        """Recorded resources live in another account or region."""
        names = ", ".join(f"`{address}`" for address in held[:5])
        more = f" and {len(held) - 5} more" if len(held) > 5 else ""
        self._say(
            f"{what}-mismatch",
            f"Recorded resources are in another {what}",
            f"{names}{more} were applied in {what} {recorded}, but the environment now leads to "
            f"{here}.",
            f"Bring the environment back to {what} {recorded}, or destroy the stack there first.",
        )

    def named_twice(self, resource: DesiredResource, name: str, other: Address) -> None:
        """A resource would be made as, or adopt, the object that another resource of the stack has or makes."""
        self._say(
            "named-twice",
            "Two resources of a stack would be one object",
            f"`{resource.address}` and `{other}` both mean the {resource.type} `{name}`, and there is only "
            "one of that name.",
            f"Give `{resource.address}` another name, or remove it: `{other}` keeps the object.",
            resource.source,
            resource.used_at,
        )

    def renamed(
        self,
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
        self._say(
            "moved-missing",
            "A resource would take what one has that is removed",
            f"`{resource.address}` is new and {wants} `{wanted}`, which `{before}` still has: the "
            "specs no longer declare `" + before + "`.",
            f"If they are the same object, write {line}; {otherwise}.",
            resource.source,
            resource.used_at,
        )

"""``gitbot console``: try expressions against a stack. Shell."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitbot.bootstrap.stores import store_exists
from gitbot.cli.common import (
    EXIT_ERROR,
    folder_option,
    json_option,
    note,
    say,
    show_json,
    tells_errors,
)
from gitbot.cli.stores import StoreType
from gitbot.errors import GitbotError, UserError
from gitbot.model.places import Place

if TYPE_CHECKING:
    from gitbot.adapters.loader import ChildLoader
    from gitbot.model.desired import DesiredStack
    from gitbot.model.diagnostic import Diagnostic
    from gitbot.model.recorded import RecordedStack
    from gitbot.model.tree import SpecTree
    from gitbot.model.values import Value

_SENSITIVE = "sensitive-output"


@click.command()
@click.argument("environment")
@click.argument("stack")
@click.option(
    "--expression", "-e", "given", multiple=True, help="Try this and end; may be repeated."
)
@click.option(
    "--store",
    envvar="GITBOT_STORE",
    type=StoreType(),
    help="Where state is, for what only the cloud can give; also GITBOT_STORE. Without it such "
    "values are unknown.",
)
@folder_option
@json_option
@tells_errors
def console(
    environment: str,
    stack: str,
    given: tuple[str, ...],
    store: Place | None,
    folder: Path,
    as_json: bool,
) -> None:
    """Try expressions against STACK of ENVIRONMENT: each line is evaluated as the stack sees it.

    A line is an expression (`vars.my_ip`, `bucket.Arn`, `data["models"].arn`) or a text with ${…}.
    Nothing is changed, and the cloud is not asked: what only the cloud can give is what was recorded by
    the last apply, where there is a store with it, else it is shown as known after apply. Sensitive
    values are not shown. `?` lists the names, Ctrl-D ends.

    \b
      gitbot console dev gpu-trainer
      gitbot console dev gpu-trainer -e 'env.project + "-x"' -e trainer.InstanceId --json

    Exit code 1 if an expression of -e, or of a standard input that is no terminal, has an error.
    """
    from gitbot.adapters.git.folder import specs_of_folder
    from gitbot.adapters.loader import ChildLoader
    from gitbot.cli.specs import root_of

    with ChildLoader() as loader:
        tree = specs_of_folder(root_of(folder))
        desired, names = _desired(loader, tree, environment, stack)
        recorded = _recorded(store, folder, environment)
        trial = _Trial(loader=loader, tree=tree, stack=desired, recorded=recorded, names=names)
        if given or as_json or not sys.stdin.isatty():
            lines = given or (line.strip() for line in sys.stdin)
            sys.exit(_try_all(trial, (line for line in lines if line), as_json))
        _talk(trial)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """What is needed to evaluate expressions as a stack sees them."""

    loader: ChildLoader
    tree: SpecTree
    stack: DesiredStack
    recorded: Mapping[str, RecordedStack]
    names: tuple[str, ...]

    def value(self, expression: str) -> Value:
        """The value of the expression.

        Raises:
            UserError: it has an error; the message says which.
        """
        from gitbot.cli.specs import stacks_of
        from gitbot.language.editing.trial import with_trial
        from gitbot.model.values import Sensitive
        from gitbot.reconciler.binding import Scope
        from gitbot.reconciler.informed import inform

        tried, name = with_trial(self.tree, self.stack.source.file, self.stack.name, expression)
        loaded = self.loader.load(tried, reviewed=True)
        wrong = [one for one in loaded.errors() if self._is_ours(one)]
        if wrong and all(one.code == _SENSITIVE for one in wrong):
            return Sensitive(None)
        if wrong:
            raise UserError(" ".join(f"{one.detail} {one.fix}" for one in wrong))
        found = next(one for one in stacks_of(loaded) if _is_same(one, self.stack))
        scope = Scope(lambda requests: self.loader.bind(requests, reviewed=True))
        inform(scope, found, self.recorded)
        (value,) = scope.bound([found.outputs[name].value])
        return value  # type: ignore[no-any-return]  # the trees of a scope are of any type

    def _is_ours(self, one: Diagnostic) -> bool:
        from gitbot.model.names import written_name

        ours = (None, self.stack.name, written_name(self.stack.name))
        return one.environment == self.stack.environment and one.stack in ours


def _is_same(one: DesiredStack, other: DesiredStack) -> bool:
    return (one.environment, one.name, one.source) == (other.environment, other.name, other.source)


def _desired(
    loader: ChildLoader, tree: SpecTree, environment: str, stack: str
) -> tuple[DesiredStack, tuple[str, ...]]:
    """The stack, and the names that its expressions can begin with."""
    from gitbot.cli.specs import chosen_of
    from gitbot.language.editing.pieces import documents_of
    from gitbot.language.editing.whole import stack_in
    from gitbot.model.names import written_name

    loaded = loader.load(tree, reviewed=True)
    (found,) = chosen_of(loaded, environment, stack)
    text = (tree.entries[found.source.file].content or b"").decode("utf-8-sig")
    spec: dict[str, Any] = documents_of(text)[stack_in(text, written_name(stack)) or 0]["spec"]
    rules = loaded.environments[environment]
    names = [f"env.{one}" for one in ("name", "region", "account", *sorted(rules.variables))]
    names += ["stack.name", "stack.labels"]
    names += [f"vars.{one}" for one in spec.get("variables") or {}]
    names += [f"locals.{one}" for one in spec.get("locals") or {}]
    names += [f"lookups.{one}" for one in spec.get("lookups") or {}]
    names += [f"{use.address}.{use.output}" for use in found.uses]
    return found, (*names, *(spec.get("resources") or {}))


def _recorded(store: Place | None, folder: Path, environment: str) -> dict[str, RecordedStack]:
    """What the last apply recorded of each stack; {} where there is no state."""
    if store is None or not store_exists(store):
        return {}
    from gitbot.cli.state import recorded_stacks

    try:
        return {one.id.name: one for one in recorded_stacks(store, folder, environment)}
    except UserError:
        return {}  # nothing of this environment was applied with this store


def _try_all(trial: _Trial, lines: Iterable[str], as_json: bool) -> int:
    """Print the value of each expression. Returns the exit code."""
    results = []
    for line in lines:
        try:
            if line == "?":
                results.append({"expression": line, "names": list(trial.names)})
            else:
                results.append(_result(line, trial.value(line)))
        except GitbotError as error:
            results.append({"expression": line, "error": str(error)})
        if not as_json:
            _print(results[-1])
    if as_json:
        show_json({"results": results})
    return EXIT_ERROR if any("error" in one for one in results) else 0


def _result(line: str, value: Value) -> dict[str, Any]:
    """The value as programs read it: null where it is unknown or sensitive."""
    from gitbot.model.values import Sensitive, Unknown, leaves
    from gitbot.render.values import value_lines

    found = tuple(leaves(value))
    hidden = any(isinstance(one, Sensitive) for one in found)
    known = not any(isinstance(one, Unknown) for one in found)
    return {
        "expression": line,
        "value": value if known and not hidden else None,
        "known": known,
        "sensitive": hidden,
        "shown": "\n".join(one.text for one in value_lines(value)),
    }


def _print(result: Mapping[str, Any]) -> None:
    if "error" in result:
        say("error: ", "bold red", result["error"], stderr=True)
    elif "names" in result:
        for name in result["names"]:
            say(name, "")
    else:
        for line in result["shown"].split("\n"):
            say(line, "" if result["known"] else "yellow")


def _talk(trial: _Trial) -> None:
    """Answer line by line until the person ends."""
    import readline  # noqa: F401  # gives ``input`` a history and keys to edit with

    state = (
        "with what was recorded"
        if trial.stack.name in trial.recorded
        else "without state: nothing was recorded"
    )
    note(f"{trial.stack.environment}/{trial.stack.name}, {state}. ? lists the names, Ctrl-D ends.")
    while True:
        try:
            line = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return
        if line:
            _try_all(trial, [line], False)

"""``gitbot test``: run the cases that stand beside specs and modules. Shell."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitbot.cli.common import EXIT_ERROR, folder_option, json_option, say, show_json, tells_errors
from gitbot.errors import SpecError, UserError

if TYPE_CHECKING:
    from gitbot.bootstrap.spec_tests import Result
    from gitbot.language.spec_tests import Case
    from gitbot.model.desired import DesiredStack, LoadedTree
    from gitbot.model.diagnostic import Diagnostic


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True))
@click.option("-k", "part", default="", help="Only cases whose name has this text.")
@folder_option
@json_option
@tells_errors
def test(files: tuple[str, ...], part: str, folder: Path, as_json: bool) -> None:
    """Run the cases in FILES [default: all *.test.yaml below specs/ and modules/].

    A case gives values to a module or a stack, and says what must hold of the plan, in CEL:

    \b
      apiVersion: gitbot/v1
      kind: Test
      metadata: {name: ml-bucket}
      spec:
        cases:
          one private bucket:
            values: {name: acme-dev-x}
            asserts:
              - plan.create == 1
              - that: resources["bucket"].properties.BucketName == "acme-dev-x"
                says: the bucket has the given name
          a wrong number of days:
            values: {name: acme-dev-x, days: 3}
            diagnostics: [variable-value]

    Assertions see plan (create, update, …, changes by address), resources (type, properties, dependsOn
    by address), outputs, and with `apply: true` applied (attributes by address). Nothing leaves this
    machine: a plan is made as if nothing were there yet, and `apply: true` uses a local AWS, where the
    case is applied, planned again, which must give nothing, and destroyed.

    Exit codes: 0 all pass, 1 one fails or cannot be read.
    """
    cases = [one for one in _cases(folder, files) if part in one.name]
    if not cases:
        none = f"no case has {part!r} in its name" if part else "the files have no cases"
        raise UserError(f"{none}: they stand below spec.cases, by name")
    results = []
    for result in _results(folder, cases):
        results.append(result)
        if not as_json:
            _tell(result)
    failed = [one for one in results if one.failures]
    if as_json:
        show_json({"passed": not failed, "cases": [_data(one) for one in results]})
    else:
        words = f"{len(results) - len(failed)} of {len(results)} cases passed"
        say(words, "bold red" if failed else "bold green")
    sys.exit(EXIT_ERROR if failed else 0)


def _cases(folder: Path, files: Sequence[str]) -> Iterator[Case]:
    from gitbot.bootstrap.spec_tests import found_tests
    from gitbot.cli.specs import root_of
    from gitbot.language.spec_tests import read_tests

    root = root_of(folder).resolve()
    wrong: list[Diagnostic] = []
    for file in found_tests(root, files):
        path = file.resolve()
        if not path.is_relative_to(root):
            raise UserError(f"{file} is not in {root}")
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{file} cannot be read: {error}") from error
        cases, problems = read_tests(path.relative_to(root).as_posix(), text)
        wrong += problems
        yield from cases
    if wrong:
        raise SpecError(wrong)


def _results(folder: Path, cases: Sequence[Case]) -> Iterator[Result]:
    from gitbot.adapters.git.folder import specs_of_folder
    from gitbot.adapters.loader import ChildLoader
    from gitbot.bootstrap.spec_tests import Runner
    from gitbot.cli.specs import root_of
    from gitbot.providers.aws.catalog import open_catalog

    with ExitStack() as stack:
        runner = Runner(
            loader=stack.enter_context(ChildLoader()),
            catalog=open_catalog(),
            tree=specs_of_folder(root_of(folder)),
            chosen=_chosen,
            fresh_cloud=_local_aws(stack),
        )
        for case in cases:
            yield runner.run(case)


def _chosen(loaded: LoadedTree, environment: str, name: str) -> DesiredStack | None:
    from gitbot.cli.specs import stacks_of

    found = (one for one in stacks_of(loaded) if (one.environment, one.name) == (environment, name))
    return next(found, None)


def _local_aws(stack: ExitStack) -> Callable[[], None]:
    """What empties the local AWS; the first call starts it, and points this process at it."""
    running: list[Any] = []

    def fresh() -> None:
        if not running:
            from gitbot.cli.sandbox import import_sandbox

            running.append(stack.enter_context(import_sandbox("gitbot_sandbox.aws").LocalAws()))
            # Nothing of a person's own account is left in what the AWS library reads.
            for name in [one for one in os.environ if one.startswith("AWS_")]:
                del os.environ[name]
            os.environ.update(running[0].environment)
        running[0].reset()

    return fresh


def _tell(result: Result) -> None:
    word, style = ("failed", "red") if result.failures else ("passed", "green")
    say(word, style, f" {result.case.name}  ({result.case.file}:{result.case.line})")
    for failure in result.failures:
        say("", "", f"    {failure}")


def _data(result: Result) -> dict[str, object]:
    case = result.case
    return {
        "file": case.file,
        "line": case.line,
        "name": case.name,
        "passed": not result.failures,
        "failures": list(result.failures),
    }

"""Connects the stacks of an environment that use each other's outputs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from gitbot.language.problems import Problems, listed, quoted, suggest
from gitbot.language.regions import producer_in, regions_in
from gitbot.model.desired import DesiredOutput, DesiredResource, DesiredStack
from gitbot.model.graph import cycles
from gitbot.model.names import written_name
from gitbot.model.uses import OutputUse
from gitbot.model.values import Unknown, Value, is_known, is_sensitive, map_leaves


def connect(
    environment: str,
    stacks: Iterable[DesiredStack],
    broken: Collection[str],
    problems: Problems,
) -> list[DesiredStack]:
    """The stacks that may stay, each with the stacks on which it depends.

    ``broken`` are the stacks that the environment has too, and that have problems of their own. A
    stack that uses what is not there, or that is part of a circle, is left out and its problem added.
    """
    known = {one.name: one for one in stacks}
    linked = {
        name: connected
        for name, one in known.items()
        if (connected := _connected(one, known, broken, _of(environment, one, problems)))
        is not None
    }
    round_ = _circles(environment, linked, problems)
    return [one for name, one in linked.items() if name not in round_]


def _of(environment: str, stack: DesiredStack, problems: Problems) -> Problems:
    return problems.of_file(stack.source.file, environment).of_stack(written_name(stack.name))


def _connected(
    stack: DesiredStack,
    known: Mapping[str, DesiredStack],
    broken: Collection[str],
    problems: Problems,
) -> DesiredStack | None:
    """The stack with what it uses; None, with a problem added, when it uses what is not there."""
    if not stack.uses:
        return stack
    before = len(problems.found)
    secret: list[Unknown] = []
    uses = tuple(
        replace(use, producer=producer_in(use.stack, stack.region, known)) for use in stack.uses
    )
    for use in uses:
        # Only the region of the stack itself is meant: none can be written.
        producer = None if "@" in use.stack else known.get(use.producer)
        if producer is not None and use.output in producer.outputs:
            if producer.outputs[use.output].sensitive:
                secret.append(use.placeholder)
                _check_secret(use, producer.outputs[use.output], problems)
            _check_kind(stack, use, producer.outputs[use.output], problems)
        elif producer is not None:
            _add_unknown_output(use, producer, problems)
        elif use.stack not in map(written_name, broken):
            _add_unknown_stack(use, stack, {*known, *broken}, problems)
    connected = replace(stack, uses=uses, depends_on=frozenset(use.producer for use in uses))
    if secret:
        connected = _with_secrets(connected, secret)
        _check_outputs(connected, problems)
    return connected if len(problems.found) == before else None


def _at(use: OutputUse) -> tuple[int, int]:
    return use.source.line, use.source.column


def _add_unknown_stack(
    use: OutputUse, stack: DesiredStack, known: Collection[str], problems: Problems
) -> None:
    if regions := regions_in(use.stack, known):
        problems.add(
            "unknown-stack",
            _at(use),
            f"The stack {use.stack} is in {listed(regions)}, and this one uses it from {stack.region}.",
            f"Add {stack.region} to the regions of {use.stack}.",
        )
        return
    names = {written_name(one) for one in known}
    problems.add(
        "unknown-stack",
        _at(use),
        f"The environment has no stack {quoted(use.stack)} whose output {use.output} could be used.",
        suggest(use.stack, names - {written_name(stack.name)}, f"Its stacks: {listed(names)}."),
    )


def _add_unknown_output(use: OutputUse, producer: DesiredStack, problems: Problems) -> None:
    problems.add(
        "unknown-output",
        _at(use),
        f"The stack {use.stack} has no output {quoted(use.output)}.",
        suggest(
            use.output,
            producer.outputs,
            f"Add it to the outputs of {use.stack}. It has {listed(producer.outputs) or 'none'}.",
        ),
    )


def _check_secret(use: OutputUse, output: DesiredOutput, problems: Problems) -> None:
    """Sensitive values are not kept in state, so other stacks can use only those that the specs
    give."""
    if not is_known(output.value):
        problems.add(
            "secret-output",
            _at(use),
            f"The output {use.output} of {use.stack} is sensitive and only the cloud gives it: gitbot "
            "keeps such a value nowhere.",
            "Use an output that is not sensitive, such as the name or ARN of what holds the secret.",
        )


def _check_kind(
    stack: DesiredStack, use: OutputUse, output: DesiredOutput, problems: Problems
) -> None:
    # It reads expressions, and their library takes a while to import: most stacks use no other.
    from gitbot.language.output_kinds import wrong_use

    if (found := wrong_use(stack, use, output.value)) is not None:
        problems.add("expression-failed", _at(use), f"{found[0]}.", found[1])


def _with_secrets(stack: DesiredStack, secret: Sequence[Unknown]) -> DesiredStack:
    """The stack, in which everything that uses a sensitive output is sensitive."""

    def marked(value: Value) -> Value:
        if not isinstance(value, Unknown):
            return value
        inputs = map_leaves(value.inputs, marked)
        hidden = value.sensitive or value in secret or is_sensitive(inputs)
        return replace(value, inputs=inputs, sensitive=hidden)

    def changed(one: DesiredResource) -> DesiredResource:
        return replace(one, properties=map_leaves(one.properties, marked))

    return replace(
        stack,
        resources={address: changed(one) for address, one in stack.resources.items()},
        outputs={
            name: replace(one, value=map_leaves(one.value, marked))
            for name, one in stack.outputs.items()
        },
        sensitive=True,
    )


def _check_outputs(stack: DesiredStack, problems: Problems) -> None:
    for name, output in stack.outputs.items():
        if is_sensitive(output.value) and not output.sensitive:
            problems.add(
                "sensitive-output",
                (stack.source.line, stack.source.column),
                f"The output {quoted(name)} is made from a sensitive output of another stack.",
                f"Write it as {{value: …, sensitive: true}}, or remove the output {name}.",
            )


def _circles(
    environment: str, stacks: Mapping[str, DesiredStack], problems: Problems
) -> frozenset[str]:
    """The stacks that are part of a circle; each circle is added as a problem with its path."""
    found: set[str] = set()
    for path in cycles({name: one.depends_on for name, one in stacks.items()}):
        found.update(path)
        first = stacks[path[0]]
        use = next(one for one in first.uses if one.producer == path[1])
        _of(environment, first, problems).add(
            "stack-circle",
            _at(use),
            f"{' → '.join(path)}: each of these stacks uses an output of the next one.",
            "Move what both need into a stack of its own, or write one of the values out.",
        )
    return frozenset(found)

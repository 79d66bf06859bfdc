"""Reads the arguments of a command from its words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from gitbot.decisions.commands.arguments import Argument, BadArgumentError, shown
from gitbot.decisions.commands.phrases import BecauseArgument, UntilArgument
from gitbot.decisions.commands.slips import is_slip
from gitbot.decisions.commands.table import Verb

_KEYWORDS = (UntilArgument(), BecauseArgument())


def read_words(verb: Verb, words: Sequence[str]) -> tuple[dict[str, str], str]:
    """The values that could be read of the words behind the verb, and the problem, in Markdown.

    The problem is empty when there is none.
    """
    if not verb.several:
        (form,) = verb.forms
        return _read_arguments(form.arguments, words, verb.usage_of(form))
    word = words[0].lower() if words else ""
    for form in verb.several:
        if form.word and form.word == word:
            values, problem = _read_arguments(form.arguments, words[1:], verb.usage_of(form))
            return {"form": word, **values}, problem
    alone = next((form for form in verb.several if not form.word), None)
    if alone is not None:
        return _read_arguments(alone.arguments, words, verb.usage_of(alone))
    close = next((form.word for form in verb.several if is_slip(word, form.word)), None)
    if close is not None:
        return {}, f"did you mean `/{verb.name} {close}`?"
    return {}, f"say what: {', '.join(f'`{usage}`' for usage, _ in verb.lines)}."


def plain_words(words: Sequence[str]) -> tuple[str, ...]:
    """The words in front of the first ``until`` or ``because``."""
    return tuple(takewhile(lambda word: not any(each.claims(word) for each in _KEYWORDS), words))


def _read_arguments(
    arguments: Sequence[Argument], words: Sequence[str], usage: str
) -> tuple[dict[str, str], str]:
    values: dict[str, str] = {}
    left = tuple(arguments)
    try:
        while words and left:
            left = _from_the_next(left, words)
            if not _is_for(left[0], words):
                break
            read, words = left[0].read(words)
            values |= read
            left = left[1:]
        if missing := [argument for argument in left if argument.required]:
            raise BadArgumentError(
                f"something is missing, `{missing[0].usage}`: the command is `{usage}`."
            )
        if words:
            raise BadArgumentError(
                f"{shown(words[0])} is one word too many: the command is `{usage}`."
            )
    except BadArgumentError as error:
        return values, str(error)
    return values, ""


def _is_for(argument: Argument, words: Sequence[str]) -> bool:
    """Whether the argument is the one to say what is wrong with the first word."""
    if argument.keyword:
        return argument.required or argument.claims(words[0])
    return not argument.required or bool(plain_words(words))


def _from_the_next(arguments: tuple[Argument, ...], words: Sequence[str]) -> tuple[Argument, ...]:
    """The arguments, starting at the one that the first word is for.

    Optional arguments are skipped when a later one claims the word and all words still find a
    place: one word that looks like a digest is a digest; two such words are an environment and a
    digest. They are skipped as well when the words are only enough for the required ones.
    """
    plain = len(plain_words(words))
    if not plain:
        return _skipped_to_keyword(arguments, words[0])
    singles = [argument for argument in arguments if not argument.keyword]
    spare = max(0, len(singles) - plain)
    for skipped, argument in enumerate(singles[: spare + 1]):
        if argument.claims(words[0]):
            return arguments[skipped:]
        if argument.required:
            break
    needed = sum(argument.required for argument in singles)
    while not arguments[0].required and not arguments[0].keyword and needed >= plain:
        arguments = arguments[1:]
    return arguments


def _skipped_to_keyword(arguments: tuple[Argument, ...], word: str) -> tuple[Argument, ...]:
    """The arguments without the optional ones in front of the one that begins with the word."""
    for number, argument in enumerate(arguments):
        if argument.claims(word) or argument.required:
            return arguments[number:]
    return arguments

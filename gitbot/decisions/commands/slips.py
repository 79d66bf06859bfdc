"""Knows the misspellings of a verb. Pure."""

from __future__ import annotations

_LONG_VERB = 5


def is_slip(word: str, verb: str) -> bool:
    """Whether the word is probably a misspelling of the verb.

    Two letters are swapped, one is left out or doubled, or there is an ``s`` behind. In a long verb
    any one letter may be wrong; a short one would be a word of its own (``held``, ``plain``).
    """
    if word[:1] != verb[:1] or word == verb:
        return False
    if len(word) == len(verb):
        wrong = [at for at, pair in enumerate(zip(word, verb, strict=True)) if pair[0] != pair[1]]
        if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
            first, second = wrong
            return (word[first], word[second]) == (verb[second], verb[first])
        return len(wrong) == 1 and len(verb) >= _LONG_VERB
    shorter, longer = sorted((word, verb), key=len)
    if len(longer) != len(shorter) + 1:
        return False
    at = next((n for n, each in enumerate(shorter) if each != longer[n]), len(shorter))
    if longer[:at] + longer[at + 1 :] != shorter:
        return False
    doubled, plural = longer[at] == longer[at - 1], longer == f"{shorter}s"
    return len(verb) >= _LONG_VERB or shorter == word or doubled or plural

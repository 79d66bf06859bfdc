"""Recognises values that may be secrets, so that nothing writes or shows them. Pure.

Values that the specs mark as sensitive are known as such. These here are found in the cloud by their
names and their looks; a value that is no secret and looks like one is only handled with more care.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from gitbot.model.drift import Difference
from gitbot.model.values import Redacted, Sensitive, Unknown
from gitbot.reconciler.pointers import parse

NOT_SHOWN: Final = Redacted(digest="", key_id="")
"""Takes the place of a value that may be a secret where people would see it."""
_NAMES = re.compile(
    r"passw|passphrase|secret|token|credential|api_?-?key|private_?-?key|access_?-?key|auth_?-?key"
    r"|authorization\Z|connection_?-?string",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"(?:Arns?|Type|Version|Status|Mode|HttpTokens|Enabled|Required)\Z")
"""Ends of names that say something about a secret, and do not hold it."""
_LOOKS = re.compile(
    r"-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)|\b(?:AKIA|ASIA)[A-Z0-9]{12,}"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abposr]-|sk-|hf_|npm_|pypi-)[A-Za-z0-9_-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.|://[^/\s:@]+:[^/\s@]+@"
    r"|(?:passw(?:or)?d|secret|token|api_?key)\s*[=:]\s*\S",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z0-9+/_=-]{24,}")
_KNOWN_SHAPES = re.compile(
    r"arn:[\w:/.*+=,@-]+|\b[a-z]{1,12}-[0-9a-f]{8,17}\b|\b[0-9a-f]{40}\b|\bsha256:[0-9a-f]{64}\b"
    r"|\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"
)
_RANDOM_BITS = 4.0
"""Bits a character from which a long word looks random; English words joined have about 3.6."""
USER_DATA = "userdata"


def is_user_data(path: Sequence[str]) -> bool:
    """Whether the path leads to the script that a machine runs at its start."""
    return any(step.lower() == USER_DATA for step in path)


def shown_safely(difference: Difference) -> Difference:
    """The difference to show: of a value that may be a secret, and of user data, only that it
    differs."""
    steps = parse(difference.path)
    values = (difference.recorded, difference.observed)
    if not is_user_data(steps) and not any(looks_secret(steps, value) for value in values):
        return difference
    return replace(difference, recorded=_of(values[0]), observed=_of(values[1]))


def _of(value: Any) -> Any:
    return value if value is None or is_marked(value) else NOT_SHOWN


def is_marked(value: Any) -> bool:
    """Whether any leaf is sensitive, redacted or unknown."""
    return any(isinstance(leaf, (Redacted, Sensitive, Unknown)) for _, leaf in _leaves((), value))


def looks_secret(path: Sequence[str], value: Any) -> bool:
    """Whether the value at the path may hold a secret, by a name on the way or by its looks.

    Booleans, numbers and empty texts are none, whatever their names are.
    """
    return any(_is_one(names, leaf) for names, leaf in _leaves(tuple(path), value))


def _is_one(names: Sequence[str], leaf: Any) -> bool:
    if not isinstance(leaf, str) or not leaf:
        return False
    plain = _KNOWN_SHAPES.sub("", leaf)
    named = any(_NAMES.search(name) and not _ABOUT.search(name) for name in names)
    return (named and bool(plain)) or bool(_LOOKS.search(plain)) or _has_random_word(plain)


def _has_random_word(text: str) -> bool:
    return any(
        _bits(word) >= _RANDOM_BITS and any(one.isdigit() for one in word)
        for word in _WORD.findall(text)
    )


def _bits(word: str) -> float:
    """The entropy of the word's characters, in bits a character."""
    counts = Counter(word).values()
    return -sum(count / len(word) * math.log2(count / len(word)) for count in counts)


def _leaves(names: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every leaf with the names on the way to it; a tag's key counts as one."""
    if isinstance(value, Mapping):
        key = value.get("Key")
        below = (*names, key) if isinstance(key, str) and "Value" in value else names
        for name, item in value.items():
            yield from _leaves((*below, str(name)), item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(names, item)
    else:
        yield names, value

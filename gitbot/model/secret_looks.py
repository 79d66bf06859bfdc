"""Recognises values that may be secrets by their names and their looks. Pure.

Values that the specs mark as sensitive are known as such. What is found here was written in plain; a
value that is no secret and looks like one is only handled with more care.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_NAMES = re.compile(
    r"passw|passphrase|secret|token(?!iz)|credential|authorization\Z|connection_?-?string"
    r"|(?:api|private|access|auth|encryption|signing)_?-?key",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"(?:Arns?|Type|Version|Status|Mode|HttpTokens|Enabled|Required)\Z")
"""Ends of names that say something about a secret, and do not hold it."""
_SURE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:AKIA|ASIA)[A-Z0-9]{12,}"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abposr]-|sk-|hf_|npm_|pypi-)[A-Za-z0-9_-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.|://[^/\s:@]+:[^/\s@${<]+@",
    re.IGNORECASE,
)
_SHORTEST_TOKEN: Final = 13
"""What matches ``_SURE`` is at least this long, or has the ``@`` of a URL."""
_PERHAPS = re.compile(
    r"-----BEGIN [A-Z ]*CERTIFICATE|://[^/\s:@]+:[^/\s@]+@"
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
_ABOUT_A_SECRET = re.compile(
    r"(?:arns?|names?|ids?|paths?|files?|dirs?|ur[il]s?|type|version|prefix|param(?:eter)?s?|length|count|limit|size"
    r"|ttl|expiry|expires|policy|algorithm|region|bucket|key_?id|header|field|ref)\Z",
    re.IGNORECASE,
)
"""Ends of the names of variables that say something about a secret, or where it is."""
_NO_SECRET = re.compile(r"(?:true|false|yes|no|on|off|none|null|/.*|\W*)\Z", re.IGNORECASE)
"""What a variable with the name of a secret may be: a switch, or a path."""
_NUMBER = re.compile(r"[-+.\d]+\Z")
_KEPT_ELSEWHERE: Final = ("PARAMETER_STORE", "SECRETS_MANAGER")
USER_DATA: Final = "userdata"


def is_user_data(path: Sequence[str]) -> bool:
    """Whether the path leads to the script that a machine runs at its start."""
    return any(step.lower() == USER_DATA for step in path)


def looks_secret(path: Sequence[str], value: Any) -> bool:
    """Whether the value at the path may hold a secret, by a name on the way or by its looks.

    Booleans, numbers and empty texts are none, whatever their names are.
    """
    return any(_is_one(names, leaf) for names, leaf in _leaves(tuple(path), value))


def _is_one(names: Sequence[str], leaf: Any) -> bool:
    if not isinstance(leaf, str) or not leaf:
        return False
    plain = _KNOWN_SHAPES.sub("", leaf)
    named = any(map(names_secret, names))
    return (named and bool(plain)) or _looks_like_one(plain) or _has_random_word(plain)


def names_secret(name: str) -> bool:
    """Whether what has this name is a secret, and not something about one."""
    return bool(_NAMES.search(name)) and not _ABOUT.search(name)


def may_hold_secret(name: str, text: str) -> bool:
    """Whether a variable that somebody called so, such as ``DB_PASSWORD``, may hold a secret in this text."""
    if _NO_SECRET.match(text) or _ABOUT_A_SECRET.search(name) or not names_secret(name):
        return False
    if _NUMBER.match(text):  # MAX_TOKENS
        return "passw" in name.lower()
    return looks_secret((name,), text)


def is_surely_secret(text: str) -> bool:
    """Whether the text has what only secrets have: a private key, a token of a known service, a URL with a password."""
    if len(text) < _SHORTEST_TOKEN and "@" not in text:
        return False
    return bool(_SURE.search(_KNOWN_SHAPES.sub("", text)))


def pair_name(value: Mapping[str, Any]) -> str:
    """What a pair of a name and a value calls its value: a tag, a variable of a container or of a build.

    Empty for other maps, and for a variable of a build whose value names where a secret is kept.
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_EnvironmentVariable.html
    """
    name = value.get("Key", value.get("Name"))
    named = isinstance(name, str) and "Value" in value and value.get("Type") not in _KEPT_ELSEWHERE
    return str(name) if named else ""


def _looks_like_one(text: str) -> bool:
    return bool(_SURE.search(text) or _PERHAPS.search(text))


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
    """Every leaf with the names on the way to it; that of a pair counts as one."""
    if isinstance(value, Mapping):
        name_of_pair = pair_name(value)
        below = (*names, name_of_pair) if name_of_pair else names
        for name, item in value.items():
            yield from _leaves((*below, str(name)), item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(names, item)
    else:
        yield names, value

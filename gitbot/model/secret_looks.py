"""Recognises values that may be secrets by their names and their looks. Pure.

Values that the specs mark as sensitive are known as such. What is found here was written in plain; a
value that is no secret and looks like one is only handled with more care.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from gitbot.model.secret_texts import argument_name, named_in, named_leaves, opened

_NAMES = re.compile(
    r"passw|passphrase|secret|external_?-?id\Z|token(?!iz)|credential|authorization\Z|connection_?-?string"
    r"|(?:api|private|access|auth|encryption|signing)_?-?key",
    re.IGNORECASE,
)
_MENTIONS = re.compile(f"{_NAMES.pattern}|authorization", re.IGNORECASE)
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
    r"|ttl|expiry|expires|policy|algorithm|region|bucket|key_?id|header|field|ref|stdin)\Z",
    re.IGNORECASE,
)
"""Ends of the names of variables that say something about a secret, or where it is."""
_NO_SECRET = re.compile(
    r"(?:true|false|yes|no|on|off|none|null|/.*|\W*|\$\{.*\}|\$\(.*|\$\$?\..*|\{[{%].*[}%]\}|<[^<>]*>"
    r"|your[-_ ].*|x{3,}|placeholder|redacted|replace[-_ ]?me)\Z",
    re.IGNORECASE | re.DOTALL,
)
"""What a variable with the name of a secret may be: a switch, a path, a reference, or what says to put one here."""
_NUMBER = re.compile(r"[-+.\d]+\Z")
USER_DATA: Final = "userdata"


def is_user_data(path: Sequence[str]) -> bool:
    """Whether the path leads to the script that a machine runs at its start."""
    return any(step.lower() == USER_DATA for step in path)


def looks_secret(path: Sequence[str], value: Any) -> bool:
    """Whether the value at the path may hold a secret, by a name on the way or by its looks.

    Booleans, numbers and empty texts are none, whatever their names are.
    """
    return any(_is_one(names, leaf) for names, leaf in named_leaves(tuple(path), value))


def _is_one(names: Sequence[str], leaf: Any) -> bool:
    if not isinstance(leaf, str) or not leaf:
        return False
    plain = _KNOWN_SHAPES.sub("", leaf)
    named = any(map(names_secret, names))
    if (named and bool(plain)) or _looks_like_one(plain) or _has_random_word(plain):
        return True
    return holds_secret(leaf)


def names_secret(name: str) -> bool:
    """Whether what has this name is a secret, and not something about one."""
    return bool(_NAMES.search(name)) and not _ABOUT.search(name)


def has_secret_argument(items: Sequence[Any]) -> bool:
    """Whether one of the items is a flag that says that the next one is a secret: ``--password``."""
    return any(names_secret(argument_name(item)) for item in items)


def may_hold_secret(name: str, text: str) -> bool:
    """Whether a variable that somebody called so, such as ``DB_PASSWORD``, may hold a secret in this text."""
    if _NO_SECRET.match(text) or _ABOUT_A_SECRET.search(name) or not names_secret(name):
        return False
    if _NUMBER.match(text):  # MAX_TOKENS
        return "passw" in name.lower()
    return bool(_KNOWN_SHAPES.sub("", text))


def may_be_secret(name: str, text: str) -> bool:
    """Whether the text of this name may be a secret or have one in it: by the name, by its looks, or inside."""
    return may_hold_secret(name, text) or is_surely_secret(text) or holds_secret(text)


def holds_secret(text: str) -> bool:
    """Whether something inside of the text may be a secret: in a script, in JSON or YAML, also in base64."""
    plain = opened(text)
    if plain is not text and is_surely_secret(plain):
        return True
    if not plain.lstrip().startswith(("{", "[")) and not _MENTIONS.search(plain):
        return False
    return any(
        may_hold_secret(name, value) or (value != text and is_surely_secret(value))
        for name, value in named_in(plain)
    )


def is_surely_secret(text: str) -> bool:
    """Whether the text has what only secrets have: a private key, a token of a known service, a URL with a password."""
    if len(text) < _SHORTEST_TOKEN and "@" not in text:
        return False
    return bool(_SURE.search(_KNOWN_SHAPES.sub("", text)))


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

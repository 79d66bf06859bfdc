"""Resolves plain YAML scalars by the core schema of YAML 1.2. Pure."""

from __future__ import annotations

import re

from gitbot.language.nodes import Scalar

# https://yaml.org/spec/1.2.2/#1032-tag-resolution
_NULL = frozenset({"", "null", "Null", "NULL", "~"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INT = re.compile(r"[-+]?[0-9]+\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_NUMBER_START = frozenset("+-.0123456789")
# No number, boolean or null begins with these, so most text is recognised by its first letter.
TEXT_START = frozenset("abcdeghijklmopqrsuvwxyzABCDEGHIJKLMOPQRSUVWXYZ$/:_([{\"'")
_INT64 = range(-(2**63), 2**63)


class LeadingZeroError(ValueError):
    """Digits that begin with zero: as a number they would lose their zeros."""


def resolve(text: str) -> Scalar:
    """The value of a plain (unquoted) scalar.

    Raises:
        OverflowError: a number that JSON or 64 bits cannot hold.
        LeadingZeroError: an account id, a zip code or the like, which needs quotes.
    """
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    return _number(text) if text[0] in _NUMBER_START else text


def _number(text: str) -> Scalar:
    if len(text) < 19 and text[0] != "0" and text.isascii() and text.isdecimal():
        return int(text)  # most numbers are like this
    # No 64-bit number is this long, and int() takes quadratic time for a megabyte of digits.
    if len(text) > 400 and (_INT.match(text) or _FLOAT.match(text)):
        raise OverflowError(text)
    if _LEADING_ZERO.match(text):
        raise LeadingZeroError(text)
    if _INT.match(text):
        return _bounded(int(text), text)
    if _OCTAL.match(text):
        return _bounded(int(text[2:], 8), text)
    if _HEX.match(text):
        return _bounded(int(text[2:], 16), text)
    if _NOT_FINITE.match(text):
        raise OverflowError(text)
    if not _FLOAT.match(text):
        return text
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise OverflowError(text)
    return number


def _bounded(number: int, text: str) -> int:
    if number not in _INT64:
        raise OverflowError(text)
    return number

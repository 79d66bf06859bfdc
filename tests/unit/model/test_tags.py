"""How addresses stand in tags."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbot.model.names import Address, is_within
from gitbot.model.tags import address_from, address_text

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
COPIES = st.text(st.characters(exclude_characters='"\\', exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)  # fmt: skip
STEPS = st.builds(lambda key, copy: f'{key}["{copy}"]' if copy else key, KEYS, st.none() | COPIES)
ADDRESSES = st.lists(STEPS, min_size=1, max_size=4).map(".".join).map(Address)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("bucket", "bucket"),
        ('data["models"].bucket', "data/models.bucket"),
        ('data["a b/c.d"].bucket', "data/a=20b=2Fc=2Ed.bucket"),
        ('a["ä"]', "a/=C3=A4"),
    ],
)
def test_an_address_in_a_tag(address: str, text: str) -> None:
    assert address_text(Address(address)) == text
    assert address_from(text) == address


@given(ADDRESSES)
def test_the_address_can_be_read_back_and_fits_every_service(address: Address) -> None:
    text = address_text(address)
    assert re.fullmatch(r"[A-Za-z0-9_./=-]+", text)
    assert address_from(text) == address


@given(st.text(max_size=30))
def test_what_somebody_else_wrote_into_the_tag_does_no_harm(text: str) -> None:
    address_from(text)


@pytest.mark.parametrize(
    ("address", "above", "within"),
    [
        ("a", "a", True),
        ("a.b", "a", True),
        ('a["x"].b', "a", True),
        ('a["x"].b', 'a["x"]', True),
        ("ab", "a", False),
        ("a", "a.b", False),
        ('a["xy"]', 'a["x"]', False),
    ],
)
def test_what_is_below_an_address(address: str, above: str, within: bool) -> None:
    assert is_within(Address(address), Address(above)) is within

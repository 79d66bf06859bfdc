"""Whether a command works on a store or asks a server is one rule, and never a guess."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gitbot.adapters.remote.address import address_of, is_loopback
from gitbot.cli.main import main
from gitbot.cli.where import Given, choose
from gitbot.errors import UserError


@pytest.mark.parametrize(
    ("given", "signed_in", "server"),
    [
        (Given(typed_store=True), True, False),
        (Given(typed_store=True, set_server=True), True, False),
        (Given(typed_server=True), False, True),
        (Given(typed_server=True, set_store=True), False, True),
        (Given(set_store=True), False, False),
        # The kind: a script that names its store asks a server because somebody has signed in.
        (Given(set_store=True), True, False),
        (Given(set_server=True), False, True),
        (Given(), True, True),
    ],
)
def test_what_is_typed_counts_first_then_variables_then_the_login(
    given: Given, signed_in: bool, server: bool
) -> None:
    assert choose(given, signed_in=signed_in) is server


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Given(typed_store=True, typed_server=True), "exclude each other"),
        (Given(set_store=True, set_server=True), "are both set"),
        (Given(), "gitbot login"),
    ],
)
def test_two_of_a_kind_and_none_are_refused(given: Given, said: str) -> None:
    with pytest.raises(UserError, match=said):
        choose(given, signed_in=bool(given.set_store))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://gitbot.example.com", "https://gitbot.example.com"),
        (" https://Gitbot.Example.com/ ", "https://gitbot.example.com"),
        ("https://example.com:8443/gitbot/", "https://example.com:8443/gitbot"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_an_address_has_one_form(text: str, address: str) -> None:
    assert address_of(text) == address
    assert is_loopback(address) == address.startswith("http:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://gitbot.example.com", "not encrypted"),
        ("http://127.0.0.1.example.com", "not encrypted"),
        ("http://localhost.example.com", "not encrypted"),
        ("ftp://gitbot.example.com", "not encrypted"),
        ("gitbot.example.com", "write it whole"),
        ("https://", "write it whole"),
        ("https://[", "write it whole"),
        ("https://a:99999", "write it whole"),
        ("", "write it whole"),
        ("https://ada:secret@gitbot.example.com", "no user"),
        ("https://gitbot.example.com/?x=1", "no user"),
        ("https://gitbot.example.com/#x", "no user"),
    ],
)
def test_a_token_goes_only_where_it_is_safe(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        address_of(text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["destroy", "refresh", "recover"])
def test_a_command_that_no_server_does_says_so(name: str) -> None:
    """The kind: who is signed in to a server is told to make a store, and does not learn why."""
    refused = CliRunner().invoke(main, [name, "dev"], env={"GITBOT_STORE": None})
    assert refused.exit_code == 2
    assert "works on a store alone: no server does it for you" in " ".join(refused.stderr.split())

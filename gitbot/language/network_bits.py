"""Finds blocks of addresses of EC2 that are written with another address than their first one. Pure.

EC2 makes the canonical form of each: 10.0.0.1/16 becomes 10.0.0.0/16.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import ip_network
from typing import Final

from gitbot.language.declared import Declared, spell
from gitbot.language.plain_secrets import PlainText
from gitbot.language.problems import Problems

_LONGEST_REMEMBERED: Final = 100
_BLOCK: Final = re.compile(r"(?:CidrBlock|CidrIp|CidrIpv6|\ACidr)\Z")


def check_network_bits(declared: Declared, texts: Iterable[PlainText], problems: Problems) -> None:
    """Add a warning for each block of which EC2 makes another text than the spec has.

    ``texts`` are those of the properties; those that are no such block may be left out.
    """
    name = declared.type.schema.name
    if not name.startswith("AWS::EC2::"):
        return
    for path, names, text in texts:
        made = _canonical(text) if names and _BLOCK.search(names[-1]) else ""
        if made:
            problems.warn(
                "block-shifted",
                declared.place(path),
                f"{spell(path)} of {name} is {text}, and EC2 makes {made} of it: the address before the slash is not "
                f"the first one of the block.{declared.origin(path)}",
                f"Write {made}.{_alone(names[-1], text)}",
            )


def may_be_shifted(own: str, text: str) -> bool:
    """Whether a text with this name may be such a block."""
    if "/" not in text or _BLOCK.search(own) is None:
        return False
    return len(text) > _LONGEST_REMEMBERED or bool(_remembered(text))


def _alone(name: str, text: str) -> str:
    """How one address alone is written, where a property may name one."""
    if not name.startswith(("CidrIp", "Destination")):
        return ""
    return f" For this address alone, write {text.partition('/')[0]}/{128 if ':' in text else 32}."


def _canonical(text: str) -> str:
    """The block from its first address; empty where it is written so, or is no block."""
    if "/" not in text:
        return ""
    try:
        ip_network(text.strip())
    except ValueError:
        try:
            return str(ip_network(text.strip(), strict=False))
        except ValueError:
            return ""  # another check says so
    return ""


_remembered: Callable[[str], str] = lru_cache(maxsize=1024)(_canonical)
"""The same few blocks stand in many rules, and reading one takes long."""

"""What state in a bucket cost, in words; and in which figure an operation counts."""

from __future__ import annotations

import pytest

from gitbot.model.store_cost import StoreCost, kind_of
from gitbot.render.store_cost import cost_words


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (
            StoreCost(reads=3, writes=1_050, lists=2, bytes_sent=40_949, bytes_received=999),
            "State in S3: 1,055 requests (3 reads, 1,050 writes, 2 lists), 40.9 kB sent, 999 B received.",
        ),
        (
            StoreCost(lists=1, bytes_sent=999_950, bytes_received=1_234_567_890),
            "State in S3: 1 request (0 reads, 0 writes, 1 list), 1.0 MB sent, 1,234.6 MB received.",
        ),
        (
            StoreCost(reads=1, writes=1, bytes_sent=1_000, bytes_received=999_949),
            "State in S3: 2 requests (1 read, 1 write, 0 lists), 1.0 kB sent, 999.9 kB received.",
        ),
    ],
)
def test_the_line_names_requests_by_kind_and_bytes_both_ways(cost: StoreCost, words: str) -> None:
    assert cost_words(cost) == words


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("GetObject", "reads"),
        ("HeadObject", "reads"),
        ("GetBucketVersioning", "reads"),
        ("ListObjectsV2", "lists"),
        ("ListObjectVersions", "lists"),
        ("PutObject", "writes"),
        ("DeleteObject", "writes"),
        ("DeleteObjects", "writes"),
    ],
)
def test_an_operation_counts_by_what_it_does(operation: str, kind: str) -> None:
    assert kind_of(operation) == kind
    assert kind in StoreCost().data()

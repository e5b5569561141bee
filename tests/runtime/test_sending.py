"""Places to call, and files in parts that one association can carry."""

from types import SimpleNamespace
from typing import Any

import pytest

from roteiro.runtime.sending import MOST_PAIRS, Target, batches, parse_target


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PACS@10.0.0.5:11112", Target("PACS", "10.0.0.5", 11112)),
        ("A B@pacs.example.org:104", Target("A B", "pacs.example.org", 104)),
        ("PACS@[::1]:104", Target("PACS", "::1", 104)),
    ],
)
def test_a_place_to_call(text: str, expected: Target) -> None:
    assert parse_target(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PACS",
        "PACS@host",
        "PACS@host:0",
        "PACS@host:65536",
        "@host:104",
        "  @host:104",
        "A" * 17 + "@host:104",
        "A\\B@host:104",
        "PACS@::1:104",
        "PACS@host:1x",
        "PACS@ho st:1",
    ],
)
def test_no_place_to_call(text: str) -> None:
    assert parse_target(text) is None


def test_parts_keep_the_order_and_what_one_association_can_propose() -> None:
    items: Any = [SimpleNamespace(pair=("1.2.3", f"1.2.{n % 300}"), number=n) for n in range(700)]
    parts = list(batches(items))
    assert [item.number for part in parts for item in part] == list(range(700))
    assert max(len({item.pair for item in part}) for part in parts) <= MOST_PAIRS
    assert list(batches([])) == []

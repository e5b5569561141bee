"""Events become lines: whole, escaped, limited, and nothing else."""

import asyncio
import errno
import io
import json
import re
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roteiro.runtime import events
from roteiro.runtime.events import (
    AssociationRejected,
    DeliveryDone,
    DeliveryFailed,
    DeliveryWarned,
    Event,
    Level,
)
from roteiro.runtime.log import LONGEST, SAME, TOPICS, Log, escaped, line, make_log
from roteiro.runtime.world import World
from tests.catalogue import catalogue
from tests.virtual import run

KINDS = [
    kind
    for kind in vars(events).values()
    if is_dataclass(kind) and issubclass(kind, Event) and kind is not Event
]
SAMPLES = {"str": "x", "int": 7, "float": 1.5, "bool": True}
PROMISED = re.compile(r"\{(\w+)")


def sample(kind: type[Event], **values: object) -> Event:
    made = {item.name: SAMPLES[getattr(item.type, "__name__", item.type)] for item in fields(kind)}
    return kind(**(made | values))


def rejected(calling_ae: str = "CT1", address: str = "10.0.0.9") -> AssociationRejected:
    return sample(AssociationRejected, calling_ae=calling_ae, address=address)


def said(world: World, *told: Event, **options) -> list[str]:
    out = io.StringIO()
    log = make_log(world.clock, out, **options)
    for event in told:
        log(event)
    return out.getvalue().splitlines()


class Broken(io.StringIO):
    """A stream that fails as long as it is told to."""

    wrong: Exception | None = None

    def write(self, words: str) -> int:
        if self.wrong is not None:
            raise self.wrong
        return super().write(words)


@pytest.mark.parametrize(
    "wrong",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        BrokenPipeError(errno.EPIPE, "Broken pipe"),
        ValueError("I/O operation on closed file"),
    ],
)
@pytest.mark.parametrize("json", [False, True])
def test_a_stream_that_takes_nothing_stops_nobody(wrong: Exception, json: bool):
    async def main(world: World) -> None:
        out = Broken()
        log = make_log(world.clock, out, json=json)
        out.wrong = wrong
        log(rejected("CT1"))
        out.wrong = None
        log(rejected("CT2"))
        assert "CT1" not in out.getvalue()
        assert "CT2" in out.getvalue()

    run(main)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_event_has_a_text_made_of_its_own_fields(kind: type[Event]):
    names = {item.name for item in fields(kind)}
    template = catalogue("en")[f"runtime.{kind.KEY}"]
    assert set(PROMISED.findall(template)) <= names
    assert set(kind.TOPIC) <= names
    assert line(sample(kind)) != ""
    assert not line(sample(kind)).endswith(".")


def test_keys_are_unique():
    assert len({kind.KEY for kind in KINDS}) == len(KINDS)


def test_a_console_line():
    async def main(world: World) -> None:
        assert said(world, DeliveryDone("pacs", 7, "1.2.3", 0, 1)) == [
            "2027-01-15T08:00:00.000Z info    delivered 1.2.3 to `pacs` (status 0x0000, attempt 1)"
        ]

    run(main)


def test_colour_only_when_asked_for():
    async def main(world: World) -> None:
        assert "\x1b[33m" in said(world, rejected(), colour=True)[0]
        assert "\x1b" not in said(world, rejected())[0]

    run(main)


def test_a_json_line_has_the_facts():
    async def main(world: World) -> None:
        event = DeliveryWarned("pacs", 7, "1.2.3", 0xB007, "stored, but", 2)
        (written,) = said(world, event, json=True)
        found = json.loads(written)
        assert list(found)[:4] == ["time", "level", "event", "message"]
        assert found == {
            "time": "2027-01-15T08:00:00.000Z",
            "level": "warning",
            "event": "delivery_warned",
            "message": line(event),
            "to": "pacs",
            "delivery": 7,
            "sop_instance": "1.2.3",
            "status": "0xB007",
            "meaning": "stored, but",
            "attempts": 2,
        }

    run(main)


def test_levels_below_the_least_are_left_out():
    async def main(world: World) -> None:
        told = (sample(events.AssociationOpened), sample(DeliveryDone), rejected())
        assert len(said(world, *told)) == 2
        assert len(said(world, *told, least=Level.DEBUG)) == 3
        assert len(said(world, *told, least=Level.WARNING)) == 1

    run(main)


HOSTILE = [
    "CT1\n2027-01-15T08:00:00.000Z error   all is lost",
    "CT1\r\x1b[2J",
    "CT1\x00\x7f\x85\u2028\u202e",
    "CT1\\n",
    "{0} {calling_ae} %s",
    "x" * 100_000,
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("as_json", [False, True])
def test_what_a_peer_chose_stays_within_its_line(name: str, as_json: bool):
    async def main(world: World) -> None:
        (written,) = said(world, rejected(calling_ae=name), json=as_json)
        assert all(character.isprintable() for character in written)
        assert len(written) < 2_000
        if not as_json:
            assert "CT1" not in name or "`CT1\\" in written

    run(main)


@given(st.text())
def test_escaped_values_are_printable_and_short(value: str):
    shown = escaped(value)
    assert shown.isprintable()
    assert len(shown) <= LONGEST * 10
    if value.isprintable() and "\\" not in value and len(value) <= LONGEST:
        assert shown == value


def test_what_is_repeated_is_counted_and_said_once_a_minute():
    async def main(world: World) -> None:
        out = io.StringIO()
        log = make_log(world.clock, out)
        for _ in range(1000):
            log(rejected())
        log(rejected(address="10.0.0.10"))
        assert len(out.getvalue().splitlines()) == SAME + 1
        await asyncio.sleep(61)
        last = out.getvalue().splitlines()[-1]
        assert f"came {1000 - SAME} more times in the last 60 s: rejected `CT1`" in last
        log(rejected())
        assert len(out.getvalue().splitlines()) == SAME + 3
        await asyncio.sleep(1000)  # nothing was left out since
        assert len(out.getvalue().splitlines()) == SAME + 3

    run(main)


def test_each_reason_is_said():
    async def main(world: World) -> None:
        told = [DeliveryFailed("pacs", n, "1.2.3", f"reason {n % 3}", 1) for n in range(300)]
        assert len(said(world, *told)) == 3 * SAME

    run(main)


def test_a_flood_of_new_names_is_not_remembered():
    async def main(world: World) -> None:
        count = 0

        def write(*_: object) -> None:
            nonlocal count
            count += 1

        log = Log(world.clock, write)
        for number in range(5 * TOPICS):
            log(rejected(calling_ae=f"AE{number}"))
        assert len(log._counts) <= TOPICS

    run(main)

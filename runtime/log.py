"""Events as log lines: for people on a console, or one JSON object a line.

The words come from the catalogue. What a peer or a file chose (AE titles, UIDs, names) is escaped
so that it cannot end the line, colour the terminal or pretend to be another line. An event that
comes again and again is said a few times a minute and then counted.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import TextIO

import structlog
from structlog.processors import JSONRenderer
from structlog.typing import EventDict, Processor

from roteiro.lang.messages import Phrase, text
from roteiro.runtime.events import Event, Level
from roteiro.runtime.instant import rfc3339
from roteiro.runtime.world import Clock, Timer

LONGEST = 256
"""Characters of a value that are shown."""
MINUTE = 60.0
TICK = 0.001
SAME = 10
"""Lines a minute about the same thing before they are counted instead."""
TOPICS = 1_024
"""Things whose lines are counted one by one; a flood of new ones is not remembered beyond."""
COLOURS = {
    Level.DEBUG.value: "\x1b[2m",
    Level.INFO.value: "\x1b[32m",
    Level.WARNING.value: "\x1b[33m",
    Level.ERROR.value: "\x1b[31m",
}
PLAIN = "\x1b[0m"
WRITTEN = frozenset(("add",))
"""Fields of rule text: to be copied as they stand, what a peer chose is escaped in them already."""
LEVELS = {level: rank for rank, level in enumerate(Level)}

Write = Callable[[Level, str, Event | None], None]


def escaped(value: str) -> str:
    """Give a value that stays within its line and its quotes."""
    shown = value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    return "".join(_escape(character) for character in shown)


def _escape(character: str) -> str:
    if character == "\\" or not character.isprintable():
        return character.encode("unicode_escape").decode("ascii")
    return character


def facts(event: Event) -> dict[str, object]:
    """Give the fields of an event with all texts escaped and DIMSE statuses as `0xA700`."""
    return {item.name: _fact(item.name, getattr(event, item.name)) for item in fields(event)}


def _fact(name: str, value: object) -> object:
    if isinstance(value, Phrase) and name not in WRITTEN:
        inner = {each: _fact(each, found) for each, found in value.values.items()}
        return Phrase(value.key, **inner)
    if isinstance(value, str):
        written = name in WRITTEN and value.isprintable()
        return value if written else escaped(value)
    return f"0x{value:04X}" if name == "status" else value


def line(event: Event, language: str = "en") -> str:
    """Say an event in words."""
    return text(f"runtime.{event.KEY}", language, **facts(event))


@dataclass(slots=True)
class Count:
    """How often something was said in this minute, and left out."""

    since: float
    said: int = 0
    left_out: int = 0
    last: Event | None = None


@dataclass(slots=True)
class Log:
    """Takes events (`log(event)`) and writes what is worth a line."""

    clock: Clock
    write: Write
    least: Level = Level.INFO
    language: str = "en"
    _counts: OrderedDict[tuple[object, ...], Count] = field(default_factory=OrderedDict)
    _timer: Timer | None = None

    def __call__(self, event: Event) -> None:
        """Write the event, or count it when it was said often enough."""
        if LEVELS[event.LEVEL] < LEVELS[self.least]:
            return
        count = self._count(event)
        if count.said < SAME:
            count.said += 1
            self.write(event.LEVEL, line(event, self.language), event)
        else:
            count.left_out += 1
            count.last = event

    def _count(self, event: Event) -> Count:
        topic = (event.KEY, *(getattr(event, name) for name in event.TOPIC))
        if topic in self._counts:
            return self._counts[topic]
        if len(self._counts) >= TOPICS:
            self._end(next(iter(self._counts)))
        self._counts[topic] = count = Count(self.clock.monotonic())
        self._arm()
        return count

    def _arm(self) -> None:
        """Set the one timer to the end of the oldest minute."""
        if self._timer is None and self._counts:
            oldest = next(iter(self._counts.values()))
            wait = oldest.since + MINUTE - self.clock.monotonic()
            self._timer = self.clock.call_later(max(wait, TICK), self._over)

    def _over(self) -> None:
        self._timer = None
        now = self.clock.monotonic()
        for topic in [t for t, count in self._counts.items() if count.since + MINUTE <= now]:
            self._end(topic)
        self._arm()

    def _end(self, topic: tuple[object, ...]) -> None:
        """Say what was left out and begin anew."""
        count = self._counts.pop(topic)
        if count.last is not None:
            seconds = self.clock.monotonic() - count.since
            words = line(count.last, self.language)
            values = {"count": count.left_out, "seconds": seconds, "line": words}
            self.write(count.last.LEVEL, text("runtime.repeated", self.language, **values), None)


def make_log(  # noqa: PLR0913  all but the first two have a default
    clock: Clock,
    out: TextIO,
    *,
    json: bool = False,
    colour: bool = False,
    least: Level = Level.INFO,
    language: str = "en",
) -> Log:
    """Give a log that writes to a stream; nothing is configured for the whole process."""
    render: Processor = JSONRenderer(ensure_ascii=False) if json else Console(colour)
    logger = structlog.wrap_logger(structlog.PrintLogger(out), processors=[_in_order, render])

    def write(level: Level, words: str, event: Event | None) -> None:
        key = "repeated" if event is None else event.KEY
        told = {} if event is None else facts(event)
        try:
            logger.msg(key, time=rfc3339(clock.now()), level=level.value, message=words, **told)
        except (OSError, ValueError):  # a full disk, a reader that left, a stream that was closed
            return  # who keeps and delivers objects must not fail because nobody could be told

    return Log(clock, write, least, language)


def _in_order(_logger: object, _method: str, told: EventDict) -> EventDict:
    """Put first what every line has."""
    first = {name: told.pop(name) for name in ("time", "level", "event", "message")}
    return {**first, **told}


@dataclass(frozen=True, slots=True)
class Console:
    """Renders a line for people: time, level, words."""

    colour: bool

    def __call__(self, _logger: object, _method: str, told: EventDict) -> str:
        """See the class."""
        level = f"{told['level']:<7}"
        if self.colour:
            level = f"{COLOURS[told['level']]}{level}{PLAIN}"
        return f"{told['time']} {level} {told['message']}"

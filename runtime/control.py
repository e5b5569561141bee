"""The control socket of a running router: one question, one answer, both a line of JSON.

The socket is `control` in the spool's folder, so who may write the spool may ask. A question is
`{"verb": NAME, "lang": LANGUAGE, ...}`, an answer the verb's document or `{"error": TEXT}`; what
the router says itself comes in the language that was asked for, what it keeps on disk is English.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import cast

from roteiro.lang.messages import LANGUAGES, Phrase, in_language
from roteiro.runtime.world import Clock, Net, Timer, user_of

SOCKET = "control"
LONGEST_QUESTION = 4 * 1024 * 1024
PATIENCE = 10.0
"""Seconds that a question may take, the answer included."""

Document = Mapping[str, object]
Verb = Callable[[Document], Document | Awaitable[Document]]


class NoRouter(Exception):  # noqa: N818  a state of the spool's folder
    """No router answers on this spool."""


class Answerer(asyncio.Protocol):
    """The router's end of one connection."""

    def __init__(self, verbs: Mapping[str, Verb], clock: Clock) -> None:
        self._verbs = verbs
        self._clock = clock
        self._question = bytearray()
        self._transport: asyncio.Transport | None = None
        self._patience: Timer | None = None
        self._working: asyncio.Future[Document] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is a class of its own
        self._patience = self._clock.call_later(PATIENCE, transport.close)

    def connection_lost(self, wrong: Exception | None) -> None:  # noqa: ARG002
        """See `asyncio.Protocol`."""
        if self._patience is not None:
            self._patience.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer when the line is complete; what is too long is no question."""
        if self._transport is None or self._working is not None:
            return
        self._question += data
        if len(self._question) > LONGEST_QUESTION:
            self._transport.abort()
        elif self._question.endswith(b"\n"):
            found = answer_to(self._verbs, bytes(self._question), user_of(self._transport))
            if isinstance(found, Mapping):
                self._say(found)
            else:
                self._wait(found)

    def _wait(self, work: Awaitable[Document]) -> None:
        """Answer when the work is done; it takes the time that it takes."""
        if self._patience is not None:
            self._patience.cancel()
        self._working = asyncio.ensure_future(work)
        self._working.add_done_callback(self._done)

    def _done(self, work: "asyncio.Future[Document]") -> None:
        if self._transport is not None and (work.cancelled() or work.exception() is not None):
            self._transport.abort()
        self._say(work.result())

    def _say(self, answer: Document) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(json.dumps(answer).encode() + b"\n")
            self._transport.close()


def answer_to(
    verbs: Mapping[str, Verb], line: bytes, who: str = ""
) -> Document | Awaitable[Document]:
    """Carry out one question; the verb finds who asks in `by`, whatever the question says."""
    try:
        question = json.loads(line)
    except (ValueError, RecursionError):
        return {"error": Phrase("command.no_question")}
    if not isinstance(question, dict):
        return _unknown(verbs)
    name, language = question.get("verb"), question.get("lang")
    verb = verbs.get(name) if isinstance(name, str) else None
    answer = _unknown(verbs) if verb is None else verb({**question, "by": who})
    if isinstance(answer, Mapping):
        return in_words(answer, language)
    return _later(answer, language)


async def _later(answer: Awaitable[Document], language: object) -> Document:
    return in_words(await answer, language)


def in_words(answer: Document, language: object) -> Document:
    """Give a document in the language that was asked for."""
    known = known_language(language)
    return answer if known is None else {key: worded(each, known) for key, each in answer.items()}


def known_language(asked: object) -> str | None:
    """Give the language that was asked for, if it is one of ours."""
    return asked if isinstance(asked, str) and asked in LANGUAGES else None


def _unknown(verbs: Mapping[str, Verb]) -> Document:
    return {"error": Phrase("command.unknown_verb", expected=", ".join(sorted(verbs)))}


def worded(value: object, language: str) -> object:
    """Give a part of a document with its phrases in a language."""
    match value:
        case dict():
            return {key: worded(part, language) for key, part in value.items()}
        case list():
            return [worded(part, language) for part in value]
    return in_language(value, language)


class Asker(asyncio.Protocol):
    """The command's end of one connection."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._bytes = bytearray()

    def data_received(self, data: bytes) -> None:
        """Gather the answer."""
        self._bytes += data

    def connection_lost(self, wrong: Exception | None) -> None:  # noqa: ARG002
        """Take what came as the answer: it ends where the connection does."""
        if not self.answer.done():
            self.answer.set_result(bytes(self._bytes))


async def ask(
    net: Net, spool: Path, verb: str, *, patience: float | None = PATIENCE, **details: object
) -> Document:
    """Ask the router of a spool; `NoRouter` when none answers within so many seconds."""
    asker = Asker()
    try:
        transport = await net.connect_local(lambda: asker, spool / SOCKET)
    except OSError:
        raise NoRouter(str(spool)) from None
    try:
        transport.write(json.dumps({"verb": verb, **details}).encode() + b"\n")
        answer = await asyncio.wait_for(asker.answer, patience)
    except TimeoutError:
        raise NoRouter(str(spool)) from None
    finally:
        transport.close()
    if not answer:
        raise NoRouter(str(spool))
    document = json.loads(answer)
    assert isinstance(document, dict)
    return document

"""The control socket: one question, one answer; no router, no answer."""

import asyncio
import json
from pathlib import Path

import pytest

from roteiro.lang.messages import Phrase
from roteiro.runtime.control import PATIENCE, SOCKET, Answerer, Document, NoRouter, answer_to, ask
from roteiro.runtime.world import SystemClock, SystemNet, World
from tests.virtual import run


def echo(question: Document) -> Document:
    return {"said": question.get("word")}


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"verb": "shout"}',
        b'{"verb": 3}',
        b'{"verb": []}',
        b"\xff\xfe",
        b"[" * 60_000,
    ],
)
def test_what_is_no_question_gets_an_error(line: bytes) -> None:
    assert list(answer_to({"echo": echo}, line)) == ["error"]


def test_a_question_is_answered_through_a_long_path(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 20) / ("deeper" * 10)
    folder.mkdir(parents=True)
    assert len(str(folder / SOCKET)) > 107

    async def main() -> Document:
        net = SystemNet()
        server = await net.listen_local(
            lambda: Answerer({"echo": echo}, SystemClock()), folder / SOCKET
        )
        try:
            return await ask(net, folder, "echo", word="olá")
        finally:
            server.close()

    assert asyncio.run(main()) == {"said": "olá"}


def test_a_question_may_come_in_pieces_and_one_too_long_is_cut_off(tmp_path: Path) -> None:
    async def main() -> tuple[bytes, bytes]:
        net = SystemNet()
        server = await net.listen_local(
            lambda: Answerer({"echo": echo}, SystemClock()), tmp_path / SOCKET
        )
        answers = []
        for pieces in ([b'{"verb": "ec', b'ho", "word": 1}', b"\n"], [b"x" * 100_000]):
            reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET)
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0)
            try:
                answers.append(await reader.read())
            except ConnectionError:
                answers.append(b"")
            writer.close()
        server.close()
        return answers[0], answers[1]

    answer, nothing = asyncio.run(main())
    assert json.loads(answer) == {"said": 1}
    assert nothing == b""


def test_no_router_is_said(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NoRouter):
            asyncio.run(ask(SystemNet(), place, "status"))


def test_a_dead_socket_is_no_router_and_is_replaced(tmp_path: Path) -> None:
    async def main() -> Document:
        net = SystemNet()
        (await net.listen_local(lambda: Answerer({}, SystemClock()), tmp_path / SOCKET)).close()
        if not (tmp_path / SOCKET).exists():  # the loop may have taken it away with the server
            (tmp_path / SOCKET).touch()
        with pytest.raises(NoRouter):
            await ask(net, tmp_path, "echo")
        server = await net.listen_local(
            lambda: Answerer({"echo": echo}, SystemClock()), tmp_path / SOCKET
        )
        answer = await ask(net, tmp_path, "echo", word=2)
        server.close()
        return answer

    assert asyncio.run(main()) == {"said": 2}


def test_who_asks_nothing_is_not_kept() -> None:
    async def main(world: World) -> None:
        transport = Silent()
        answerer = Answerer({"echo": echo}, world.clock)
        answerer.connection_made(transport)
        await asyncio.sleep(PATIENCE - 1)
        assert not transport.closed
        await asyncio.sleep(2)
        assert transport.closed

    run(main)


class Silent(asyncio.Transport):
    """A connection on which nothing comes."""

    closed = False

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def write(self, data: object) -> None:
        pass


def test_an_answer_may_take_longer_than_a_question(tmp_path: Path) -> None:
    asked: list[object] = []

    async def main() -> tuple[Document, ...]:
        all_asked, done = asyncio.Event(), asyncio.Event()

        async def work(question: Document) -> Document:
            asked.append(question.get("lang"))
            if {"en", "pt"} <= set(asked):
                all_asked.set()
            await done.wait()
            return {"said": Phrase("command.bad_to")}

        net = SystemNet()
        server = await net.listen_local(
            lambda: Answerer({"work": work}, SystemClock()), tmp_path / SOCKET
        )
        try:
            with pytest.raises(NoRouter):
                await ask(net, tmp_path, "work", patience=0.0)
            asks = asyncio.gather(
                *(ask(net, tmp_path, "work", patience=None, lang=each) for each in ("en", "pt"))
            )
            await all_asked.wait()
            assert not asks.done()
            done.set()
            return tuple(await asks)
        finally:
            server.close()

    english, portuguese = asyncio.run(main())
    assert english == {"said": "to is the name of a node"}
    assert portuguese["said"] != english["said"]


def test_who_waits_for_work_is_not_cut_off() -> None:
    async def main(world: World) -> None:
        done = asyncio.Event()

        async def work(question: Document) -> Document:
            await done.wait()
            return {}

        transport = Silent()
        answerer = Answerer({"work": work}, world.clock)
        answerer.connection_made(transport)
        answerer.data_received(b'{"verb": "work"}\n')
        await asyncio.sleep(10 * PATIENCE)
        assert not transport.closed
        done.set()
        await asyncio.sleep(1)
        assert transport.closed

    run(main)

"""Reloads one after the other: who asks gets one that began later, and nothing half done stays."""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roteiro.lang.messages import Phrase
from roteiro.lang.settings import Settings
from roteiro.runtime.aside import MODULE, packed_of, prepare_aside, unpacked
from roteiro.runtime.events import Event, Fault, Reloaded, ReloadRefused, RuleError
from roteiro.runtime.intake import Ruling
from roteiro.runtime.programs import Prepared, prepare
from roteiro.runtime.reload import CannotChange, Reload, Reloader
from roteiro.runtime.world import HelperFailed, SystemWorkers, World, ask_python
from tests.virtual import run

RULES = """language 1
listener main { port = 11112 }
node pacs { ae = "PACS" host = "h" port = 104 }
table t first { otherwise { send to pacs } }
"""
TAKES = 2.0


@dataclass
class Bench:
    """A reloader whose file is read in two seconds, and what it did."""

    world: World
    found: list[Prepared | Exception]
    wrong: list[Exception | None] = field(default_factory=list)
    begun: list[float] = field(default_factory=list)
    in_force: str = "sha256:0"
    events: list[Event] = field(default_factory=list)
    runs: bool = True

    def __post_init__(self) -> None:
        self.it = Reloader(
            self.prepare, self.change, lambda: self.in_force, self.world, self.events.append
        )
        if self.runs:
            self.it.begin()

    async def prepare(self) -> Prepared:
        self.begun.append(self.world.clock.monotonic())
        await asyncio.sleep(TAKES)
        found = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        if isinstance(found, Exception):
            raise found
        return found

    async def change(self, settings: Settings, ruling: Ruling) -> None:
        await asyncio.sleep(0)
        if self.wrong and (wrong := self.wrong.pop(0)) is not None:
            raise wrong
        self.in_force = ruling.rule_set

    def told(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.events)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepared(RULES, tmp_path_factory.mktemp("good"))


def prepared(rules: str, folder: Path) -> Prepared:
    """Prepare a text as another process would."""
    path = folder / "site.route"
    path.write_text(rules, encoding="utf-8")
    return unpacked(packed_of(path, "site.route"))


def test_what_comes_from_another_process_is_what_would_be_made_here(tmp_path: Path) -> None:
    path = tmp_path / "site.route"
    path.write_text(RULES, encoding="utf-8")

    async def main() -> Prepared:
        return await prepare_aside(path, "site.route", SystemWorkers())

    assert asyncio.run(main()) == prepare(path, "site.route")


def test_findings_and_obstacles_travel_and_are_worded_where_they_arrive(tmp_path: Path) -> None:
    broken = prepared("language 1\nnode pacs { aet = 3 }\n", tmp_path)
    assert broken.served is None
    assert broken == prepare(tmp_path / "site.route", "site.route")
    nobody = prepared(RULES.replace("listener main { port = 11112 }\n", ""), tmp_path)
    assert [why.worded("pt")[:12] for why in nobody.obstacles] == ["`site.route`"]
    external = prepared(RULES.replace("port = 104", "port = 104 lossy = allowed"), tmp_path)
    assert external.served is None
    (why,) = external.obstacles
    assert why.startswith("site.route:3:")
    assert "esta versão" in why.worded("pt")
    missing = unpacked(packed_of(tmp_path / "none.route", "none.route"))
    assert missing.obstacles == (Phrase("command.no_such_file", path="none.route"),)


@given(st.dictionaries(st.sampled_from(["what", "why"]), st.text(), min_size=2))
@settings(max_examples=20)
def test_a_phrase_travels_with_its_values(values: dict[str, str]) -> None:
    inner = Phrase("language.uncarried_construct", **values)
    outer = Phrase("language.uncarried_construct", what=inner, why="x")
    again = pickle.loads(pickle.dumps(outer))
    assert (again, again.worded("pt")) == (outer, outer.worded("pt"))


@pytest.mark.parametrize("code", ["raise SystemExit(7)", "import os; os.kill(os.getpid(), 9)"])
def test_a_helper_that_breaks_off_is_said(code: str, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "broken_helper.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(HelperFailed):
        asyncio.run(ask_python("broken_helper"))


def test_a_helper_that_nobody_waits_for_ends(tmp_path: Path, monkeypatch) -> None:
    mark = tmp_path / "mark"
    code = (
        "import os, pathlib, signal\n"
        f"new = pathlib.Path({str(tmp_path / 'new')!r})\n"
        "new.write_text(str(os.getpid()))\n"
        f"new.rename({str(mark)!r})\n"
        "signal.pause()\n"
    )
    (tmp_path / "slow_helper.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    async def main() -> None:
        task = asyncio.ensure_future(ask_python("slow_helper"))
        while not mark.exists():
            await asyncio.sleep(0.01)
        task.cancel()
        async with asyncio.timeout(10):
            await asyncio.wait([task])
        assert task.cancelled()

    asyncio.run(main())
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


def test_a_helper_leaves_signals_to_who_waits_for_it(tmp_path: Path) -> None:
    path = tmp_path / "site.route"
    os.mkfifo(path)
    helper = subprocess.Popen(
        [sys.executable, "-m", MODULE, str(path), "site.route"], stdout=subprocess.PIPE
    )
    with path.open("w", encoding="utf-8") as rules:  # the helper runs: it opens the other end
        for number in (signal.SIGHUP, signal.SIGINT):
            helper.send_signal(number)
        rules.write(RULES)
    packed, _ = helper.communicate()
    assert helper.returncode == 0
    assert unpacked(packed).served is not None


def test_signals_to_the_group_do_not_reach_a_helper(tmp_path: Path) -> None:
    (tmp_path / "group_helper.py").write_text(
        "import os, signal\n"
        "for number in (signal.SIGHUP, signal.SIGINT):\n"
        "    os.killpg(os.getpgid(os.getppid()), number)\n"
        "print('here')\n"
    )
    waits = (
        "import asyncio, signal\n"
        "from roteiro.runtime.world import ask_python\n"
        "for number in (signal.SIGHUP, signal.SIGINT):\n"
        "    signal.signal(number, lambda *_: None)\n"
        "print(asyncio.run(ask_python('group_helper')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", waits],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        start_new_session=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"b'here\\n'\n")


def test_other_rules_come_in_force(good: Prepared) -> None:
    async def main(world: World) -> None:
        bench = Bench(world, [good])
        found = await bench.it.reload()
        assert found.before == "sha256:0"
        assert found.rule_set == bench.in_force != "sha256:0"
        assert found.document("en")["reloaded"] is True
        assert bench.events == [Reloaded(bench.in_force, "sha256:0", TAKES)]

    run(main)


TROUBLE: dict[str, tuple[Exception, str]] = {
    "helper": (HelperFailed(-9), "broke off (exit code -9)"),
    "machine": (OSError(12, "Cannot allocate memory"), "could not be checked"),
    "fault": (KeyError("secret"), "an error of our own (KeyError)"),
}


@pytest.mark.parametrize("what", TROUBLE)
def test_whatever_goes_wrong_the_rules_of_before_stay(what: str, good: Prepared) -> None:
    wrong, words = TROUBLE[what]

    async def main(world: World) -> None:
        bench = Bench(world, [wrong, good])
        found = await bench.it.reload()
        assert (found.rule_set, found.before) == ("sha256:0", "sha256:0")
        assert words in found.reasons[0]
        assert bench.told(ReloadRefused) == 1
        assert bench.told(Fault) == (what == "fault")
        assert not (await bench.it.reload()).reasons, "the next one is not the worse for it"

    run(main)


def test_a_port_that_cannot_be_had_is_a_reason(good: Prepared) -> None:
    async def main(world: World) -> None:
        no = CannotChange(Phrase("command.cannot_listen", name="main", place="x:1", why="taken"))
        bench = Bench(world, [good], [no])
        found = await bench.it.reload()
        assert found.reasons == (no.reason,)
        assert found.document("pt")["reloaded"] is False
        assert bench.in_force == "sha256:0"

    run(main)


def test_errors_are_told_one_by_one_and_counted(tmp_path: Path) -> None:
    broken = prepared(RULES.replace("to pacs", "to pcas") + "node pacs { }\n", tmp_path)

    async def main(world: World) -> None:
        bench = Bench(world, [broken])
        found = await bench.it.reload()
        errors = [each for each in found.findings if each.level.name == "ERROR"]
        assert bench.told(RuleError) == len(errors) > 1
        assert f"({len(errors)})" in found.reasons[0]

    run(main)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.5, 1.875, 2.0, 2.125, 7.0]), min_size=1, max_size=8))
def test_who_asks_gets_a_reload_that_began_later(waits: list[float]) -> None:
    broken = Prepared("site.route", (), (Phrase("command.no_listener", path="site.route"),), None)

    async def asked(bench: Bench) -> None:
        when = bench.world.clock.monotonic()
        found = await bench.it.reload()
        assert isinstance(found, Reload)
        now = bench.world.clock.monotonic()
        assert any(when <= begun <= now - TAKES for begun in bench.begun)
        assert now - when <= 2 * TAKES, "two at the most: the one that runs, and the next"

    async def main(world: World) -> None:
        bench = Bench(world, [broken])
        asks: list[asyncio.Task[None]] = []
        for wait in waits:
            await asyncio.sleep(wait)
            asks.append(asyncio.ensure_future(asked(bench)))
        await asyncio.gather(*asks)
        assert len(bench.begun) <= len(waits)
        pairs = zip(bench.begun, bench.begun[1:], strict=False)
        assert all(later - earlier >= TAKES for earlier, later in pairs), "one after the other"

    run(main)


def test_the_end_of_the_router_ends_a_reload(good: Prepared) -> None:
    async def main(world: World) -> None:
        bench = Bench(world, [good])
        asks = [asyncio.ensure_future(bench.it.reload()) for _ in range(2)]
        await asyncio.sleep(1)
        asks.append(asyncio.ensure_future(bench.it.reload()))
        await asyncio.sleep(0)
        await bench.it.stop()
        found = await asyncio.gather(*asks)
        assert {each.reasons for each in found} == {(Phrase("runtime.reload_stopped"),)}
        assert (await bench.it.reload()).reasons
        assert bench.in_force == "sha256:0"
        assert bench.events == []

    run(main)


def test_nothing_is_begun_once_the_router_stops(good: Prepared) -> None:
    async def main(world: World) -> None:
        bench = Bench(world, [good])
        await bench.it.stop()
        bench.it.ask()
        await asyncio.sleep(10 * TAKES)
        assert (bench.begun, bench.in_force) == ([], "sha256:0")

    run(main)


def test_who_asks_before_the_router_runs_waits_for_it(good: Prepared) -> None:
    async def main(world: World) -> None:
        bench = Bench(world, [good], runs=False)
        asked = bench.it.ask()
        assert asked is not None
        await asyncio.sleep(10 * TAKES)
        assert bench.begun == []
        bench.it.begin()
        assert (await asked).rule_set == bench.in_force != "sha256:0"

    run(main)


def test_a_router_that_does_not_come_to_run_lets_go_of_who_asked(good: Prepared) -> None:
    async def main(world: World) -> None:
        bench = Bench(world, [good], runs=False)
        asked = asyncio.ensure_future(bench.it.reload())
        await asyncio.sleep(TAKES)
        await bench.it.stop()
        assert (await asked).reasons == (Phrase("runtime.reload_stopped"),)

    run(main)

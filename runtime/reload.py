"""Other rules while the router runs: compiled aside, then put in the place of those in force.

Nothing of it touches the rules in force before everything that can go wrong has gone well: the
file is read and checked in another process, the engine is made on a thread, ports that are new are
opened. What is left is one step of the loop (`Router.change`).

Who asks while a reload runs gets the next one, together with all others who ask meanwhile: what
was read for the first may be older than the question.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from roteiro.lang.diagnostics import Diagnostic
from roteiro.lang.messages import DEFAULT, Phrase
from roteiro.lang.settings import Settings
from roteiro.runtime.control import Document, known_language
from roteiro.runtime.events import Fault, Notify, Reloaded, ReloadRefused, RuleError
from roteiro.runtime.findings import finding_of
from roteiro.runtime.garbage import in_background
from roteiro.runtime.intake import Ruling, ruling_of
from roteiro.runtime.machine import machine_words
from roteiro.runtime.programs import Prepared, Served, errors_of
from roteiro.runtime.world import HelperFailed, World

TOLD = 50
"""Errors and reasons that get a line in the log; who asked for the reload gets all."""

Prepare = Callable[[], Awaitable[Prepared]]
Change = Callable[[Settings, Ruling], Awaitable[None]]


class CannotChange(Exception):  # noqa: N818  the machine's no, not an error of ours
    """The router stays as it is, for this reason."""

    def __init__(self, reason: Phrase) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reload:
    """How a reload ended."""

    before: str
    """The rule set that was in force."""
    rule_set: str
    """The rule set that is in force now."""
    findings: tuple[Diagnostic, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why the rules of before stay; none when they do not."""

    def document(self, language: str) -> Document:
        """Give it as the control socket does (`docs/json.md`)."""
        return {
            "reloaded": not self.reasons,
            "rule_set": self.rule_set,
            "before": self.before,
            "reasons": list(self.reasons),
            "findings": [asdict(finding_of(each, language)) for each in self.findings],
        }


class Reloader:
    """Reloads, one after the other."""

    def __init__(
        self,
        prepare: Prepare,
        change: Change,
        rule_set: Callable[[], str],
        world: World,
        notify: Notify,
    ) -> None:
        """Take what reads the rules, what puts them in force, and what says which are."""
        self._prepare = prepare
        self._change = change
        self._rule_set = rule_set
        self._world = world
        self._notify = notify
        self._running: asyncio.Task[Reload] | None = None
        self._next: asyncio.Task[Reload] | None = None
        self._begun = asyncio.Event()
        self._over = False

    def begin(self) -> None:
        """Say that the router runs: whoever has asked before has waited for it."""
        self._begun.set()

    async def reload(self) -> Reload:
        """Do it, and say how it ended. It goes on when nobody waits for it any more."""
        task = self.ask()
        if task is not None:
            await asyncio.wait([task])
        if task is None or task.cancelled():
            return self._stays(Phrase("runtime.reload_stopped"))
        return task.result()

    def ask(self) -> "asyncio.Task[Reload] | None":
        """Have it done; the task says how it ended. None when the router stops."""
        if self._over:
            return None
        if self._next is None:
            self._next = asyncio.ensure_future(self._after(self._running))
        return self._next

    async def verb(self, question: Document) -> Document:
        """Answer `reload`."""
        language = known_language(question.get("lang")) or DEFAULT
        return (await self.reload()).document(language)

    async def stop(self) -> None:
        """Let go of what is under way: the rules in force stay."""
        self._over = True
        tasks = [task for task in (self._running, self._next) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _after(self, running: "asyncio.Task[Reload] | None") -> Reload:
        if running is not None:
            await asyncio.wait([running])
        await self._begun.wait()
        self._running, self._next = self._next, None
        started = self._world.clock.monotonic()
        before = self._rule_set()
        found = await self._once()
        if found.reasons:
            self._tell_refused(found)
        else:
            seconds = self._world.clock.monotonic() - started
            self._notify(Reloaded(found.rule_set, before, seconds))
        return found

    async def _once(self) -> Reload:
        """Do it once; whatever goes wrong, the rules in force stay."""
        try:
            prepared = await self._prepare()
            if prepared.served is None:
                return self._stays(*reasons_of(prepared), findings=prepared.findings)
            return await self._swap(prepared.served, prepared.findings)
        except CannotChange as no:
            return self._stays(no.reason)
        except HelperFailed as failed:
            return self._stays(Phrase("runtime.reload_broke", code=failed.code))
        except OSError as wrong:
            return self._stays(Phrase("runtime.reload_machine", why=machine_words(wrong)))
        except Exception as fault:  # noqa: BLE001  the edge: who asked gets an answer
            where = traceback.extract_tb(fault.__traceback__)[-1]
            kind = type(fault).__name__
            self._notify(Fault(f"{Path(where.filename).name}:{where.lineno}", kind))
            return self._stays(Phrase("runtime.own_fault", error=kind))

    async def _swap(self, served: Served, findings: tuple[Diagnostic, ...]) -> Reload:
        before = self._rule_set()
        ruling = await self._world.workers.run(partial(compiled, served))
        await self._change(served.settings, ruling)
        return Reload(before, self._rule_set(), findings)

    def _stays(self, *reasons: str, findings: tuple[Diagnostic, ...] = ()) -> Reload:
        rule_set = self._rule_set()
        return Reload(rule_set, rule_set, findings, reasons)

    def _tell_refused(self, found: Reload) -> None:
        for each in errors_of(found.findings)[:TOLD]:
            self._notify(rule_error(each))
        for reason in found.reasons[:TOLD]:
            self._notify(ReloadRefused(reason, found.rule_set))


def compiled(served: Served) -> Ruling:
    """Take compiled rules beside the loop."""
    with in_background():
        return ruling_of(served)


def reasons_of(prepared: Prepared) -> tuple[str, ...]:
    """Say why a rule file cannot be served."""
    count = len(errors_of(prepared.findings))
    if count:
        return (Phrase("runtime.reload_errors", file=prepared.name, count=count),)
    return prepared.obstacles


def rule_error(found: Diagnostic) -> RuleError:
    """Give an error of a rule file as the log tells it."""
    at = found.source.position(found.span.start)
    what = Phrase(found.message.key, **dict(found.message.values))
    return RuleError(found.code, found.source.name, at.line, at.column, what)

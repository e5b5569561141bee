"""A spool on which no router runs: asked and changed directly, by the code that a router uses.

The spool is locked and put in step as at a start, so two never work on it at once.
"""

from collections.abc import Mapping
from pathlib import Path

from roteiro.runtime.acting import Acting
from roteiro.runtime.control import Document, NoRouter, Verb, in_words
from roteiro.runtime.report import listed
from roteiro.runtime.spool.contract import Recovery, Spool
from roteiro.runtime.spool.places import Places
from roteiro.runtime.spool.store import FileSpool
from roteiro.runtime.telling import Telling
from roteiro.runtime.world import World, user


async def answer_stopped(folder: Path, world: World, verb: str, question: Document) -> Document:
    """Answer one question; `NoRouter` when there is no spool, `SpoolBusy` when a router has it."""
    demand_spool(folder, world)
    spool = FileSpool(folder, world)
    await spool.recover()
    try:
        asked = {**question, "by": user()}
        answer = verbs_of(spool, world)[verb](asked)
        document = answer if isinstance(answer, Mapping) else await answer
        return in_words(document, question.get("lang"))
    finally:
        await spool.close()


def verbs_of(spool: Spool, world: World) -> dict[str, Verb]:
    """Give the verbs that make sense without a router."""

    def queue(question: Document) -> Document:
        return listed(spool, question, set(spool.destinations()), frozenset(), world.clock.now())

    verbs: dict[str, Verb] = {"queue": queue}
    verbs |= Telling(world.clock, spool).verbs()
    return verbs | Acting(world, spool, lambda _: None).verbs()


def demand_spool(folder: Path, world: World) -> None:
    """Be sure that the folder is a spool: nothing is made by a question."""
    if not Places(folder).has_spool(world.disk):
        raise NoRouter(str(folder))


async def rebuild(folder: Path, world: World) -> Recovery:
    """Make the index again from the files; `NoRouter`, `SpoolBusy`, `SpoolForeign` or `OSError`."""
    demand_spool(folder, world)
    spool = FileSpool(folder, world)
    recovery = await spool.recover(anew=True)
    await spool.close()
    return recovery

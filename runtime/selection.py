"""What a verb is about: deliveries and held objects, by numbers, destination, state and study."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from roteiro.lang.messages import Phrase
from roteiro.runtime.control import Document
from roteiro.runtime.spool.contract import Delivery, DeliveryState, HeldObject, Spool

MOST = 100_000
"""Deliveries, and objects, that one question is about at most."""
STATES = {
    "waiting": DeliveryState.WAITING,
    "sending": DeliveryState.WAITING,
    "held": DeliveryState.HELD,
    "done": DeliveryState.DONE,
}
"""A delivery that is being sent is waiting as far as the spool knows."""


class BadQuestion(Exception):  # noqa: N818  a state of what was asked
    """A question that cannot be answered; the phrase says why and what was expected."""

    def __init__(self, phrase: Phrase) -> None:
        """Keep why."""
        super().__init__(phrase)
        self.phrase = phrase


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deliveries and held objects are meant."""

    ids: tuple[str, ...] = ()
    """Numbers of deliveries, ids of objects, or SOP Instance UIDs."""
    to: str | None = None
    state: str | None = None
    study: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was said, so that everything would be meant."""
        return not (self.ids or self.to or self.state or self.study)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was found."""

    deliveries: tuple[Delivery, ...]
    held: tuple[HeldObject, ...]
    unknown: tuple[str, ...] = ()
    """Ids that nothing has."""
    more: bool = False
    """Whether there are more than one question is about."""

    def objects(self) -> list[str]:
        """Give the objects, each once."""
        held = [each.object for each in self.held]
        return list(dict.fromkeys([*held, *(each.object for each in self.deliveries)]))


def filter_of(question: Document, names: Collection[str]) -> Filter:
    """Read a filter; `BadQuestion` for one that makes no sense. `names` are those of nodes."""
    ids, to = question.get("ids") or [], question.get("to")
    state, study = question.get("state"), question.get("study")
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise BadQuestion(Phrase("command.bad_ids"))
    if not isinstance(to, str | None) or not isinstance(study, str | None):
        raise BadQuestion(Phrase("command.bad_to"))
    if to is not None and to not in names:
        raise BadQuestion(Phrase("command.no_such_node", name=to))
    if not isinstance(state, str | None) or state not in {None, *STATES}:
        raise BadQuestion(Phrase("command.bad_state", expected=", ".join(STATES)))
    return Filter(tuple(ids), to, state, study)


def choose(spool: Spool, what: Filter, sending: Collection[int], limit: int = MOST) -> Chosen:
    """Find what a filter means; all parts of it hold at once."""
    unknown: tuple[str, ...] = ()
    if what.ids:
        deliveries, held, unknown = _by_ids(spool, what.ids)
    elif what.study is not None:
        deliveries, held = list(spool.of_study(what.study)), list(spool.held_of_study(what.study))
    else:
        deliveries, held = _by_state(spool, what, limit + 1)
    chosen = [each for each in deliveries if _fits(each, what, sending)]
    kept = [each for each in held if what.to is None and what.state in {None, "held"}]
    if what.ids and what.study is not None:
        kept = [each for each in kept if each.study == what.study]
    more = max(len(chosen), len(kept)) > limit
    return Chosen(tuple(chosen[:limit]), tuple(kept[:limit]), unknown, more)


def _by_ids(
    spool: Spool, ids: Iterable[str]
) -> tuple[list[Delivery], list[HeldObject], tuple[str, ...]]:
    deliveries: dict[int, Delivery] = {}
    held: dict[tuple[str, str], HeldObject] = {}
    unknown = []
    for each in ids:
        one = spool.delivery(int(each)) if _is_number(each) else None
        objects = [] if one else [life.object for life in spool.lives(each, MOST)]
        if one is not None:
            deliveries[one.id] = one
        elif not objects:
            unknown.append(each)
        for name in objects:
            deliveries |= {item.id: item for item in spool.of_object(name)}
            held |= {(item.object, item.queue): item for item in spool.held_of_object(name)}
    return list(deliveries.values()), list(held.values()), tuple(unknown)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _by_state(spool: Spool, what: Filter, limit: int) -> tuple[list[Delivery], list[HeldObject]]:
    state = None if what.state is None else STATES[what.state]
    deliveries = list(spool.deliveries(to=what.to, state=state, limit=limit))
    shown = what.to is None and what.state in {None, "held"}
    return deliveries, list(spool.held(limit=limit)) if shown else []


def _fits(delivery: Delivery, what: Filter, sending: Collection[int]) -> bool:
    state = "sending" if delivery.id in sending else delivery.state.value
    return (
        what.to in {None, delivery.to}
        and what.state in {None, state}
        and what.study in {None, delivery.study}
    )

"""What must be true: at any instant while the router runs, and in the end.

The judge knows what scanners were told and what archives have; of the router it asks only what a
person could ask. Each finding is a sentence that names the object.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from roteiro.runtime.delivery.marks import TIMES
from roteiro.runtime.events import DeliveryDone, DeliveryWarned
from roteiro.runtime.spool import store
from roteiro.runtime.spool.contract import Delivery, DeliveryState, HeldObject
from roteiro.runtime.spool.follower import UNLISTED
from tests.sim.journal import Receipt, Sending
from tests.sim.objects import Image
from tests.sim.site import SPOOL, Site, in_process

FIRM = 3.0
"""Seconds: P-4 gives one from a completion to its record, and the disk takes some."""
PATIENCE = 600.0
"""Seconds that an answer may take: of a disk that is very slow."""
Key = tuple[str, str, str]
"""Destination, instance, digest."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the router shows."""

    deliveries: tuple[Delivery, ...]
    held: tuple[HeldObject, ...]


def shown(site: Site) -> Shown:
    """Ask the running router what it owes and holds."""
    spool = site.spool
    assert spool is not None
    return in_process(
        site,
        lambda: Shown(tuple(spool.deliveries(limit=100_000)), tuple(spool.held(limit=100_000))),
    )


def owed_by(sending: Sending) -> tuple[set[str], set[str]]:
    """Give what an acknowledged object must be owed to, and what it may be."""
    each = [set(rules.owed.get(sending.image.modality, ())) for rules in sending.rules]
    return set.intersection(*each), set.union(*each)


def acknowledged(site: Site) -> Iterator[Sending]:
    return (sending for sending in site.journal.sendings if sending.acknowledged)


# --- at any instant ------------------------------------------------------------------------------


def instant(site: Site) -> None:
    """Look for what was acknowledged and is neither with its destinations nor shown."""
    due = list(acknowledged(site))
    if not answered(site):
        return
    seen = shown(site)
    waiting = Counter(
        (each.to, each.sop_instance)
        for each in seen.deliveries
        if each.state is not DeliveryState.DONE
    )
    queued = Counter(each.sop_instance for each in seen.held)
    unlisted = Counter(each.sop_instance for each in seen.held if each.queue == UNLISTED)
    taken = {(one.to, one.uid, one.digest) for one in site.journal.receipts if one.taken}
    stored = {(name, *one) for name, archive in site.archives.items() for one in archive.stored}
    for sending in due:
        image = sending.image
        if unlisted[image.uid]:
            continue
        if image.fate in ("", "hold") and needs_queue(image, sending):
            if not queued[image.uid]:
                site.wrong(f"{image.uid} was acknowledged and is in no queue")
        elif not image.fate:
            for to in sorted(owed_by(sending)[0]):
                key = (to, image.uid, image.digest)
                if key not in taken and key not in stored and not waiting[to, image.uid]:
                    site.wrong(f"{image.uid} was acknowledged and is neither at {to} nor shown")
    check_ledger(site)
    check_bounds(site)


def answered(site: Site) -> bool:
    """Let the router come to answering a question; False when it ends before it does."""
    process, spool, heard = site.process, site.spool, list[bool]()
    assert process is not None
    assert spool is not None

    async def ask() -> None:
        await spool.settled()
        heard.append(True)

    def over() -> bool:
        return bool(heard) or not site.running or site.process is not process

    site.kernel.soon(process, lambda: process.loop.create_task(ask()) and None)
    site.kernel.run(site.kernel.now + PATIENCE, over)
    if not over():
        site.wrong(f"no question is answered within {PATIENCE:.0f} s")
    return bool(heard) and site.running and site.process is process


def check_ledger(site: Site) -> None:
    """Have the router add its own counts up."""
    spool, router = site.spool, site.router
    assert spool is not None
    assert router is not None
    if site.gave_up:
        return
    index, sending = spool._parts.index, router._dispatcher.sending()
    for wrong in in_process(site, lambda: store._count(index, sending)).wrong:
        site.wrong(f"the ledger does not add up: {wrong}")


def needs_queue(image: Image, sending: Sending) -> bool:
    """Say whether a person has to see an object: a guard or no rule at all holds it."""
    return image.fate == "hold" or (not image.fate and not owed_by(sending)[1])


def check_bounds(site: Site) -> None:
    """Look for what grows without end."""
    router, process = site.router, site.process
    assert router is not None
    assert process is not None
    for post in router._dispatcher._all():
        for queue in post.destination.backlog.queues:
            known = len(queue.window._known)
            if known > 6_000 or len(post.tasks) > 500:
                site.wrong(f"{queue.window.name} knows {known} deliveries")
    if len(process.loop.tasks()) > 300:
        site.wrong(f"there are {len(process.loop.tasks())} tasks")
    if len(process.disk.handles) > 60:
        site.wrong(f"there are {len(process.disk.handles)} open files")


# --- in the end ----------------------------------------------------------------------------------


def drained(site: Site) -> bool:
    """Say whether nothing is waiting any more, and scanners have sent all."""
    if not site.running or not all(scanner.idle for scanner in site.scanners):
        return False
    spool, router = site.spool, site.router
    assert spool is not None
    assert router is not None
    backlogs = in_process(site, spool.destinations)
    return all(backlog.waiting == 0 for backlog in backlogs.values())


def final(site: Site) -> None:
    """Compare everything."""
    instant(site)
    seen = shown(site)
    check_receipts(site)
    check_delivered(site, seen)
    check_held(site, seen)
    check_repeats(site)
    check_files(site, seen)


def check_receipts(site: Site) -> None:
    """Nothing altered, nothing from nowhere, nothing to whom it is not owed."""
    allowed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for sending in site.journal.sendings:
        if sending.complete and not sending.image.fate:
            allowed[sending.image.uid, sending.image.digest] |= owed_by(sending)[1]
    for receipt in site.journal.receipts:
        key = (receipt.uid, receipt.digest)
        if key not in site.journal.images:
            site.wrong(f"{receipt.uid} came to {receipt.to} with bytes that nobody sent")
        elif receipt.to not in allowed[key]:
            site.wrong(f"{receipt.uid} came to {receipt.to}, to whom it is not owed")


def check_delivered(site: Site, seen: Shown) -> None:
    taken = {(one.to, one.uid, one.digest) for one in site.journal.receipts if one.taken}
    stored = {(name, *one) for name, archive in site.archives.items() for one in archive.stored}
    again = {(one.to, one.uid, one.digest) for one in site.journal.receipts if one.status == 0x0111}
    held = {
        (each.to, each.sop_instance) for each in seen.deliveries if each.state is DeliveryState.HELD
    }
    for sending in acknowledged(site):
        image = sending.image
        for to in sorted(owed_by(sending)[0] if not image.fate else ()):
            key = (to, image.uid, image.digest)
            has = key in taken or (key in again and key in stored)
            if not has and (to, image.uid) not in held:
                site.wrong(f"{image.uid} never came to {to}, which was well for long")


def check_held(site: Site, seen: Shown) -> None:
    """Whatever is held has a reason that we have seen with our own eyes."""
    refused = {(one.to, one.uid) for one in site.journal.receipts if one.refused}
    flipped = {uid for uid, digest in site.journal.images if digest in site.flipped}
    for each in seen.deliveries:
        why = (each.to, each.sop_instance) in refused or each.sop_instance in flipped
        why |= site.starts > TIMES and each.reason.startswith("faulty: the router died")
        if each.state is DeliveryState.HELD and not why:
            site.wrong(f"{each.sop_instance} is held for {each.to} for no reason: {each.reason}")
        if each.state is DeliveryState.HELD and not each.reason:
            site.wrong(f"{each.sop_instance} is held for {each.to} without a word")
    uids = {
        sending.image.uid
        for sending in site.journal.sendings
        if sending.complete and needs_queue(sending.image, sending)
    }
    for held in seen.held:
        if held.sop_instance not in uids:
            site.wrong(f"{held.sop_instance} is in {held.queue} for no reason: {held.reason}")


def check_repeats(site: Site) -> None:
    """An archive gets nothing twice, but for what P-4 allows and what was sent to us twice."""
    copies = Counter(
        (sending.image.uid, sending.image.digest)
        for sending in site.journal.sendings
        if sending.complete and sending.status != 0x0124
    )
    told: dict[tuple[str, str], list[float]] = defaultdict(list)
    for at, event in site.deliveries:
        assert isinstance(event, DeliveryDone | DeliveryWarned)
        told[event.to, event.sop_instance].append(at)
    by_key: dict[tuple[str, str], list[Receipt]] = defaultdict(list)
    for receipt in site.journal.receipts:
        if receipt.taken:
            by_key[receipt.to, receipt.uid].append(receipt)
    for (to, uid), receipts in by_key.items():
        most = sum(count for (one, _), count in copies.items() if one == uid)
        if len(receipts) <= most:
            continue
        sure, unsure = settle(site, receipts, sorted(told[to, uid]))
        if sure > most:
            site.wrong(f"{uid} was delivered to {to} {sure} times and sent to us {most} times")
        for receipt in unsure:
            site.wrong(
                f"{uid} came to {to} at {receipt.at:.3f} and again, though nothing had happened"
            )


def settle(site: Site, receipts: list[Receipt], told: list[float]) -> tuple[int, list[Receipt]]:
    """Count deliveries that the router had firmly on record; give what it forgot for no reason."""
    left, sure = list(receipts), 0
    for at in told:  # each is of the receipt that came last before it
        before = [one for one in left if one.answered <= at <= end_of(site, one)]
        if before:
            left.remove(before[-1])
            sure += not may_be_forgotten(site, at)
    unsure = [one for one in left if not one.in_flight and end_of(site, one) == float("inf")]
    return sure, unsure


def end_of(site: Site, receipt: Receipt) -> float:
    """Say when the process ended that was sending this."""
    return min((at for at, _ in site.deaths if at >= receipt.at), default=float("inf"))


def may_be_forgotten(site: Site, at: float) -> bool:
    """Say whether a record of that time may be gone: power or index were lost right after it."""
    lost = [death for death, power in site.deaths if power] + site.index_losses
    late = FIRM + 8 * site.slowest
    troubled = site.troubled(at)
    return any(at <= loss and (loss - at <= late or troubled) for loss in lost)


def check_files(site: Site, seen: Shown) -> None:
    """Bytes stay as long as they are owed, and no longer."""
    names = site.machine.platter.names
    lying = {path.rpartition("/")[2] for path in names if path.startswith(f"{SPOOL}/objects/")}
    needed = {each.object for each in seen.deliveries if each.state is not DeliveryState.DONE}
    needed |= {each.object for each in seen.held}
    damaged = len([path for path in names if path.startswith(f"{SPOOL}/corrupt/")])
    if len(needed - lying) > damaged:
        site.wrong(f"{len(needed - lying)} files are gone of which something is owed")
    if lying - needed:
        site.wrong(f"{len(lying - needed)} files lie there of which nothing is owed")


def check_arriving(site: Site) -> None:
    """After a start nothing is left of what never was acknowledged."""
    names = site.machine.platter.names
    if any(path.startswith(f"{SPOOL}/tmp/") for path in names):
        site.wrong("a file of an object that never was acknowledged lies in tmp")

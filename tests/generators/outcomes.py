"""What rules do, as text: sends with every option, pools, notices, holds, and verdicts."""

import re
from typing import Any

from generators.dice import Dice  # isort: skip

NODES = ("pacs", "archive", "ai")
POOLS = {
    "spare": "failover (pacs, archive)",
    "shared": "balance StudyInstanceUID over (archive, ai)",
    "both": "copy (pacs, ai)",
}
SCHEDULES = {
    "night": "mon..fri 22:00..06:00 or sat,sun 00:00..24:00",
    "office": "mon..fri 08:00..18:30",
    "turn": "sat..mon 23:30..01:00",
    "ever": "always",
}
ZONES = ("", "UTC", "Europe/Lisbon", "Europe/Berlin", "America/New_York", "Africa/Luanda")
PORTS = dict(zip(NODES, range(104, 107), strict=True))
BATCHES = (
    "batch by study after 5m",
    "batch by series after 45s late all",
    "batch by study after 5m within 1h late hold",
    "batch by study after 5m late new",
)


def declarations(zone: str, body: str) -> str:
    """Write what the rest of a program refers to."""
    schedules = [f"schedule {name} = {windows}\n" for name, windows in used(SCHEDULES, body)]
    pools = [f"pool {name} = {made}\n" for name, made in used(POOLS, body)]
    lines = ["language 1\n", f'timezone "{zone}"\n' if zone else "", *schedules, *pools]
    nodes = [
        f'node {name} {{ ae = "{name.upper()}" host = "127.0.0.1" port = {port} }}\n'
        for name, port in used(PORTS, body + "".join(pools))
    ]
    return "".join([*lines, *nodes])


def used(known: dict[str, Any], body: str) -> list[tuple[str, Any]]:
    """Give what is named somewhere."""
    return [(name, made) for name, made in known.items() if re.search(rf"\b{name}\b", body)]


def verdict(dice: Dice) -> str:
    words = ["pass", "pass", 'drop "dropped"', "hold aside", 'hold aside "look"', "refuse 0x0124"]
    return dice.choice([*words, 'refuse 0xA700 "full"'])


def actions(dice: Dice, chains: tuple[str, ...]) -> str:
    """Write what a rule does: most rules send."""
    others = ['nothing "of no use"', "hold aside", 'hold later "wait"', notice(dice)]
    if dice.one(5):
        return dice.choice(others)
    extra = f" {dice.choice(others)}" if dice.one(4) else ""
    again = f" {send(dice, chains)}" if dice.one(6) else ""
    return f"{send(dice, chains)}{again}{extra}"


def notice(dice: Dice) -> str:
    return f'notify {dice.choice(["oncall", "desk"])} "{dice.choice(["look", "come"])}"'


def send(dice: Dice, chains: tuple[str, ...]) -> str:
    """Write a send and its options in any order; few destinations, so that many are merged."""
    to = dice.some([*NODES, *POOLS], 1, 2)
    options = [f"urgency {dice.choice(['stat', 'normal', 'low'])}"] if dice.one(3) else []
    options += [dice.choice(BATCHES)] if dice.one(3) else []
    options += [f"during {dice.choice([*SCHEDULES])}"] if dice.one(4) else []
    options += [f"via {', '.join(dice.some(chains, 1, 2))}"] if chains and dice.one(4) else []
    dice.shuffle(options)
    return " ".join([f"send to {', '.join(to)}", *options])

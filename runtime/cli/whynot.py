"""Why an object was not sent to a node: its stored bytes decided again, rule by rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roteiro.core.program import Deliver, encoding_of
from roteiro.lang.lower import lower
from roteiro.lang.messages import text
from roteiro.runtime.cli.group import FINDINGS, Refused
from roteiro.runtime.cli.rulefile import usable
from roteiro.runtime.explain import why_not_entry, why_not_lines
from roteiro.runtime.machine import machine_words
from roteiro.runtime.rules import Rules, Subject
from roteiro.runtime.shown import shown
from roteiro.runtime.spool import format as layout
from roteiro.runtime.spool.places import Places
from roteiro.runtime.world import read_file

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Rules, and those of them that send to the node."""

    rules: Rules
    node: str
    senders: tuple[str, ...]

    def entry(self, spool: Path, life: Facts) -> dict[str, object]:
        """Give the JSON entry of one object; `error` when its bytes cannot be read."""
        known: dict[str, object] = {
            "node": self.node,
            "same_rules": self.rules.rule_set == life["decided"]["rule_set"],
        }
        if life["bytes"] != "here":
            return {**known, "error": "gone", "rules": []}
        try:
            whole = layout.parse(read_file(Places(spool).object(life["object"])))
        except (OSError, layout.Unsound) as wrong:
            why = machine_words(wrong) if isinstance(wrong, OSError) else str(wrong)
            return {**known, "error": why, "rules": []}
        envelope = whole.kept.record.envelope
        subject = Subject(whole.data, encoding_of(envelope.transfer_syntax or ""), envelope)
        decision = self.rules.judge(subject).trace.decision
        found = (self.rules.reference.why_not(subject, name) for name in self.senders)
        return {
            **known,
            "sends": any(send.to == self.node for send in decision.sends),
            "verdict": decision.verdict,
            "error": None,
            "rules": [why_not_entry(each) for each in found if each is not None],
        }


def asked_of(path: str, node: str, language: str) -> Asked:
    """Read the rules and find those that send to the node; `Refused` when there is none."""
    rules = usable(path, language)
    program = lower(rules.typed)
    named = rules.reference.rule_names()
    senders = tuple(
        rule.name
        for table in program.tables
        for rule in table.rules
        if rule.name in named
        and any(isinstance(each, Deliver) and each.to == node for each in rule.effects)
    )
    if not senders:
        raise Refused(FINDINGS, "command.why_no_sender", node=node, path=path)
    return Asked(rules, node, senders)


def lines_of(life: Facts, language: str) -> Iterator[str]:
    """Give what keeps one object from the node, as people read it."""
    found = life["why_not"]
    yield shown(life["sop_instance"])
    if not found["same_rules"]:
        yield "  " + text("command.why_other_rules", language)
    if found["error"] is not None:
        key = "command.why_not_gone" if found["error"] == "gone" else "command.why_not_unread"
        yield "  " + text(key, language, why=found["error"])
        return
    key = "command.why_not_sends" if found["sends"] else "command.why_not_sends_not"
    yield "  " + text(key, language, node=found["node"])
    for each in found["rules"]:
        yield from (f"  {line}" for line in why_not_lines(each, language))

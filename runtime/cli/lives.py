"""The life of objects as people read it: `why` and `queue show`."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from roteiro.lang.messages import text
from roteiro.runtime.cli.output import counted
from roteiro.runtime.shown import shown

Facts = Mapping[str, Any]
WHOLE = 10
"""Objects that are told one by one; of more a summary is given."""


def lines(document: Facts, language: str) -> list[str]:
    """Tell the lives of objects."""
    objects = document["objects"]
    if not objects:
        return [text("command.why_nothing", language, since=document["since"])]
    told = _each(objects, language) if len(objects) <= WHOLE else _together(objects, language)
    out = [shown(line) for line in told]
    if document["more"]:
        out.append(text("command.why_more", language))
    if document["rebuilt"]:
        out.append(text("command.why_rebuilt", language, since=document["since"]))
    return out


def _each(objects: Sequence[Facts], language: str) -> Iterator[str]:
    for each in objects:
        yield from _life(each, language)


def _together(objects: Sequence[Facts], language: str) -> Iterator[str]:
    """Sum up many objects: what they came to, and how their deliveries stand."""
    yield counted("object", len(objects), language)
    fates = Counter(each["decided"]["fate"] for each in objects)
    for fate, count in sorted(fates.items()):
        yield f"  {text(f'command.fate_{fate}', language)}: {count}"
    stands = Counter(
        (item["to"], item["state"], item["reason"] or "")
        for each in objects
        for item in each["deliveries"]
    )
    for (to, state, reason), count in sorted(stands.items()):
        yield f"  {to}: {count} {state}" + (f" ({reason})" if reason else "")
    held = Counter((item["queue"], item["reason"]) for each in objects for item in each["holds"])
    for (queue, reason), count in sorted(held.items(), key=str):
        yield "  " + text("command.why_held", language, n=count, queue=queue, reason=reason or "-")
    flagged = sum(bool(each["differs"]) for each in objects)
    if flagged:
        yield "  " + text("command.why_differing", language, n=flagged)
    yield text("command.why_one", language, uid=objects[0]["sop_instance"])


def _life(each: Facts, language: str) -> Iterator[str]:
    decided = each["decided"]
    yield each["sop_instance"]
    yield "  " + text("command.why_object", language, **_facts(each))
    rules = ", ".join(decided["rules"]) or "-"
    fate = text(f"command.fate_{decided['fate']}", language)
    yield "  " + text(
        "command.why_decided", language, fate=fate, rules=rules, rule_set=decided["rule_set"]
    )
    if decided["reason"]:
        yield f"    {decided['reason']}"
    for key in ("repeats", "differs"):
        if each[key]:
            yield "  " + text(f"command.why_{key}", language, object=each[key])
    if each["bytes"] != "here":
        yield "  " + text(f"command.why_bytes_{each['bytes']}", language)
    yield from (f"  {line}" for line in _steps(each["steps"], language))
    for item in each["holds"]:
        yield "  " + text("command.why_hold", language, **item | {"reason": item["reason"] or "-"})
    for item in each["deliveries"]:
        yield from (f"  {line}" for line in _delivery(item, language))


def _facts(each: Facts) -> Facts:
    return {
        "object": each["object"],
        "size": each["size"],
        "received": each["received"],
        "calling_ae": each["calling_ae"],
        "address": each["address"],
    }


def _delivery(item: Facts, language: str) -> Iterator[str]:
    line = text(
        "command.why_delivery",
        language,
        id=item["id"],
        to=item["to"],
        state=item["state"],
        since=item["changed"],
        attempts=item["failed_attempts"],
    )
    yield f"{line}: {item['reason']}" if item["reason"] else line
    yield from (f"  {line}" for line in _steps(item["steps"], language))


def _steps(steps: Sequence[Facts], language: str) -> Iterator[str]:
    for step in steps:
        what = text(f"command.step_{step['what']}", language)
        who = f" ({step['by']})" if step["by"] else ""
        yield f"{step['at']} {what}{who}: {step['reason'] or '-'}"

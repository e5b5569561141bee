"""When and by whom: schedules, batches and pools of a served rule file, over a `kill -9`."""

from datetime import UTC, datetime, timedelta

from tests.e2e.raw import RawSink, send_all
from tests.e2e.routers import RouterProcess, Routers, header, roteiro, until
from tests.e2e.wire import made_up

RULES = """
schedule later = {opens}..{closes}
pool archive = failover (first, second)
table routing first {
  rule late    { when Modality == "MR"  send to vna during later }
  rule whole   { when Modality == "CT"  send to archive batch by study after 3s }
  otherwise    { send to archive urgency stat }
}
"""


def rules(**nodes: int) -> str:
    """Give rules with a schedule that is closed for hours."""
    opens = datetime.now(UTC) + timedelta(hours=6)
    hours = {"opens": opens, "closes": opens + timedelta(hours=1)}
    text = RULES
    for name, when in hours.items():
        text = text.replace(f"{{{name}}}", f"{when:%H:%M}")
    return header(**nodes) + text


def image(number: int, modality: str, study: str):
    series = f"{study}.1"
    return made_up(f"1.2.3.{number}", modality, x0020000D=study, x0020000E=series)


def gathering(router: RouterProcess) -> int:
    return int(router.destination("archive")["gathering"])


def test_what_waits_by_rule_waits_also_after_a_kill_and_then_goes(routers: Routers) -> None:
    with RawSink() as second, RawSink() as vna:
        first = RawSink()
        router = routers(rules(first=first.port, second=second.port, vna=vna.port)).start()
        study = [image(number, "CT", "1.2.9") for number in range(1, 6)]
        night, prompt = image(6, "MR", "1.2.10"), image(7, "OT", "1.2.11")
        assert set(send_all(router.port, [*study[:4], night, prompt])) == {0}
        second.wait_for(prompt)  # `first` is down; and what is in no batch waits for none
        assert [one.sop_instance for one in second.arrivals] == ["1.2.3.7"]
        assert gathering(router) == 1
        (shut,) = router.destination("vna")["shut"]
        assert shut["schedule"] == "later"
        said = roteiro("status", "--spool", router.spool)
        assert "waits for schedule `later`, which opens " in said.out
        router.kill()
        router.start()
        assert set(send_all(router.port, study[4:])) == {0}
        second.wait_count(6)
        sent = {one.sop_instance: one.at for one in second.arrivals}
        assert set(sent) == {"1.2.3.7", *(one.sop_instance for one in study)}
        assert vna.arrivals == []
        until(lambda: router.destination("archive")["waiting"] == 0)
        entry = router.destination("archive")
        assert (entry["members"], entry["held"]) == (["first", "second"], 0)
        assert router.destination("vna")["waiting"] == 1

"""What the adapter leans on in pynetdicom, private names included: a new version has to keep it.

When one of these fails after an upgrade, read the adapter again before anything else.
"""

import inspect
import threading
from importlib.metadata import version

import pytest
from pynetdicom import AE, _config, acse, association, dul, evt, fsm, presentation, transport
from pynetdicom.pdu_items import PDU_ITEM_TYPES
from pynetdicom.pdu_primitives import A_ASSOCIATE, A_P_ABORT

from roteiro.runtime.association import adapter
from roteiro.runtime.association.request import TOP_ITEMS, USER_ITEMS


def test_the_version_is_one_that_was_read() -> None:
    assert version("pynetdicom").startswith("3.0."), "read the adapter against this version"


def source(thing: object) -> str:
    return inspect.getsource(thing)  # type: ignore[arg-type]


def test_pdu_types_and_their_events() -> None:
    assert {kind: (pdu.__name__, event) for kind, (pdu, event) in dul._PDU_TYPES.items()} == {
        b"\1": ("A_ASSOCIATE_RQ", "Evt6"),
        b"\2": ("A_ASSOCIATE_AC", "Evt3"),
        b"\3": ("A_ASSOCIATE_RJ", "Evt4"),
        b"\4": ("P_DATA_TF", "Evt10"),
        b"\5": ("A_RELEASE_RQ", "Evt12"),
        b"\6": ("A_RELEASE_RP", "Evt13"),
        b"\7": ("A_ABORT_RQ", "Evt16"),
    }


def test_the_rows_of_the_state_table_that_the_adapter_names() -> None:
    table = fsm.TRANSITION_TABLE
    assert table["Evt19", "Sta2"] == "AA-1"  # how an abort is sent before the association
    assert ("Evt15", "Sta2") not in table
    assert {table["Evt15", f"Sta{n}"] for n in (3, 5, 6, 7, 8, 9, 10, 11, 12)} == {"AA-1"}
    assert table["Evt18", "Sta2"] == table["Evt18", "Sta13"] == "AA-2"
    assert {state for event, state in table if event == "Evt18"} == {"Sta2", "Sta13"}
    assert {state for event, state in table if event == "Evt17"} == {
        f"Sta{n}" for n in range(2, 14)
    }
    assert table["Evt5", "Sta1"] == "AE-5"
    assert table["Evt6", "Sta2"] == "AE-6"
    assert table["Evt1", "Sta1"] == "AE-1"
    assert table["Evt2", "Sta4"] == "AE-2"
    assert {event for event, state in table if state == "Sta1"} == {"Evt1", "Evt5"}


def test_an_abort_takes_the_primitive_that_waits() -> None:
    assert "to_provider_queue.queue[0]" in source(fsm.AA_1)
    assert "isinstance(primitive, (A_ABORT, A_P_ABORT))" in source(fsm.AA_1)


@pytest.mark.parametrize(
    "name",
    ["event_queue", "to_provider_queue", "to_user_queue", "_recv_pdu", "artim_timer", "socket",
     "state_machine", "peek_next_pdu", "receive_pdu", "send_pdu", "_process_recv_primitive"],
)  # fmt: skip
def test_the_provider_has_what_is_used(name: str) -> None:
    made = association.Association(AE(), "acceptor")
    assert hasattr(made.dul, name)


@pytest.mark.parametrize(
    "name",
    ["acse", "dul", "requestor", "acceptor", "_rejected_cx", "_accepted_cx", "_handlers", "_kill",
     "accepted_contexts", "bind", "kill", "_bind_defaults"],
)  # fmt: skip
def test_the_association_has_what_is_used(name: str) -> None:
    assert hasattr(association.Association(AE(), "requestor"), name)


def test_the_user_has_what_is_used() -> None:
    user = association.Association(AE(), "acceptor").acceptor
    for name in ("primitive", "maximum_length", "supported_contexts", "ae_title", "address_info",
                 "implementation_class_uid", "implementation_version_name"):  # fmt: skip
        assert hasattr(user, name), name


def test_making_an_association_starts_no_thread() -> None:
    before = threading.active_count()
    association.Association(AE(), "acceptor")
    assert threading.active_count() == before
    for start in ("self.start()", "self.dul.start()"):
        assert start not in source(association.Association.__init__)
        assert start not in source(dul.DULServiceProvider.__init__)


def test_no_path_that_is_used_sleeps_or_waits() -> None:
    used = [
        acse.ACSE._negotiate_as_acceptor,
        acse.ACSE.send_accept,
        acse.ACSE.send_reject,
        acse.ACSE.send_abort,
        acse.ACSE.send_ap_abort,
        acse.ACSE.send_release,
        acse.ACSE.send_request,
        dul.DULServiceProvider.send_pdu,
        dul.DULServiceProvider._process_recv_primitive,
        dul.DULServiceProvider._send,
        dul.DULServiceProvider.kill_dul,
        *(action for _, action, _ in fsm.ACTIONS.values()),
    ]
    for function in used:
        text = source(function)
        assert "time.sleep" not in text, function
        assert ".wait(" not in text, function


def test_the_requestor_waits_for_two_things_only() -> None:
    text = source(acse.ACSE._negotiate_as_requestor)
    assert text.count(".wait(") + text.count("wait=True") == 2
    assert "socket._ready.wait()" in text
    assert "self.dul.receive_pdu(wait=True" in text
    assert text.index("self.send_request()") < text.index("socket._ready.wait()")
    assert "socket._is_connected" in text


def test_the_acceptor_negotiates_with_the_calls_that_are_replaced() -> None:
    text = source(acse.ACSE._negotiate_as_acceptor)
    assert text.index("self.assoc._rejected_cx =") < text.index("self.send_accept()")
    assert "self.assoc.ae.active_associations" in text
    assert "self.requestor.primitive" in text
    assert "_config.UNRESTRICTED_STORAGE_SERVICE" in text
    assert _config.UNRESTRICTED_STORAGE_SERVICE is False


def test_negotiation_asks_four_handlers_and_they_are_bound() -> None:
    asked = {
        name
        for method in ("_check_async_ops", "_check_sop_class_common_extended",
                       "_check_sop_class_extended", "_check_user_identity")
        for name in vars(evt)
        if name.startswith("EVT_")
        and f"evt.{name}," in source(getattr(acse.ACSE, method)).replace("\n", ",")
    }  # fmt: skip
    assert asked == {"EVT_ASYNC_OPS", "EVT_SOP_COMMON", "EVT_SOP_EXTENDED", "EVT_USER_ID"}
    assert {event.name for event in adapter.NEGOTIATION} == asked


def test_results_and_roles_of_contexts() -> None:
    rule = presentation.SCP_SCU_ROLES[None, None]
    assert set(rule.values()) == {(True, False, False, True)}


def test_the_items_that_pynetdicom_can_read() -> None:
    assert set(PDU_ITEM_TYPES) >= TOP_ITEMS | USER_ITEMS


def test_a_transport_request_and_an_address_without_look_up() -> None:
    assert transport.T_CONNECT(A_ASSOCIATE()).request is not None
    assert adapter.NOWHERE.as_tuple == ("127.0.0.1", 0)
    primitive = A_P_ABORT()
    primitive.provider_reason = 6
    assert primitive.provider_reason == 6


def test_the_timer_is_used_through_four_names() -> None:
    text = source(fsm) + source(dul) + source(association.Association.acse_timeout.fset)
    used = {
        part.split("(")[0].split(" ")[0].split(":")[0].strip()
        for part in text.split("artim_timer.")[1:]
    }
    assert used - {"timeout", "Timer", "``"} <= {"start", "stop", "restart", "expired"}
    for name in ("start", "stop", "restart", "expired"):
        assert hasattr(adapter.Artim, name)


def test_the_socket_is_used_through_few_names() -> None:
    text = source(fsm)
    used = {
        part.split("(")[0]
        for word in ("sock.", "dul.socket).")
        for part in text.split(word)[1:]
        if part.split("(")[0].isidentifier()
    }
    assert used == {"connect", "close", "_shutdown_socket"}
    for name in (*used, "send", "_is_connected", "_ready"):
        assert hasattr(adapter.LoopSocket, name)

"""What a fault of the peer is answered with (PS3.8 9.3.8)."""

from roteiro.core.pdata import Fault
from roteiro.lang.messages import Phrase

USER, PROVIDER = 0, 2


def fault_words(fault: Fault) -> Phrase:
    """Say what an association ends with when the peer sent what is no DICOM."""
    what = Phrase(f"runtime.fault_{fault.name.lower()}")
    return Phrase("runtime.ended_fault", fault=what)


# fault -> source and reason of the A-ABORT. What breaks the upper layer's own rules is the
# provider's to abort, what breaks the rules of DIMSE messages is its user's.
ABORTS = {
    Fault.PDU_TYPE: (PROVIDER, 1),  # unrecognized PDU
    Fault.PDU_LENGTH: (PROVIDER, 6),  # invalid PDU parameter value
    Fault.PDU_UNEXPECTED: (PROVIDER, 2),  # unexpected PDU
    Fault.PDV_LENGTH: (PROVIDER, 6),
    Fault.CONTEXT_UNKNOWN: (PROVIDER, 6),
    Fault.CONTEXT_CHANGED: (USER, 0),
    Fault.COMMAND_LENGTH: (USER, 0),
    Fault.COMMAND_UNEXPECTED: (USER, 0),
    Fault.DATA_UNEXPECTED: (USER, 0),
}

"""The DIMSE messages of one accepted association: C-STORE into receptions, C-ECHO, refusals.

Messages are answered in the order in which they came: while a reception is being finished nothing
more is read (no asynchronous operations were negotiated, PS3.7 D.3.3.3). A command set that cannot
be read ends the association; a message that can be read but not served is answered.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from roteiro.core.program import Envelope
from roteiro.lang.messages import Phrase
from roteiro.runtime.association.command import (
    RESPONSE,
    BadCommandError,
    Command,
    CommandField,
    decode,
    response,
)
from roteiro.runtime.association.contract import Intake, Reception
from roteiro.runtime.dicom import is_storage, is_uid

SUCCESS = 0x0000
INVALID_INSTANCE = 0x0117  # PS3.7 C.5.14
CLASS_NOT_SUPPORTED = 0x0122  # PS3.7 C.5.6
UNRECOGNIZED_OPERATION = 0x0211  # PS3.7 C.5.26
CANNOT_UNDERSTAND = 0xC000  # PS3.4 B.2.3

Context = tuple[str, str]
"""Abstract and transfer syntax of an accepted presentation context."""


class BadMessageError(Exception):
    """The peer breaks the rules of DIMSE messages: the association has to end."""


class Exchange:
    """What was asked on an association and what is under way.

    `answer` writes a response; `finish` is called with a complete reception and writes the
    response when its status is known.
    """

    def __init__(  # noqa: PLR0913  what a conversation is about, and both ways out
        self,
        contexts: Mapping[int, Context],
        envelope: Envelope,
        intake: Intake,
        *,
        limit: int,
        answer: Callable[[int, Command], None],
        finish: Callable[[int, Command, Reception], None],
    ) -> None:
        self._contexts = contexts
        self._envelope = envelope
        self._intake = intake
        self._limit = limit
        self._answer = answer
        self._finish = finish
        self._reception: Reception | None = None
        self._context = 0
        self._request: Command | None = None
        self._status: int | None = None
        self._size = 0
        self.objects = 0
        """Complete data sets, whatever became of them."""
        self.bytes = 0

    @property
    def receiving(self) -> bool:
        """Whether an object is arriving."""
        return self._reception is not None

    def command(self, context: int, data: bytes) -> bool:
        """Take a command set; say whether a data set follows."""
        try:
            request = decode(data)
        except BadCommandError as error:
            raise BadMessageError(str(error)) from error
        if request.CommandField == CommandField.C_CANCEL:
            return self._ignore(request)
        if request.CommandField & RESPONSE or request.MessageID is None:
            raise BadMessageError(Phrase("runtime.message_kind"))
        self._context, self._request = context, request
        self._status = self._judge(context, request)
        if self._status is None:
            self._begin(context, request)
        elif not request.has_data_set:
            self._answer(context, response(request, self._status))
        return request.has_data_set

    def _ignore(self, request: Command) -> bool:
        """Let a C-CANCEL go by: there is nothing of ours that it could stop (PS3.7 9.3.2.3)."""
        self._request = None
        self._status = None
        return request.has_data_set

    def _judge(self, context: int, request: Command) -> int | None:
        """Give the status of what is answered at once; `None` for an object to be received."""
        if request.CommandField == CommandField.C_ECHO:
            return SUCCESS
        if request.CommandField != CommandField.C_STORE:
            return UNRECOGNIZED_OPERATION
        abstract, _ = self._contexts[context]
        sop_class = request.AffectedSOPClassUID
        if not sop_class or not is_uid(sop_class):  # no context could carry it on
            return CLASS_NOT_SUPPORTED
        if not (is_storage(abstract) and is_storage(sop_class)):
            return CLASS_NOT_SUPPORTED
        if not request.AffectedSOPInstanceUID:
            return INVALID_INSTANCE
        return None if request.has_data_set else CANNOT_UNDERSTAND

    def _begin(self, context: int, request: Command) -> None:
        """Ask the router for a place."""
        self._size = 0
        self._reception = self._intake.begin(
            replace(
                self._envelope,
                transfer_syntax=self._contexts[context][1],
                sop_class=request.AffectedSOPClassUID,
                sop_instance=request.AffectedSOPInstanceUID,
            )
        )

    def fragment(self, data: memoryview, *, last: bool) -> None:
        """Take bytes of the data set; those of a message that is not served are let go."""
        if self._reception is not None:
            self._size += len(data)
            if self._size > self._limit:
                raise BadMessageError(Phrase("runtime.message_limit"))
            self._reception.write(data)
        if last:
            self._end()

    def _end(self) -> None:
        """Finish a message that is complete."""
        reception, self._reception = self._reception, None
        if self._request is None:
            return
        if reception is None:
            self._answer(self._context, response(self._request, self._status or SUCCESS))
            return
        self.objects += 1
        self.bytes += self._size
        self._finish(self._context, self._request, reception)

    def abort(self) -> None:
        """Let go of what is incomplete: the association is over."""
        reception, self._reception = self._reception, None
        if reception is not None:
            reception.abort()

"""One object as its bytes come, without looking at any top-level element twice but the one at the cut.

The walk stops where the bytes end and goes on before the first element that was not passed whole
(`scan.Mark`). What lies between two looks is let go when no tested element was found in it, and the
value of an element that nobody asks for is not even held while it comes. So memory grows with the
tested elements and the size of the pieces they came in, not with the object. Whatever the pieces,
the outcome is that of `decide` on the whole.
"""

from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memset

from roteiro.core.matcher cimport FAILED, MORE, CompiledMatcher, Scratch, Status
from roteiro.core.scan cimport UNDEFINED, pass_marked

from roteiro.core.decision import unreadable
from roteiro.core.inflate import Inflater
from roteiro.core.program import Damage, Encoding, Outcome

cdef enum:
    LARGE = 65536       # bytes of a sequence that is not looked at again for every piece
    GROWTH = 16         # but when it has grown by such a part

cdef int DEFLATED = Encoding.DEFLATED


cdef class Feed:
    """Decides one object from its bytes as they come."""

    def __cinit__(self, CompiledMatcher matcher, encoding, envelope):
        self.matcher = matcher
        self.code = encoding
        self.members = matcher.members_of(envelope)
        self.scratch = matcher._scratch()
        self.held = bytearray()
        self.inflater = Inflater(b"") if self.code == DEFLATED else None
        memset(&self.mark, 0, sizeof(self.mark))

    @property
    def held_bytes(self):
        """Bytes in memory."""
        return len(self.held)

    @property
    def looks(self):
        """How often the bytes at hand were walked."""
        return self.looked

    def add(self, piece):
        """Take the next bytes; give the outcome as soon as no others can change it."""
        if self.outcome is not None:
            return self.outcome
        if self.inflater is None:
            self._take(memoryview(piece))
            self._look(None, False)
        elif not self.inflater.ended:
            for part in self.inflater.pieces(memoryview(piece)):
                self._take(memoryview(part))
                self._look(None, False)
                if self.outcome is not None:
                    break
        if self.outcome is None and self.inflater is not None and self.inflater.ended:
            self._look(self.inflater.damage, True)
        return self.outcome

    def end(self, envelope=None):
        """Decide, now that no more bytes come; `envelope` is what is known at the end."""
        if self.outcome is None:
            self.is_ended = True
            if envelope is not None:
                self.members = self.matcher.members_of(envelope)
            if self.inflater is not None and not self.inflater.ended:
                self.inflater.finish()
            self._look(None if self.inflater is None else self.inflater.damage, True)
        return self.outcome

    cdef void _take(self, object piece) except *:
        """Hold new bytes, but for those of a value that nobody reads."""
        cdef size_t size = len(piece), skipped = min(self.skipping, size)
        self.skipping -= skipped
        self.dropped += skipped
        if skipped < size and not self.is_read:
            self.held += piece[skipped:]

    cdef void _look(self, object end, bint complete) except *:
        """Walk on as far as the bytes go, and decide if that settles it."""
        cdef:
            Scratch scratch = self.scratch
            size_t begin = self.mark.at
            uint32_t found
            Status status
        if not complete and (
            self.skipping or self.is_read or <size_t>len(self.held) < self.wanted
        ):
            return
        if self.skipping:
            self._cut(Damage.CUT if end is None else end)
            return
        found = self._found()
        self.looked += 1
        scratch.c_mark = &self.mark
        scratch.may_ask = True
        scratch.has_asked = False
        status = self.matcher.decide_raw(
            scratch, <const uint8_t*>PyByteArray_AS_STRING(self.held),
            PyByteArray_GET_SIZE(self.held), self.code, self.members, complete and end is None)
        if status == MORE and not complete:
            if self._found() == found:
                self._let_go(begin)
            self._plan()
        elif self.matcher.reads_size and not self.is_ended and status != FAILED:
            self.is_read = True  # but the size is known at the end
        else:
            self.outcome = self.matcher._outcome(scratch, status, end, complete, self.dropped)
            self._close()

    cdef uint32_t _found(self) noexcept:
        """Count the tested elements that were seen."""
        cdef uint32_t place, found = 0
        if self.mark.has_begun:
            for place in range(self.matcher.c_levels[0].slots):
                found += self.scratch.top.c_slots[place].seen
        return found

    cdef void _let_go(self, size_t begin) except *:
        """Let go what lies between a place and the mark."""
        cdef size_t size = self.mark.at - begin
        if size:
            del self.held[begin : self.mark.at]
            self.dropped += size
            self.mark.at -= size
            self.mark.value -= size

    cdef void _plan(self) except *:
        """Look at the element at the cut: is it held, and when is it worth another look?"""
        cdef size_t size = len(self.held), pending = size - self.mark.at
        self.wanted = 0
        if not self.mark.has_header:
            return
        if self.mark.length == UNDEFINED:
            if pending > LARGE:
                self.wanted = size + pending // GROWTH
        elif self.mark.is_wanted:
            self.wanted = self.mark.value + self.mark.length
        else:
            self.cut_at = self.dropped + self.mark.value
            self.skipping = self.mark.value + self.mark.length - size
            self.dropped += pending
            del self.held[self.mark.at :]
            pass_marked(&self.mark)

    cdef void _cut(self, object damage) except *:
        """Decide that the data end inside an element that nobody asks for."""
        self.scratch.walk.at = self.cut_at
        read = self.matcher._read(self.scratch, 0)
        self.outcome = Outcome(unreadable(damage.reason(self.mark.tag)), read)
        self._close()

    cdef void _close(self) except *:
        """Let go all that is held."""
        self.scratch.c_mark = NULL
        self.matcher._give_back(self.scratch)
        self.scratch = None
        self.held = bytearray()

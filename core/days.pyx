"""Days, instants and the changes of a zone, in C (docs/reading.md, 7.5 and 14.5 to 14.7).

A zone is a list of changes, found once by asking Python's `zoneinfo` (`instants.changes_of`). What
comes after the last year of the list is looked up 400 years before: there the calendar and the rules
of every zone are the same.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t

from roteiro.core.flat cimport room

from roteiro.core.instants import LISTED, changes_of

cdef enum:
    DAY = 86400
    CYCLE_DAYS = 146097      # of 400 years
    MICRO = 1000000

cdef int64_t FIRST_SECOND = -62135596800     # 0001-01-01
cdef int64_t LAST_SECOND = 253402300799      # the end of 9999
cdef int64_t c_cycle = <int64_t>CYCLE_DAYS * DAY
cdef int64_t c_listed = day_number(LISTED, 1, 1) * DAY


cdef int64_t day_number(int64_t year, int64_t month, int64_t day) noexcept nogil:
    """Give the days since 1970-01-01 of a day of the Gregorian calendar, from year 1 on."""
    cdef int64_t of_era, of_year
    if month <= 2:
        year -= 1
    of_era = year % 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return (year // 400) * CYCLE_DAYS + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


cdef int64_t offset_at(const Zone* c_zone, int64_t second, bint is_local) noexcept nogil:
    """Give the offset from UTC, in seconds, at a second of UTC or of the wall."""
    cdef:
        const int64_t* c_begins = c_zone.c_local_begins if is_local else c_zone.c_begins
        uint32_t low = 0, high = c_zone.changes, middle
    if second >= c_listed:
        second -= ((second - c_listed) // c_cycle + 1) * c_cycle
    while high - low > 1:  # the change at `low` has begun, the one at `high` has not
        middle = low + (high - low) // 2
        if c_begins[middle] <= second:
            low = middle
        else:
            high = middle
    return c_zone.c_offsets[low]


cdef bint wall_at(
    const Zone* c_zone, int64_t at, int64_t* c_today, int64_t* c_week
) noexcept nogil:
    """Give the day since 1970 and the microseconds since Monday 00:00 of an instant; False when it
    is in no calendar, there or in UTC."""
    cdef int64_t second = at // MICRO, part = at % MICRO
    if not FIRST_SECOND <= second <= LAST_SECOND:
        return False
    second += offset_at(c_zone, second, False)
    if not FIRST_SECOND <= second <= LAST_SECOND:
        return False
    c_today[0] = second // DAY
    c_week[0] = ((c_today[0] + 3) % 7 * DAY + second % DAY) * MICRO + part  # day 0 was a Thursday
    return True


cdef void lay_zone(Zone* c_zone, list memory, object zone) except *:
    """Lay the changes of a zone flat."""
    cdef:
        tuple changes = changes_of(zone)
        int64_t* c_begins = <int64_t*>room(memory, 8 * len(changes))
        int64_t* c_local_begins = <int64_t*>room(memory, 8 * len(changes))
        int32_t* c_offsets = <int32_t*>room(memory, 4 * len(changes))
        size_t place
    for place, change in enumerate(changes):
        c_begins[place] = change.begin
        c_local_begins[place] = change.local_begin
        c_offsets[place] = change.offset
    c_zone.changes = len(changes)
    c_zone.c_begins = c_begins
    c_zone.c_local_begins = c_local_begins
    c_zone.c_offsets = c_offsets


cdef class Days:
    """A zone laid flat."""

    def __cinit__(self, zone):
        self._memory = []
        lay_zone(&self.zone, self._memory, zone)

    def offset(self, int64_t second, *, bint is_local):
        """Give the offset of a second since 1970."""
        return offset_at(&self.zone, second, is_local)

    def now(self, int64_t at):
        """Give the day since 1970 and the microseconds since Monday of an instant."""
        cdef int64_t today = 0, week = 0
        return (today, week) if wall_at(&self.zone, at, &today, &week) else None

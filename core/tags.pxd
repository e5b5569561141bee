# Names of the standard for the compiled engine: VRs by their two letters, their classes, delimiters.
# Only inline functions: there is nothing to import at run time.

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

cdef enum Vr:
    NO_VR = 0  # implicit VR sends none
    AE = 0x4145
    AS = 0x4153
    AT = 0x4154
    CS = 0x4353
    DA = 0x4441
    DS = 0x4453
    DT = 0x4454
    FD = 0x4644
    FL = 0x464C
    IS = 0x4953
    LO = 0x4C4F
    LT = 0x4C54
    OB = 0x4F42
    OD = 0x4F44
    OF = 0x4F46
    OL = 0x4F4C
    OV = 0x4F56
    OW = 0x4F57
    PN = 0x504E
    SH = 0x5348
    SL = 0x534C
    SQ = 0x5351
    SS = 0x5353
    ST = 0x5354
    SV = 0x5356
    TM = 0x544D
    UC = 0x5543
    UI = 0x5549
    UL = 0x554C
    UN = 0x554E
    UR = 0x5552
    US = 0x5553
    UT = 0x5554
    UV = 0x5556

# What a field expects is a set of these (docs/reading.md, 5).
cdef enum VrClass:
    NO_CLASS = 0
    TEXT_CLASS = 1
    DECIMAL_CLASS = 2
    DATE_CLASS = 4
    TIME_CLASS = 8
    UID_CLASS = 16
    INSTANT_CLASS = 32
    AGE_CLASS = 64
    TAG_CLASS = 128
    SEQUENCE_CLASS = 256
    BULK_CLASS = 512

cdef enum Delimiter:
    DELIMITER_GROUP = 0xFFFE
    ITEM_ELEMENT = 0xE000
    ITEM_END_ELEMENT = 0xE00D
    SERIES_END_ELEMENT = 0xE0DD


cdef inline VrClass class_of(uint16_t vr) noexcept nogil:
    if vr in (AE, CS, SH, LO, ST, LT, UC, UT, UR, PN):
        return TEXT_CLASS
    if vr in (DS, IS, US, SS, UL, SL, UV, SV, FL, FD):
        return DECIMAL_CLASS
    if vr in (OB, OD, OF, OL, OV, OW, UN):
        return BULK_CLASS
    if vr == DA:
        return DATE_CLASS
    if vr == TM:
        return TIME_CLASS
    if vr == UI:
        return UID_CLASS
    if vr == DT:
        return INSTANT_CLASS
    if vr == AS:
        return AGE_CLASS
    if vr == AT:
        return TAG_CLASS
    if vr == SQ:
        return SEQUENCE_CLASS
    return NO_CLASS


cdef inline bint has_short_length(uint16_t vr) noexcept nogil:
    """PS3.5 7.1.2: these have a length of 16 bits; every other VR has 32, also one to come."""
    return vr in (AE, AS, AT, CS, DA, DS, DT, FD, FL, IS, LO, LT, PN, SH, SL, SS, ST, TM, UI, UL, US)


cdef inline bint may_be_series(uint16_t vr) noexcept nogil:
    """Whether an undefined length is allowed (PS3.5 7.1.1, 7.5.1, 6.2.2, A.4)."""
    return vr in (NO_VR, SQ, UN, OB, OW)


cdef inline bint is_text(uint16_t vr) noexcept nogil:
    return class_of(vr) == TEXT_CLASS


cdef inline bint is_split(uint16_t vr) noexcept nogil:
    """PS3.5 6.4: these VRs hold one value, a backslash is a character of it."""
    return vr not in (ST, LT, UT, UR)


cdef inline bint loses_leading_spaces(uint16_t vr) noexcept nogil:
    return vr in (AE, CS, SH, LO, PN, DS, IS)


cdef inline uint16_t read16(const uint8_t* c_data, bint big) noexcept nogil:
    if big:
        return <uint16_t>((<uint32_t>c_data[0] << 8) | c_data[1])
    return <uint16_t>((<uint32_t>c_data[1] << 8) | c_data[0])


cdef inline uint32_t read32(const uint8_t* c_data, bint big) noexcept nogil:
    if big:
        return (<uint32_t>read16(c_data, True) << 16) | read16(c_data + 2, True)
    return (<uint32_t>read16(c_data + 2, False) << 16) | read16(c_data, False)


cdef inline uint64_t read64(const uint8_t* c_data, bint big) noexcept nogil:
    if big:
        return (<uint64_t>read32(c_data, True) << 32) | read32(c_data + 4, True)
    return (<uint64_t>read32(c_data + 4, False) << 32) | read32(c_data, False)


cdef inline uint32_t read_tag(const uint8_t* c_data, bint big) noexcept nogil:
    return (<uint32_t>read16(c_data, big) << 16) | read16(c_data + 2, big)

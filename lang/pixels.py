"""Black boxes in pixels that are not compressed: `pixels block` of a profile."""

import struct

from roteiro.lang.texts_of_values import Unfit
from roteiro.lang.tree import DataSet

PIXEL_DATA = 0x7FE00010
SAMPLES, PLANAR, FRAMES, ROWS, COLUMNS, ALLOCATED = (
    *(0x00280002, 0x00280006, 0x00280008),
    *(0x00280010, 0x00280011, 0x00280100),
)
Boxes = tuple[tuple[int, int, int, int], ...]
"""Width, height, left, top."""


def blocked(data_set: DataSet, boxes: Boxes) -> None:
    """Blacken boxes in every frame; `Unfit` when the pixels cannot be reached."""
    node = data_set.get(PIXEL_DATA)
    if node is None:
        return
    bits = number(data_set, ALLOCATED, 0)
    if node.fragments or bits not in {8, 16, 32}:
        raise Unfit("unfit_pixels")
    rows, columns = number(data_set, ROWS, 0), number(data_set, COLUMNS, 0)
    samples = number(data_set, SAMPLES, 1)
    planes = samples if samples > 1 and number(data_set, PLANAR, 0) == 1 else 1
    wide = bits // 8 * samples // planes  # bytes of a pixel in one plane
    frames = frame_count(data_set)
    if len(node.value) < rows * columns * wide * planes * frames:
        raise Unfit("unfit_pixels")
    pixels = bytearray(node.value)
    for plane in range(planes * frames):
        start = plane * rows * columns * wide
        for width, height, left, top in boxes:
            first, last = min(left, columns), min(left + width, columns)
            for row in range(min(top, rows), min(top + height, rows)):
                at = start + (row * columns + first) * wide
                pixels[at : at + (last - first) * wide] = bytes((last - first) * wide)
    node.value = bytes(pixels)


def number(data_set: DataSet, tag: int, without: int) -> int:
    """Read an unsigned number of 16 bits."""
    node = data_set.get(tag)
    if node is None or len(node.value) < 2:
        return without
    return int(struct.unpack("<H", node.value[:2])[0])


def frame_count(data_set: DataSet) -> int:
    """Read Number of Frames; 1 when there is none."""
    node = data_set.get(FRAMES)
    digits = "" if node is None else node.value.decode("latin-1").strip(" \0")
    return int(digits) if digits.isascii() and digits.isdigit() else 1

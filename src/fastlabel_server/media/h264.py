"""As much of H.264 as is needed to count pictures without decoding them.

A sample of an MP4 is a picture: units (NAL), each after its length. Only cameras that record
interlaced may store the two fields of a picture in samples of their own.

Source: ITU-T H.264, 7.3 (syntax) and 7.4.1.2.4 (where a picture begins);
ISO/IEC 14496-15, 5.3.3 (avcC).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_SLICES = (1, 2, 5)
_IDR = 5
_WITH_CHROMA_FORMAT = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)
"""Profiles whose parameters tell it."""
_HEADER_BYTES = 32
"""Of a slice; what is read of it takes less."""

Structure = Literal["frame", "top", "bottom"]


class Damaged(ValueError):
    """The bytes cannot be H.264."""


@dataclass(frozen=True)
class Parameters:
    """What the head of the file says of all its pictures."""

    length_bytes: int
    """Of the length in front of each unit."""
    has_fields: bool = False
    frame_number_bits: int = 0
    has_colour_planes: bool = False


@dataclass(frozen=True)
class Picture:
    """One sample: a frame, or one of its fields."""

    structure: Structure
    frame_number: int
    is_idr: bool

    def completes(self, first: Picture) -> bool:
        """Tell whether this is the second field of the frame that `first` began."""
        return (
            {self.structure, first.structure} == {"top", "bottom"}
            and self.frame_number == first.frame_number
            and not self.is_idr
        )


FRAME = Picture("frame", 0, False)


def parameters_of(configuration: bytes) -> Parameters:
    """Read an avcC box.

    Raises:
        Damaged: it is none.
    """
    if len(configuration) < 7 or configuration[0] != 1:
        raise Damaged("the description of the video (avcC) is damaged")
    length_bytes = (configuration[4] & 3) + 1
    if not configuration[5] & 31:
        return Parameters(length_bytes)  # they come with the pictures
    end = 8 + int.from_bytes(configuration[6:8])
    bits = _Bits(configuration[9:end])
    profile = bits.number(8)
    bits.number(16)  # constraints, level
    bits.golomb()  # id
    has_colour_planes = False
    if profile in _WITH_CHROMA_FORMAT:
        chroma_format = bits.golomb()
        has_colour_planes = chroma_format == 3 and bits.number(1) == 1
        bits.golomb()  # depth of luma
        bits.golomb()  # depth of chroma
        bits.number(1)
        if bits.number(1):
            for index in range(12 if chroma_format == 3 else 8):
                if bits.number(1):
                    _skip_scaling_list(bits, 16 if index < 6 else 64)
    frame_number_bits = bits.golomb() + 4
    order_type = bits.golomb()
    if order_type == 0:
        bits.golomb()
    elif order_type == 1:
        bits.number(1)
        bits.golomb()
        bits.golomb()
        for _ in range(bits.golomb()):
            bits.golomb()
    bits.golomb()  # reference frames
    bits.number(1)
    bits.golomb()  # width
    bits.golomb()  # height
    return Parameters(length_bytes, not bits.number(1), frame_number_bits, has_colour_planes)


def picture_of(sample: bytes, parameters: Parameters) -> Picture:
    """Check that a sample is made of whole units, and return which picture it is.

    Raises:
        Damaged: it is cut off, or holds something else.
    """
    first: Picture | None = None
    position, length_bytes = 0, parameters.length_bytes
    while position + length_bytes <= len(sample):
        start = position + length_bytes
        position = start + int.from_bytes(sample[position:start])
        if position > len(sample):
            raise Damaged("a picture is cut off")
        if position == start:
            continue
        header = sample[start]
        if header & 0x80:
            raise Damaged("a picture has parts that are no H.264")
        if header & 31 in _SLICES and (first is None or first.structure != "frame"):
            if not parameters.has_fields:
                first = FRAME
                continue
            slice_header = sample[start : min(position, start + _HEADER_BYTES)]
            picture = _picture_of_slice(slice_header, parameters)
            if first is not None and picture.structure != first.structure:
                return FRAME  # both fields in one sample
            first = picture
    return first or FRAME


def _picture_of_slice(data: bytes, parameters: Parameters) -> Picture:
    bits = _Bits(data[1:])
    bits.golomb()  # first macroblock
    bits.golomb()  # type
    bits.golomb()  # picture parameters
    if parameters.has_colour_planes:
        bits.number(2)
    frame_number = bits.number(parameters.frame_number_bits)
    structure: Structure = "frame"
    if bits.number(1):
        structure = "bottom" if bits.number(1) else "top"
    return Picture(structure, frame_number, data[0] & 31 == _IDR)


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            code = bits.golomb()
            delta = (code + 1) // 2 if code % 2 else -(code // 2)
            following = (last + delta) % 256
        last = following or last


class _Bits:
    """A reader of bits, which knows that 00 00 03 in a unit stands for 00 00."""

    def __init__(self, data: bytes) -> None:
        data = data.replace(b"\0\0\3", b"\0\0")
        self._value = int.from_bytes(data)
        self._left = 8 * len(data)

    def number(self, count: int) -> int:
        """Return the next bits as a number."""
        if count > self._left:
            raise Damaged("its parameters are cut off")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def golomb(self) -> int:
        """Return the next number of variable length (exponential Golomb code, 9.1)."""
        zeros = 0
        while not self.number(1):
            zeros += 1
        if zeros > 31:
            raise Damaged("its parameters are no H.264")
        return (1 << zeros) - 1 + self.number(zeros)

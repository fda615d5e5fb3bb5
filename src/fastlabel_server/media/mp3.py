"""MP3 as far as it takes to cut one without coding it anew.

An MP3 is a row of frames, each of so many samples. The sound of a frame overlaps with that of
the frame before, and its data may begin in the room that frames before it left over, up to
`RESERVOIR` bytes ahead. So a part begins with a few frames from before its start; in front of
these with one without sound, which holds the bytes that they need; and with a note that says
how many samples a player is to skip.

Source: ISO/IEC 11172-3, 2.4; http://gabriel.mp3-tech.org/mp3infotag.html
"""

from __future__ import annotations

from dataclasses import dataclass

DECODER_DELAY: int = 529
"""Samples by which every decoder is late, which players skip too."""
RESERVOIR = 511
LEAD = 2
"""Frames that a part brings from before its start."""
MAX_NOTED = 4095
"""Samples to be skipped, beside the delay of the decoder: 12 bits."""
_KBITS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By whether it is MPEG 1."""
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""By the bits for the version: MPEG 1, 2 and 2.5."""
_INFO_BYTES = 120 + 36
"""Of the note: its head with a table of contents, and the part that LAME added."""


@dataclass(frozen=True)
class Header:
    """The first four bytes of a frame of layer III."""

    bits: int
    is_mpeg1: bool
    rate: int
    is_mono: bool

    @classmethod
    def of(cls, data: bytes) -> Header | None:
        """Read a header; None where there is none."""
        bits = int.from_bytes(data[:4])
        version, layer = bits >> 19 & 3, bits >> 17 & 3
        kbits, rate = bits >> 12 & 15, bits >> 10 & 3
        if len(data) < 4 or bits >> 21 != 0x7FF or version == 1 or layer != 1:
            return None
        if kbits == 15 or rate == 3:
            return None
        return cls(bits, version == 3, _RATES[version][rate], bits >> 6 & 3 == 3)

    @property
    def samples(self) -> int:
        return 1152 if self.is_mpeg1 else 576

    @property
    def side_bytes(self) -> int:
        """Bytes of the side information."""
        if self.is_mpeg1:
            return 17 if self.is_mono else 32
        return 9 if self.is_mono else 17

    @property
    def data_at(self) -> int:
        """Where the data begins in a frame: behind header, checksum and side information."""
        return self.side_at + self.side_bytes

    @property
    def side_at(self) -> int:
        return 4 if self.bits >> 16 & 1 else 6

    @property
    def length(self) -> int:
        """Bytes of the frame; 0 where it does not say."""
        kbits = _KBITS[self.is_mpeg1][self.bits >> 12 & 15]
        return self.samples // 8 * kbits * 1000 // self.rate + (self.bits >> 9 & 1 if kbits else 0)


def note(header: Header, frames: int, size: int, skipped: int, unplayed: int) -> bytes:
    """Return a frame without sound that says how long an MP3 is and what of it is played.

    Args:
        header: of a frame of the MP3.
        frames: that follow.
        size: of these in bytes.
        skipped: samples at the start that are not played: none, or `DECODER_DELAY` at least.
        unplayed: samples at the end.
    """
    start = 4 + header.side_bytes
    bits, length = _roomy(header, start + _INFO_BYTES + 4)
    delay = min(max(skipped - DECODER_DELAY, 0), MAX_NOTED)
    # The end is counted as it comes out of an encoder, and so with the delay of a decoder.
    padding = min(unplayed + DECODER_DELAY, MAX_NOTED)
    data = bytearray(length)
    data[:4] = bits.to_bytes(4)
    info = bytearray(b"Xing")
    info += (0b1111).to_bytes(4)  # number of frames, bytes, table of contents and quality follow
    info += frames.to_bytes(4) + (size + length).to_bytes(4)
    info += bytes(256 * number // 100 for number in range(100)) + bytes(4)
    # Whose note this is. Players skip nothing where it is nobody's that they know.
    info += b"Lavc".ljust(9, b"\0") if skipped else bytes(9)
    info += bytes(12)  # method, lowpass, loudness, flags, rate: not known
    info += (delay << 12 | padding).to_bytes(3)
    info += bytes(4) + (size + length).to_bytes(4)
    data[start : start + len(info)] = info
    checked = start + len(info)
    data[checked + 2 : checked + 4] = _crc16(bytes(data[: checked + 2])).to_bytes(2)
    return bytes(data)


def filler(before: bytes, first: bytes) -> bytes:
    """Return a frame without sound that holds what a frame uses of the room of earlier ones.

    Args:
        before: whole frames, of which the last ends where `first` begins.
        first: the beginning of the frame.
    """
    header = Header.of(first)
    assert header is not None
    used = int.from_bytes(first[header.side_at : header.side_at + 2])
    needed = used >> 7 if header.is_mpeg1 else used >> 8
    kept = bytearray()
    position = 0
    while (each := Header.of(before[position : position + 4])) is not None and each.length:
        kept += before[position + each.data_at : position + each.length]
        position += each.length
    bits, length = _roomy(header, 4 + header.side_bytes + needed)
    data = bytearray(length)
    data[:4] = bits.to_bytes(4)
    if needed:
        data[-needed:] = kept[-needed:].rjust(needed, b"\0")
    return bytes(data)


def _roomy(header: Header, needed: int) -> tuple[int, int]:
    """Return the header and the length of the shortest frame that has room for so many bytes."""
    for index, kbits in enumerate(_KBITS[header.is_mpeg1][1:], start=1):
        length = header.samples // 8 * kbits * 1000 // header.rate
        if length >= needed:
            # No padding, and no checksum behind the header.
            bits = header.bits & ~(15 << 12) & ~(1 << 9) | index << 12 | 1 << 16
            return bits, length
    raise AssertionError("the longest frame has room for the note")


def _crc16(data: bytes) -> int:
    """Return the checksum of a note: polynomial 0x8005, least bit first."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc

"""Recordings cut along time, without coding them anew: what was recorded stays as it is.

A WAV is cut at any sample; MP3 and M4A between their packets, some 0.02 s each, where that is
nearest to equal parts. A packet of these is heard only together with what came before it, so a
part brings a few packets from before its start, which it says are not to be played: the parts
played one after the other are the whole, and their durations add up to its duration. Titles,
covers and the like go.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from fastlabel.modalities import FileError
from fastlabel_server.media import audio, cuts, libav, mp3
from fastlabel_server.media.base import NewPath, Plan, Splitter

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

LEAD: Final = 2
"""Packets of an M4A that a part brings from before its start."""
BUFFER_BYTES: Final = 1024 * 1024
TOLERANCE_S: Final = 1e-6


def plan(source: BinaryIO, name: str, how: Mapping[str, Any]) -> Plan:
    """Return where to cut, in samples that are played before.

    Raises:
        FileError: damaged, or too short for so many parts.
    """
    kind = audio.format_of(source, name)
    found = KINDS[kind].cuts(source, name, how["parts"])
    return {"format": kind, **found}


def place(plan: Plan, number: int) -> dict[str, Any]:
    return {"start": plan["begins"][number - 1] / plan["rate"]}


def write(
    source: BinaryIO, name: str, plan: Plan, first: int, new_path: NewPath
) -> Generator[Path]:
    for number in range(first, len(plan["begins"])):
        path = new_path()
        try:
            KINDS[plan["format"]].write(source, name, plan, number, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        yield path


def check(plan: Plan, number: int, media: Mapping[str, Any]) -> None:
    begin, end = plan["begins"][number - 1 : number + 1]
    expected = (end - begin) / plan["rate"]
    if abs(media["duration"] - expected) > TOLERANCE_S:
        raise FileError(
            f"part {number} lasts {media['duration']:.6f} s instead of {expected:.6f} s: the "
            "recording is damaged"
        )


def _check_count(name: str, count: int, most: int, what: str) -> None:
    if most < count:
        raise FileError(f"{name}: {most:,} {what} cannot be split into {count:,} parts")


def _wav_cuts(source: BinaryIO, name: str, count: int) -> dict[str, Any]:
    wav = audio.wav_of(source, name)
    total = wav.data_bytes // wav.block_bytes
    _check_count(name, count, total, "samples")
    begins = [round(Fraction(total * number, count)) for number in range(count + 1)]
    return {"rate": wav.rate, "begins": begins}


def _write_wav(source: BinaryIO, name: str, plan: Plan, number: int, path: Path) -> None:
    """Write a WAV with the same description of its samples.

    Source: RIFF, as in `audio`; `fact` tells how many samples there are where these are not
    bare numbers.
    """
    wav = audio.wav_of(source, name)
    begin, end = plan["begins"][number - 1 : number + 1]
    left = (end - begin) * wav.block_bytes
    chunks = _chunk(b"fmt ", wav.description)
    if not wav.is_pcm:
        chunks += _chunk(b"fact", (end - begin).to_bytes(4, "little"))
    size = 4 + len(chunks) + 8 + left + left % 2
    source.seek(wav.data_at + begin * wav.block_bytes)
    with path.open("wb") as file:
        file.write(b"RIFF" + size.to_bytes(4, "little") + b"WAVE" + chunks)
        file.write(b"data" + left.to_bytes(4, "little"))
        while left:
            data = source.read(min(left, BUFFER_BYTES))
            if not data:
                raise FileError(f"{name}: the recording is cut off")
            file.write(data)
            left -= len(data)
        file.write(bytes(file.tell() % 2))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2)


@dataclass
class _Packets:
    """Packets of a recording that are played, in their order."""

    rate: int
    before: list[int]
    """Samples that are played before each."""
    places: list[int]
    """Of each: where it is in the file, or when in ticks of its time base."""
    played: int = 0
    """Samples that are played of all."""
    skipped: int = 0
    """Samples that are not, at the start and at the end."""
    unplayed: int = 0
    end: int = 0
    """Where the last ends in the file."""

    def cuts(self, name: str, count: int) -> dict[str, Any]:
        """Return cuts between packets, of which each part has some that are heard."""
        heard = [
            index
            for index, before in enumerate(self.before)
            if 0 < before < self.played and before > self.before[index - 1]
        ]
        _check_count(name, count, len(heard) + 1, "packets")
        candidates = [self.before[index] for index in heard]
        begins = [0, *cuts.nearest(candidates, count, 0, Fraction(self.played))]
        by_time = dict(zip(candidates, heard, strict=True))
        return {
            "rate": self.rate,
            "begins": [*begins, self.played],
            "packets": [0, *(by_time[begin] for begin in begins[1:]), len(self.before)],
            "skipped": self.skipped,
            "unplayed": self.unplayed,
        }


def _packets(source: BinaryIO, name: str, kind: str) -> _Packets:
    with audio.opened(source, name, kind) as stream:
        return _packets_of(stream, name, kind)


def _packets_of(stream: AudioStream, name: str, kind: str) -> _Packets:
    assert stream.time_base is not None
    rate = stream.codec_context.sample_rate
    ticks_to_samples = stream.time_base * rate
    found = _Packets(rate, [], [])
    for packet, samples in audio.played(stream, name):
        found.before.append(found.played)
        place = packet.pos if kind == "mp3" else packet.dts
        if place is None:
            raise FileError(f"{name}: the recording is damaged: a packet has no place")
        found.places.append(place)
        found.played += samples
        whole = round((packet.duration or 0) * ticks_to_samples)
        if found.played == samples:
            found.skipped += whole - samples
        else:
            found.unplayed += whole - samples
        found.end = place + packet.size
    return found


def _packet_cuts(kind: str) -> Callable[[BinaryIO, str, int], dict[str, Any]]:
    def find(source: BinaryIO, name: str, count: int) -> dict[str, Any]:
        found = _packets(source, name, kind)
        planned = found.cuts(name, count)
        starts = planned["packets"]
        lead = mp3.LEAD if kind == "mp3" else LEAD
        firsts = [0, *(max(0, start - lead) for start in starts[1:-1])]
        if kind == "mp3":
            planned["reservoir"] = [
                found.places[_reservoir_at(found.places, first)] for first in firsts
            ]
        places = [*found.places, found.end]
        return planned | {
            "lead": [start - first for start, first in zip(starts, firsts, strict=False)],
            "from": [places[first] for first in firsts],
            "at": [places[start] for start in starts[:-1]],
            "until": [places[start] for start in starts[1:]],
        }

    return find


def _reservoir_at(places: Sequence[int], first: int) -> int:
    """Return the frame of an MP3 from which on others have all the bytes that one may use."""
    at, room = first, 0
    while at > 0 and room < mp3.RESERVOIR:
        at -= 1
        # Header, checksum and side information take up to 38.
        room += max(0, places[at + 1] - places[at] - 38)
    return at


def _header(source: BinaryIO, name: str, position: int) -> mp3.Header:
    source.seek(position)
    header = mp3.Header.of(source.read(4))
    if header is None:
        raise FileError(f"{name}: the recording is damaged at byte {position:,}")
    return header


def _write_mp3(source: BinaryIO, name: str, plan: Plan, number: int, path: Path) -> None:
    """Write a note of what is played, what the first frame needs, and frames as they are."""
    is_first, is_last = number == 1, number == len(plan["from"])
    position, end = plan["from"][number - 1], plan["until"][number - 1]
    header = _header(source, name, position)
    first, after = plan["packets"][number - 1 : number + 1]
    lead = plan["lead"][number - 1]
    filler = b""
    if not is_first:
        reservoir = plan["reservoir"][number - 1]
        source.seek(reservoir)
        before = source.read(position - reservoir)
        filler = mp3.filler(before, source.read(mp3.RESERVOIR))
    note = mp3.note(
        header,
        frames=after - first + lead + (not is_first),
        size=end - position + len(filler),
        skipped=plan["skipped"] if is_first else (lead + 1) * header.samples,
        unplayed=plan["unplayed"] if is_last else 0,
    )
    source.seek(position)
    with path.open("wb") as file:
        file.write(note + filler)
        while position < end:
            data = source.read(min(end - position, BUFFER_BYTES))
            if not data:
                raise FileError(f"{name}: the recording is cut off")
            file.write(data)
            position += len(data)


def _write_m4a(source: BinaryIO, name: str, plan: Plan, number: int, path: Path) -> None:
    """Write packets as they are; those from before the start have times below 0."""
    import av

    is_first, is_last = number == 1, number == len(plan["from"])
    since, until = plan["from"][number - 1], plan["until"][number - 1]
    with (
        audio.opened(source, name, "m4a") as stream,
        av.open(str(path), "w", format="ipod", options={"movflags": "+faststart"}) as output,
    ):
        target = output.add_stream_from_template(stream)
        if not is_first:
            cast("InputContainer", stream.container).seek(since, stream=stream)
        shift = 0 if is_first else plan["at"][number - 1]
        for packet in libav.packets_of(stream, name):
            if not packet.size or packet.dts is None or packet.dts < since:
                continue
            if not is_last and packet.dts >= until:
                break
            packet.pts, packet.dts = packet.dts - shift, packet.dts - shift
            packet.stream = target
            output.mux(packet)


@dataclass(frozen=True)
class _Kind:
    cuts: Callable[[BinaryIO, str, int], dict[str, Any]]
    write: Callable[[BinaryIO, str, Plan, int, Path], None]


KINDS: Final[Mapping[str, _Kind]] = {
    "wav": _Kind(_wav_cuts, _write_wav),
    "mp3": _Kind(_packet_cuts("mp3"), _write_mp3),
    "m4a": _Kind(_packet_cuts("m4a"), _write_m4a),
}
"""By the names of `audio.FORMATS`."""
SPLITTER = Splitter(plan, place, write, check)

"""Videos cut along time into parts of whole frames.

`exact` cuts at the frames that are nearest to equal parts, and codes the pictures anew: H.264
with a quality at which no difference is seen (CRF 18), no B-frames, a key frame at least every
48 frames, the same kind of pixels and colours, each frame at its time. Pictures that the file
says to turn are turned for good. `keyframes` cuts at the key frames that are nearest to equal
parts, and copies what is stored: nothing is lost, and the parts may be of very different
lengths.

Either way each frame of the whole is in one part, and all of the sound that MP4 can hold is
copied with the pictures, cut where its packets allow it, some 0.02 s more or less. Sound before
the first picture goes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol, cast

from fastlabel.modalities import FileError
from fastlabel_server.media import cuts, libav, video
from fastlabel_server.media.base import NewPath, Plan, Splitter

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.filter import Graph
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

CODER: Final = "libx264"
OPTIONS: Final = {
    "crf": "18",
    "preset": "veryfast",
    # What is looked at ahead is held in memory.
    "x264-params": "bframes=0:keyint=48:rc-lookahead=10:sync-lookahead=0",
}
THREADS: Final = 2
_LEAST_SCALE: Final = 10_000
"""Ticks of a second that libav makes of less, by doubling."""
CODECS: Final = tuple(video.CODECS)


class _Overshot(Exception):
    """The file was gone to a place behind the one that was asked for."""


def plan(source: BinaryIO, name: str, how: Mapping[str, Any]) -> Plan:
    """Return where to cut; times are ticks of the video's time base.

    Raises:
        FileError: damaged, or fewer frames or key frames than parts.
    """
    scan = video.scanned(source, name, CODECS, libav.MAX_PIXELS)
    count, method = how["parts"], how["method"]
    times = sorted(scan.shown)
    first, span = times[0], scan.duration() / scan.time_base
    if method == "exact":
        candidates = times[1:]
        if len(times) < count:
            raise FileError(f"{name}: {len(times):,} frames cannot be split into {count:,} parts")
    else:
        candidates = [start.shown_at for start in scan.starts if start.shown_at > first]
        if len(candidates) < count - 1:
            raise FileError(
                f"{name}: its key frames allow up to {len(candidates) + 1:,} parts, not {count:,}; "
                "the method `exact` needs none"
            )
    begins = [first, *cuts.nearest(candidates, count, first, span)]
    places = [bisect_left(times, time) for time in begins] + [len(times)]
    return {
        "method": method,
        "timeBase": scan.time_base.as_integer_ratio(),
        "turns": scan.turns,
        "begins": begins,
        "end": first + round(span),
        "frames": [after - at for at, after in pairwise(places)],
        "stored": [None, *(_decoded_from(scan.starts, time) for time in begins[1:])],
    }


def _decoded_from(starts: Sequence[video.Start], time: int) -> int | None:
    """Return where the packets begin that a frame needs, None for the beginning of the file."""
    before = [start for start in starts if start.shown_at <= time]
    return before[-1].stored_at if before else None


def place(plan: Plan, number: int) -> dict[str, Any]:
    since = plan["begins"][number - 1] - plan["begins"][0]
    return {
        "method": plan["method"],
        "frame": sum(plan["frames"][: number - 1]),
        "start": float(since * Fraction(*plan["timeBase"])),
    }


def check(plan: Plan, number: int, media: Mapping[str, Any]) -> None:
    expected = plan["frames"][number - 1]
    if media["frameCount"] != expected:
        raise FileError(
            f"part {number} has {media['frameCount']:,} frames instead of {expected:,}: the video "
            f"is damaged, or cannot be cut by the method `{plan['method']}`"
        )


def write(
    source: BinaryIO, name: str, plan: Plan, first: int, new_path: NewPath
) -> Generator[Path]:
    """Yield the files of parts; each is read from the key frame on that it needs."""
    for number in range(first, len(plan["begins"]) + 1):
        path = new_path()
        part = _Part.of(plan, number)
        try:
            try:
                _write(source, name, part, path, goes_there=part.stored_at is not None)
            except _Overshot:
                _write(source, name, part, path, goes_there=False)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        yield path


@dataclass(frozen=True)
class _Part:
    """A part of a video."""

    is_exact: bool
    turns: int
    time_base: Fraction
    begin: int
    end: int
    """When it would go on: where the next one begins."""
    is_last: bool
    stored_at: int | None
    """Of the first packet that it needs; None: from the beginning of the file."""
    stored_until: int | None
    """Of the first packet of the next, where packets are copied."""

    @classmethod
    def of(cls, plan: Plan, number: int) -> _Part:
        begins, stored = plan["begins"], plan["stored"]
        is_last = number == len(begins)
        return cls(
            plan["method"] == "exact",
            plan["turns"],
            Fraction(*plan["timeBase"]),
            begins[number - 1],
            plan["end"] if is_last else begins[number],
            is_last,
            stored[number - 1],
            None if is_last else stored[number],
        )


class _Track(Protocol):
    """One stream of a part that is being written."""

    is_over: bool

    def take(self, packet: Packet[Any]) -> None: ...
    def finish(self) -> None: ...


def _write(source: BinaryIO, name: str, part: _Part, path: Path, *, goes_there: bool) -> None:
    import av

    if part.is_exact and CODER not in av.codecs_available:
        raise FileError(
            f"{name}: this server has no {CODER}, which only `keyframes` can do without"
        )
    with (
        video.opened(source, name, CODECS, with_sound=True) as stream,
        av.open(str(path), "w", format="mp4", options=_muxer_options(part)) as output,
    ):
        tracks: dict[int, _Track] = {}
        pictures = _Coded if part.is_exact else _Copied
        tracks[stream.index] = pictures(output, stream, part, name)
        for sound in stream.container.streams.audio:
            codec = sound.codec_context.codec if sound.codec_context else None
            if codec is not None and codec.canonical_name in output.supported_codecs:
                tracks[sound.index] = _Sound(output, sound, part)
        if goes_there:
            _go(stream, part)
        for packet in _packets(stream, part, tracks, name):
            track = tracks[packet.stream_index]
            if not track.is_over:
                track.take(packet)
            if all(each.is_over for each in tracks.values()):
                break
        for track in tracks.values():
            track.finish()


def _muxer_options(part: _Part) -> dict[str, str]:
    scale = part.time_base.denominator
    while scale < _LEAST_SCALE:
        scale *= 2
    return {
        # The index goes to the front, so that browsers begin to play at once.
        "movflags": "+faststart",
        # Where the pictures begin and end is said in ticks of the whole file, and would be
        # rounded to milliseconds.
        "movie_timescale": str(scale),
    }


def _go(stream: VideoStream, part: _Part) -> None:
    """Go to where a part begins in the file."""
    import av

    container = cast("InputContainer", stream.container)
    assert part.stored_at is not None
    try:
        container.seek(part.stored_at, stream=stream)
    except av.FFmpegError as error:
        raise _Overshot from error


def _packets(
    stream: VideoStream, part: _Part, tracks: Mapping[int, _Track], name: str
) -> Iterator[Packet[Stream]]:
    """Yield packets, those of pictures from the first on that is needed.

    Raises:
        _Overshot: that one does not come.
    """
    streams = [each for each in stream.container.streams if each.index in tracks]
    is_there = part.stored_at is None
    for packet in libav.packets_of_all(streams, name):
        if not packet.size:
            continue
        if packet.stream_index == stream.index and not is_there:
            assert part.stored_at is not None
            if packet.dts is not None and packet.dts > part.stored_at:
                raise _Overshot
            is_there = packet.dts == part.stored_at
            if not is_there:
                continue
        yield packet


class _Copied:
    """Pictures as they are stored."""

    def __init__(
        self, output: OutputContainer, stream: VideoStream, part: _Part, name: str
    ) -> None:
        self.is_over = False
        self._output, self._part = output, part
        self._stream = output.add_stream_from_template(stream)
        self._held: Packet[Any] | None = None
        self._stored_at: int | None = None

    def take(self, packet: Packet[Any]) -> None:
        if self._part.stored_until is not None and packet.dts == self._part.stored_until:
            self.is_over = True
            return
        if self._held is not None:
            self._output.mux(self._held)
        _shift(packet, self._part.begin)
        packet.stream = self._stream
        if self._held is None:
            self._stored_at = packet.dts
        self._held = packet

    def finish(self) -> None:
        """Write the last packet, with a duration that makes all of them last as long as the part.

        Its own is that of another frame where frames are stored in another order than shown.
        """
        packet = self._held
        if packet is None:
            return
        if packet.dts is not None and self._stored_at is not None:
            lasted = packet.dts - self._stored_at
            packet.duration = max(1, self._part.end - self._part.begin - lasted)
        self._output.mux(packet)


class _Coded:
    """Pictures coded anew."""

    def __init__(
        self, output: OutputContainer, stream: VideoStream, part: _Part, name: str
    ) -> None:
        from av.video.reformatter import VideoReformatter

        self.is_over = False
        self._output, self._part, self._name = output, part, name
        self._source = context = stream.codec_context
        self._size_wh = (context.width, context.height)
        self._upright = _upright(stream, part.turns)
        self._reformatter = VideoReformatter()
        self._held: Packet[Any] | None = None
        self._stream = output.add_stream(CODER, rate=stream.average_rate, options=dict(OPTIONS))
        coder = self._stream.codec_context
        coder.width, coder.height = self._size_wh[:: -1 if part.turns % 2 else 1]
        formats = [each.name for each in coder.codec.video_formats or ()]
        coder.pix_fmt = context.pix_fmt if context.pix_fmt in formats else "yuv420p"
        coder.time_base = part.time_base
        coder.thread_count = THREADS
        aspect = context.sample_aspect_ratio
        if aspect:
            coder.sample_aspect_ratio = 1 / aspect if part.turns % 2 else aspect
        for colour in ("color_range", "color_primaries", "color_trc", "colorspace"):
            setattr(coder, colour, getattr(context, colour))

    def take(self, packet: Packet[Any]) -> None:
        for frame in packet.decode():
            self._take(frame)

    def finish(self) -> None:
        if not self.is_over:
            for frame in self._source.decode(None):
                self._take(frame)
        self._mux(self._stream.encode(None))
        if self._held is not None:
            self._mux_held(self._part.end - self._part.begin)

    def _take(self, frame: VideoFrame) -> None:
        from av.video.frame import PictureType

        part = self._part
        if self.is_over or frame.pts is None or frame.pts < part.begin:
            return
        if frame.pts >= part.end and not part.is_last:
            self.is_over = True
            return
        if (frame.width, frame.height) != self._size_wh:
            raise FileError(
                f"{self._name}: its pictures change their size, which only the method `keyframes` "
                "can keep"
            )
        time = frame.pts - part.begin
        if self._upright is not None:
            self._upright.push(frame)
            frame = self._upright.pull()  # type: ignore[assignment]
        coder = self._stream.codec_context
        if frame.format.name != coder.pix_fmt:
            frame = self._reformatter.reformat(frame, format=coder.pix_fmt)
        frame.pts, frame.time_base = time, part.time_base
        # What the picture was coded as is nothing to the coder.
        frame.pict_type = PictureType.NONE
        self._mux(self._stream.encode(frame))

    def _mux(self, packets: Sequence[Packet[Any]]) -> None:
        """Write packets, which come in the order of their times: each lasts until the next."""
        for packet in packets:
            assert packet.pts is not None
            if self._held is not None:
                self._mux_held(packet.pts)
            self._held = packet

    def _mux_held(self, until: int) -> None:
        packet = self._held
        assert packet is not None
        assert packet.pts is not None
        packet.duration = max(1, until - packet.pts)
        self._output.mux(packet)
        self._held = None


def _upright(stream: VideoStream, turns: int) -> Graph | None:
    """Return filters that turn pictures by quarters against the clock."""
    if not turns:
        return None
    from av.filter import Graph

    graph = Graph()
    steps = {1: [("transpose", "cclock")], 2: [("hflip", ""), ("vflip", "")]}
    filters = [graph.add_buffer(template=stream)]
    filters += [graph.add(*step) for step in steps.get(turns, [("transpose", "clock")])]
    filters.append(graph.add("buffersink"))
    graph.link_nodes(*filters).configure()
    return graph


class _Sound:
    """Sound as it is stored, of the time of the pictures."""

    def __init__(self, output: OutputContainer, stream: AudioStream, part: _Part) -> None:
        self.is_over = False
        self._output, self._part = output, part
        assert stream.time_base is not None
        self._begin = part.begin * part.time_base / stream.time_base
        self._end = part.end * part.time_base / stream.time_base
        self._stream = output.add_stream_from_template(stream)

    def take(self, packet: Packet[Any]) -> None:
        if packet.pts is None or packet.pts < self._begin:
            return
        if packet.pts >= self._end and not self._part.is_last:
            self.is_over = True
            return
        _shift(packet, round(self._begin))
        packet.stream = self._stream
        self._output.mux(packet)

    def finish(self) -> None:
        pass


def _shift(packet: Packet[Any], by: int) -> None:
    """Move a packet to an earlier time."""
    packet.pts = None if packet.pts is None else packet.pts - by
    packet.dts = None if packet.dts is None else packet.dts - by


SPLITTER = Splitter(plan, place, write, check)

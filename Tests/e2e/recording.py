"""The recorded sound of a class as its replay plays it: every segment at its place in the time of the class."""

import json
from pathlib import Path

import numpy

import speech

RATE = 48_000


def segments(folder: Path) -> list[dict]:
    """The list of segments of a class folder, by the time they begin."""
    return json.loads((folder / "manifest.json").read_text())["segments"]


def begin(segment: dict) -> int:
    """Session milliseconds."""
    return segment["anchors"][0][1]


def end(segment: dict) -> float:
    return begin(segment) + (segment["samples"] - segment["preSkip"]) / 48


def sound(folder: Path) -> tuple[numpy.ndarray, int]:
    """One waveform of the whole class, and the session time of its first sample in milliseconds."""
    listed = [segment for segment in segments(folder) if segment["state"] == "closed"]
    start = min(map(begin, listed))
    whole = numpy.zeros(int((max(map(end, listed)) - start) * RATE / 1000) + RATE, dtype=numpy.float32)
    for segment in listed:
        samples = speech.decode(folder / "audio" / segment["file"], RATE)
        at = int((begin(segment) - start) * RATE / 1000)
        whole[at:at + len(samples)] += samples[:len(whole) - at]
    return whole, start


def overlaps(folder: Path) -> list[float]:
    """By how many milliseconds segments of one seat lie over each other (negative: what is missing between them)."""
    listed = sorted((segment for segment in segments(folder)), key=begin)
    return [round(end(earlier) - begin(later), 1) for earlier, later in zip(listed, listed[1:])
            if earlier["seat"] == later["seat"]]

"""A microphone that says where it is: tones in an order in which no three in a row come twice.

Eight tones of 0.4 s with 0.1 s between them. From what was heard follow the place in the code, and what is missing,
doubled or out of order. Neighbouring tones lie so far apart (a third) that a player which bends time by 2 % changes none
into another.
"""

from pathlib import Path

import numpy

import speech

RATE = 48_000
TONES = [400, 520, 676, 879, 1_142, 1_485, 1_931, 2_510]
TONE, GAP = 0.4, 0.1
SYMBOL = TONE + GAP
FRAME = RATE // 100             # 10 ms
LOUD_RMS = 0.02
TOLERANCE = 0.06                # of the frequency
SHORTEST, LONGEST = 0.2, 0.6    # seconds of one tone; shorter is a splinter, longer are two


def order() -> list[int]:
    """512 numbers from 0 to 7: a De Bruijn sequence, each run of three exactly once (Fredricksen and Maiorana)."""
    sequence, word = [], [0] * 4

    def extend(length: int, period: int):
        if length > 3:
            if 3 % period == 0:
                sequence.extend(word[1:period + 1])
            return
        word[length] = word[length - period]
        extend(length + 1, period)
        for symbol in range(word[length - period] + 1, len(TONES)):
            word[length] = symbol
            extend(length + 1, length)
    extend(1, 1)
    return sequence


ORDER = order()


def write(path: Path) -> Path:
    """The whole code as WAV: 256 s, longer than any test, so that it never repeats."""
    ramp = numpy.minimum(1, numpy.minimum(numpy.arange(int(TONE * RATE)), numpy.arange(int(TONE * RATE))[::-1]) / 480)
    silence = numpy.zeros(int(GAP * RATE), dtype=numpy.float32)
    time = numpy.arange(int(TONE * RATE)) / RATE
    tones = [(0.4 * ramp * numpy.sin(2 * numpy.pi * tone * time)).astype(numpy.float32) for tone in TONES]
    pieces = [piece for symbol in ORDER for piece in (tones[symbol], silence)]
    return speech.write_wav(path, numpy.concatenate(pieces), RATE)


def heard(samples: numpy.ndarray) -> list[tuple[float, int]]:
    """The tones in a recording at 48 kHz: when each began, and which it is (-1: none of ours)."""
    frames = samples[:len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    loud = numpy.sqrt((frames ** 2).mean(axis=1)) > LOUD_RMS
    edges = numpy.flatnonzero(numpy.diff(numpy.concatenate([[False], loud, [False]]).astype(int)))
    found = []
    for start, end in zip(edges[::2], edges[1::2]):
        if (end - start) * 0.01 < SHORTEST:
            continue
        piece = samples[start * FRAME:end * FRAME]
        spectrum = numpy.abs(numpy.fft.rfft(piece * numpy.hanning(len(piece))))
        peak = float(numpy.argmax(spectrum[1:]) + 1) * RATE / len(piece)
        nearest = min(range(len(TONES)), key=lambda index: abs(TONES[index] - peak))
        isOurs = abs(TONES[nearest] - peak) / TONES[nearest] < TOLERANCE and (end - start) * 0.01 < LONGEST
        found.append((start * 0.01, nearest if isOurs else -1))
    return found


def place(symbols: list[int]) -> int | None:
    """Where in the code the first three of these that occur in a row stand, reckoned back to the first of them."""
    doubled = ORDER + ORDER[:2]
    for index in range(len(symbols) - 2):
        for at in range(len(ORDER)):
            if doubled[at:at + 3] == symbols[index:index + 3]:
                return at - index
    return None


class Judgement:
    """What a recording holds of the code."""

    def __init__(self, samples: numpy.ndarray):
        self.tones = heard(samples)
        symbols = [symbol for _, symbol in self.tones]
        first = place(symbols)
        self.expected = [] if first is None else [ORDER[(first + at) % len(ORDER)] for at in range(len(symbols))]
        self.wrong = [(round(when, 2), symbol, wanted) for (when, symbol), wanted in zip(self.tones, self.expected)
                      if symbol != wanted]

    @property
    def isWhole(self) -> bool:
        """Every tone from the first to the last, once and in order."""
        return len(self.tones) > 2 and len(self.expected) == len(self.tones) and not self.wrong

    @property
    def steps(self) -> list[float]:
        """Seconds from each tone to the next; 0.5 everywhere where time runs evenly."""
        return [round(later - earlier, 2) for (earlier, _), (later, _) in zip(self.tones, self.tones[1:])]

    def __str__(self) -> str:
        uneven = [(round(self.tones[index][0], 1), step) for index, step in enumerate(self.steps)
                  if abs(step - SYMBOL) > 0.05]
        return f"{len(self.tones)} tones, wrong (when, heard, wanted): {self.wrong[:8]}, uneven: {uneven[:12]}"

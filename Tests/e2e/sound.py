"""Did the listener hear this speech?

A plain cross-correlation of the waveforms does not tell: the player bends time by up to 2 % to follow the sender's
clock. What survives that is the shape of the speech over time: the energies of twenty bands of the spectrum, a
hundred times a second. The global lag is found by normalised correlation; then every second is matched on its own
within ±600 ms of it.
"""

from dataclasses import dataclass, field

import numpy

RATE = 16_000                  # what everything is resampled to; speech has nothing above 8 kHz that matters here
FRAME = RATE // 100            # a band frame each 10 ms
WINDOW = 512                   # 32 ms of samples in each spectrum
BANDS = 20
FRAMES_PER_SECOND = 100
WANDER = 60                    # frames: ±600 ms around the global lag
SECOND_GOOD = 0.7
MEDIAN_GOOD = 0.8
SHARE_GOOD = 0.7
QUIET_RMS = 1e-3               # below this a second is silence


@dataclass
class Match:
    """What was found: a value from 0 (nothing alike) to 1 for each second of the recording that is not silent."""
    lag_seconds: float = 0.0
    seconds: list[float] = field(default_factory=list)
    silent_seconds: int = 0

    @property
    def median(self) -> float:
        return float(numpy.median(self.seconds)) if self.seconds else 0.0

    @property
    def share(self) -> float:
        good = sum(value > SECOND_GOOD for value in self.seconds)
        return good / len(self.seconds) if self.seconds else 0.0

    @property
    def heard(self) -> bool:
        return len(self.seconds) >= 3 and self.median > MEDIAN_GOOD and self.share >= SHARE_GOOD

    def __str__(self) -> str:
        return (f"median {self.median:.2f}, {self.share:.0%} of {len(self.seconds)} seconds good, "
                f"{self.silent_seconds} silent, lag {self.lag_seconds:.2f} s")


def resample(samples: numpy.ndarray, rate: int) -> numpy.ndarray:
    """To RATE by linear interpolation after a running mean; good enough for band energies."""
    samples = numpy.asarray(samples, dtype=numpy.float32)
    if rate == RATE or len(samples) == 0:
        return samples
    if rate > RATE:
        width = max(1, round(rate / RATE))
        samples = numpy.convolve(samples, numpy.ones(width, dtype=numpy.float32) / width, mode="same")
    count = int(len(samples) * RATE / rate)
    return numpy.interp(numpy.arange(count) * (rate / RATE), numpy.arange(len(samples)), samples).astype(numpy.float32)


def band_energies(samples: numpy.ndarray) -> numpy.ndarray:
    """Log energies of BANDS bands from 100 Hz to 6 kHz, one row for each 10 ms."""
    count = max(0, (len(samples) - WINDOW) // FRAME + 1)
    if count == 0:
        return numpy.zeros((0, BANDS), dtype=numpy.float32)
    index = numpy.arange(WINDOW)[None, :] + FRAME * numpy.arange(count)[:, None]
    spectrum = numpy.abs(numpy.fft.rfft(samples[index] * numpy.hanning(WINDOW).astype(numpy.float32), axis=1)) ** 2
    edges = numpy.geomspace(100, 6_000, BANDS + 1) * WINDOW / RATE
    rows = []
    for low, high in zip(edges[:-1], edges[1:]):
        first, last = int(low), max(int(low) + 1, int(high) + 1)
        rows.append(spectrum[:, first:last].mean(axis=1))
    return numpy.log10(numpy.stack(rows, axis=1) + 1e-4).astype(numpy.float32)


def likeness(left: numpy.ndarray, right: numpy.ndarray) -> float:
    """Normalised correlation of two equally long pieces; each band counts around its own mean."""
    left = left - left.mean(axis=0)
    right = right - right.mean(axis=0)
    size = float(numpy.linalg.norm(left) * numpy.linalg.norm(right))
    return float((left * right).sum() / size) if size > 1e-9 else 0.0


def global_lag(heard: numpy.ndarray, source: numpy.ndarray) -> int:
    """Where in the source the recording begins, in frames (negative: before it), summed over all bands by FFT."""
    heard = heard - heard.mean(axis=0)
    source = source - source.mean(axis=0)
    size = 1 << int(numpy.ceil(numpy.log2(len(heard) + len(source))))
    product = numpy.fft.rfft(source, size, axis=0) * numpy.conj(numpy.fft.rfft(heard, size, axis=0))
    score = numpy.fft.irfft(product.sum(axis=1), size)
    lags = numpy.arange(size)
    lags[lags > size // 2] -= size
    possible = (lags > -len(heard)) & (lags < len(source))
    overlap = numpy.minimum(lags + len(heard), len(source)) - numpy.maximum(lags, 0)
    fair = numpy.where(possible, score / numpy.sqrt(numpy.maximum(overlap, FRAMES_PER_SECOND * 2)), -numpy.inf)
    return int(lags[int(numpy.argmax(fair))])


def match(heard: numpy.ndarray, heard_rate: int, source: numpy.ndarray, source_rate: int, loops: bool = True) -> Match:
    """Compares a recording with the speech that was spoken; `loops` where the microphone begins again at its end."""
    heard = resample(heard, heard_rate)
    source = resample(source, source_rate)
    result = Match()
    silent = [float(numpy.sqrt((heard[at:at + RATE] ** 2).mean())) < QUIET_RMS
              for at in range(0, len(heard) - RATE + 1, RATE)]
    result.silent_seconds = sum(silent)
    if not silent or all(silent):
        return result
    if loops:
        source = numpy.concatenate([source] * (2 + len(heard) // max(1, len(source))))
    heard_bands, source_bands = band_energies(heard), band_energies(source)
    lag = global_lag(heard_bands, source_bands)
    result.lag_seconds = lag / FRAMES_PER_SECOND
    for second, is_silent in enumerate(silent):
        if is_silent:
            continue
        start = second * FRAMES_PER_SECOND
        piece = heard_bands[start:start + FRAMES_PER_SECOND]
        best = 0.0
        for wander in range(-WANDER, WANDER + 1):
            at = start + lag + wander
            if at < 0 or at + len(piece) > len(source_bands):
                continue
            best = max(best, likeness(piece, source_bands[at:at + len(piece)]))
        result.seconds.append(best)
    return result


def reversed_in_time(samples: numpy.ndarray) -> numpy.ndarray:
    """The negative control: the same voice and the same loudness, but not this speech."""
    return numpy.asarray(samples)[::-1].copy()

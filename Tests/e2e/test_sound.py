"""The ear of these tests, tried on sound whose fate is known."""

import numpy
import pytest

import sound
import speech


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    return speech.read_wav(speech.speak(tmp_path_factory.mktemp("speech") / "spoken.wav"))


def excerpt(samples, rate, start=7.3, length=10.0):
    return samples[int(start * rate):int((start + length) * rate)].copy()


def bent(samples, rate, percent):
    """Played faster and slower in turn, as a jitter buffer does."""
    speed = 1 + percent / 100 * numpy.sign(numpy.sin(numpy.arange(len(samples)) * 2 * numpy.pi / (3 * rate)))
    return numpy.interp(numpy.cumsum(speed), numpy.arange(len(samples)), samples)


def test_the_same_speech_is_recognised_at_its_place(spoken):
    samples, rate = spoken
    result = sound.match(excerpt(samples, rate), rate, samples, rate)
    assert result.heard and result.median > 0.97, result
    assert abs(result.lag_seconds - 7.3) < 0.05


def test_speech_at_another_rate_and_loudness_is_recognised(spoken):
    samples, rate = spoken
    other = sound.resample(excerpt(samples, rate), rate) * 0.2
    assert sound.match(other, sound.RATE, samples, rate).heard


def test_two_percent_of_bent_time_are_forgiven(spoken):
    samples, rate = spoken
    result = sound.match(bent(excerpt(samples, rate), rate, 2), rate, samples, rate)
    assert result.heard, result


def test_short_gaps_are_forgiven(spoken):
    samples, rate = spoken
    heard = excerpt(samples, rate)
    for second in range(0, 10, 3):
        heard[second * rate:second * rate + rate // 5] = 0
    result = sound.match(heard, rate, samples, rate)
    assert result.heard, result


def test_the_loop_of_a_microphone_is_followed(spoken):
    samples, rate = spoken
    end = len(samples) / rate - 4
    heard = numpy.concatenate([excerpt(samples, rate, end, 4), excerpt(samples, rate, 0, 5)])
    assert sound.match(heard, rate, samples, rate).heard


def test_noise_on_top_is_forgiven(spoken):
    samples, rate = spoken
    noise = numpy.random.default_rng(20261123).normal(0, 0.003, 10 * rate)
    assert sound.match(excerpt(samples, rate) + noise, rate, samples, rate).heard


def test_speech_backwards_is_not_this_speech(spoken):
    samples, rate = spoken
    result = sound.match(excerpt(samples, rate), rate, sound.reversed_in_time(samples), rate)
    assert not result.heard and result.median < 0.75, result


def test_another_speech_of_the_same_voice_is_not_this_speech(spoken, tmp_path):
    samples, rate = spoken
    text = ("Marble steps lead down to the harbour office, where a bored official stamps passports and hums. "
            "Whoever orders tea gets coffee, and whoever orders coffee gets advice about the weather in Lisbon.")
    other, other_rate = speech.read_wav(speech.speak(tmp_path / "other.wav", text=text))
    result = sound.match(other, other_rate, samples, rate)
    assert not result.heard, result


def test_silence_is_silence(spoken):
    samples, rate = spoken
    result = sound.match(numpy.zeros(10 * rate), rate, samples, rate)
    assert not result.heard and result.silent_seconds == 10


def test_every_second_out_of_order_is_not_this_speech(spoken):
    samples, rate = spoken
    heard = excerpt(samples, rate).reshape(10, rate)
    shuffled = heard[[7, 2, 9, 0, 5, 3, 8, 1, 6, 4]].reshape(-1)
    assert not sound.match(shuffled, rate, samples, rate).heard

"""Speech that never repeats, made by espeak-ng, and the reading and writing of WAV files."""

import subprocess
import wave
from functools import lru_cache
from pathlib import Path

import numpy

# Not one sentence twice: a paragraph that comes again would leave the place in the recording open.
TEXTS = {
    "en-gb": (
        "Seven lanterns hung above the river when the ferry left. A clerk counted barrels of salt, forty three of "
        "them, and wrote the number twice. Beyond the orchard the road turns north towards an old observatory. "
        "Nobody has repaired its copper dome since the great storm in March. Violins are cheaper in autumn, said the "
        "merchant, yet cellos never change. We measured rainfall with a jam jar and a wooden ruler. Her brother keeps "
        "eleven geese behind the school, and each of them answers to a name. Please carry this blue box to the second "
        "floor, quietly, and come straight back. Quick foxes ignore maps. The thermometer showed minus nine at dawn, "
        "so the children skated to their lessons. In the workshop a lathe hums all day long. Tomorrow we will talk "
        "about glaciers, bridges, and the price of bread in sixteen hundred and eighty two."),
    "cmn": (
        "今天我们从一张旧地图讲起。河的北岸有三座桥，南岸只有一座。去年秋天，校长在门口种了十二棵银杏。"
        "请大家翻到第四十七页，看右下角的小图。为什么水银柱会慢慢升高？因为山谷里的空气比较重。"
        "小组讨论六分钟，然后每组派一个人说结论。昨天有人问我怎样批改作文，我说先读三遍再动笔。"
        "冬天的早晨，操场上只有麻雀和扫地的声音。下一节课我们做一个简单的实验，需要盐、温水和一根棉线。"),
}


def read_wav(path: Path | str) -> tuple[numpy.ndarray, int]:
    """Samples from -1 to 1, mixed to one channel, and their rate."""
    with wave.open(str(path), "rb") as file:
        rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
        raw = file.readframes(file.getnframes())
    if width != 2:
        raise ValueError(f"{path}: {8 * width} bits a sample; only 16 are read here")
    samples = numpy.frombuffer(raw, dtype="<i2").astype(numpy.float32) / 32_768
    return samples.reshape(-1, channels).mean(axis=1), rate


def write_wav(path: Path | str, samples: numpy.ndarray, rate: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((numpy.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())
    return Path(path)


def from_pcm(raw: bytes) -> numpy.ndarray:
    """16-bit little-endian samples of one channel as they come out of a pipe."""
    return numpy.frombuffer(raw[:len(raw) // 2 * 2], dtype="<i2").astype(numpy.float32) / 32_768


def decode(path: Path | str, rate: int = 48_000) -> numpy.ndarray:
    """Any sound file through ffmpeg, an independent decoder, as one channel of the rate."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-ac", "1", "-ar", str(rate), "-"]
    return from_pcm(subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout)


def speak(path: Path, voice: str = "en-gb", text: str | None = None, speed: int = 160, rate: int = 48_000) -> Path:
    """Writes a WAV file of speech at the rate; the whole text of the voice where none is given."""
    raw = path.with_suffix(".raw.wav")
    subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "-w", str(raw), text or TEXTS[voice]],
                   stdin=subprocess.DEVNULL, check=True)
    subprocess.run(["sox", str(raw), "-r", str(rate), "-c", "1", "-b", "16", str(path), "norm", "-3"],
                   stdin=subprocess.DEVNULL, check=True)
    raw.unlink()
    return path


@lru_cache(maxsize=None)
def samples(path: str) -> tuple[numpy.ndarray, int]:
    return read_wav(path)

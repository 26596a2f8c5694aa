"""What the end-to-end tests share."""

import sys
from pathlib import Path

import pytest

import speech
from server import Server

# The foreign client lies with the load tests, where others find it.
sys.path.insert(0, str(Path(__file__).parents[2] / "load-tests/interop"))


@pytest.fixture(scope="session")
def lecture(tmp_path_factory) -> Path:
    """A minute of English speech that never repeats, as WAV."""
    return speech.speak(tmp_path_factory.mktemp("speech") / "lecture.wav", "en-gb")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("server") / "data")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def output() -> Path:
    """Where pictures go for people to look at; not kept in the repository."""
    folder = Path(__file__).parents[2] / "test-output"
    folder.mkdir(exist_ok=True)
    return folder

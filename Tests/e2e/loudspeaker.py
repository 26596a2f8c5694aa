"""A loudspeaker that nobody hears: PulseAudio with a null sink, in a process of its own.

Firefox keeps an AudioContext suspended where the machine has no sound device, as a machine for tests has none.
"""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path


class Loudspeaker:
    """`environment` is what a program needs to find it; `close()` ends it."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="liverelay-sound-"))
        socket = self.folder / "native"
        self.environment = {"PULSE_SERVER": f"unix:{socket}"}
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
                 "-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1",
                 "-L", "module-null-sink sink_name=nobody"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)})
        deadline = time.monotonic() + 20
        while not socket.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("pulseaudio did not start: " + (self.folder / "log").read_text(errors="replace"))
            time.sleep(0.02)  # a socket of another process has no other way to wake us

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

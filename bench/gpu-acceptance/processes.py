"""Child processes under a time limit, with all that they print kept."""
import os
import signal
import subprocess
import time


class Budget:
    """Seconds for everything; what does not fit is not begun."""

    def __init__(self, seconds):
        self.start = time.monotonic()
        self.seconds = seconds

    def used(self):
        return time.monotonic() - self.start

    def left(self):
        return self.seconds - self.used()

    def is_spent(self):
        return self.left() <= 0


class Ended:
    """How a process ended: its exit code (None if it was killed for its time), its output, how long it ran."""

    def __init__(self, code, out, seconds, limit):
        self.code, self.out, self.seconds, self.limit = code, out, seconds, limit

    def why(self):
        """What went wrong, in words."""
        if self.code is None:
            return f"did not end within {self.limit:.0f} s"
        if self.code < 0:
            return f"the process was ended by signal {-self.code}"
        return f"the process ended with exit code {self.code}"


def run(command, log, limit, progress=None, environment=None):
    """
    Runs a command; output and errors go to files beside `log` (.out, .err). `progress` is a file: each time that it
    grows, the limit starts anew.
    """
    start = time.monotonic()
    with open(log + ".out", "wb") as out, open(log + ".err", "ab") as err:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True,
                                   env={**os.environ, **(environment or {})})
        code = _wait(process, limit, progress)
    with open(log + ".out", encoding="utf-8", errors="replace") as f:
        return Ended(code, f.read(), time.monotonic() - start, limit)


def _wait(process, limit, progress):
    size, since = _size(progress), time.monotonic()
    while True:
        try:
            return process.wait(0.1)
        except subprocess.TimeoutExpired:
            grown = _size(progress)
            if grown != size:
                size, since = grown, time.monotonic()
            if time.monotonic() - since > limit:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return None


def _size(file):
    return os.path.getsize(file) if file and os.path.exists(file) else 0

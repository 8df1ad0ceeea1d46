"""What every part of the pressure needs: a server of its own, the load generator, figures."""

import contextlib
import json
import os
import pathlib
import re
import resource
import signal
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
LOAD = TARGET / "parlance-load"
CHOSEN = os.environ.get("PRESSURE_SERVER")
SERVER = pathlib.Path(CHOSEN).resolve() if CHOSEN else TARGET / "parlance"
# Whatever the shell at hand has set for a server is not meant for this one.
CLEAN = {
    name: value for name, value in os.environ.items() if not re.match("PARLANCE_|RUST_LOG$", name)
}
DEADLINE = 30  # seconds; whoever waits for so long is not served
LONGEST = 900  # seconds; no part takes as long


class Failed(Exception):
    pass


@contextlib.contextmanager
def server(*dialects, files=None, options=()):
    """A server that may open `files` descriptors at most: its process and a port for each
    dialect."""
    listeners = [word for dialect in dialects for word in ("--listen", f"{dialect}://127.0.0.1:0")]
    limit = files and (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)))
    process = subprocess.Popen(
        [SERVER, *listeners, *options],
        stdout=subprocess.PIPE,
        text=True,
        env=CLEAN,
        preexec_fn=limit,
    )
    try:
        said = [process.stdout.readline() for _ in dialects]
        if not all(line.startswith("Listening on ") for line in said):
            raise Failed(f"the server did not start, but said {said}")
        yield process, [int(line.split()[2].rsplit(":", 1)[1]) for line in said]
        process.send_signal(signal.SIGTERM)
        if (status := process.wait(DEADLINE)) != 0:
            raise Failed(f"the server ended with {status}")
    except subprocess.TimeoutExpired:
        raise Failed(f"the server did not end within {DEADLINE} s") from None
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def measured(*words):
    """What `parlance-load` finds, as a dictionary."""
    command = [LOAD, "--json", *map(str, words)]
    try:
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=CLEAN, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(map(str, command))} did not end within {LONGEST} s") from None
    if run.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ended with {run.returncode}")
    return json.loads(run.stdout)


def load(port, process, *words):
    """The same, against a server that runs."""
    return measured(f"127.0.0.1:{port}", "--pid", process.pid, *words)


def fresh(*words):
    """The same, against a server of its own."""
    with server("rooms") as (process, [port]):
        return load(port, process, *words)


def processor_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def say(what, figure):
    print(f"  {what:<66} {figure:>14}", flush=True)


def microseconds(found, *which):
    return " / ".join(f"{found[f'latency_{each}_us']:,.0f}" for each in which) + " us"


def megabytes(count):
    return f"{count / 1e6:.1f} MB"


def resident(process, which="VmRSS"):
    """Resident bytes of the server, or the most there were: `VmHWM`."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(rf"{which}:\s+(\d+) kB", status)[1]) * 1024


def descriptor_limit():
    """How many descriptors this process and its children may open, after the limit is raised."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def as_many(wanted, of):
    """So many clients, or fewer if the descriptor limit says so, which is told."""
    spare = 100  # of the interpreter, and of the server, whose limit is the same
    count = min(wanted, descriptor_limit() - spare)
    say(f"{of}, of {wanted:,} wanted", f"{count:,}")
    return count

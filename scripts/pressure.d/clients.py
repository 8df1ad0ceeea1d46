"""Clients of the attacks, each kind in a process of its own: the probe and the crowd."""

import multiprocessing
import os
import re
import select
import socket
import struct
import time

from harness import DEADLINE, Failed, say

FORK = multiprocessing.get_context("fork")
PERIOD = 0.05  # seconds between two lines of a probe
SETTLED = 0.3  # seconds without a byte, after which a crowd has heard of all of its own joins
JOINING = 40  # seconds that the joins of a crowd may take
ENTER = {"rooms": "JOIN {room} {name}\n", "channels": "USERNAME {name}\nJOIN {room}\n"}


def enter(dialect, room, name):
    return ENTER[dialect].format(room=room, name=name).encode()


IP_BIND_ADDRESS_NO_PORT = 24  # which Python's module does not name
ATTACKERS = "127.0.0.2"  # their address: the server is fair to addresses, and others have another
OTHERS = "127.0.0.1"


def connect(port, receive_bytes=None, source=OTHERS):
    """A connection; `receive_bytes` is how many the system keeps for it unread, about."""
    client = socket.socket()
    client.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    client.bind((source, 0))
    if receive_bytes:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    client.connect(("127.0.0.1", port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def send_some(client, data):
    """How many of these bytes the connection takes; none either if it is gone."""
    try:
        return client.send(data)
    except (BlockingIOError, ConnectionError):
        return 0


class Helper:
    """A process that runs `work` until it is told to stop; `work` is given the pipe to us, and what
    it returns is what `stop` returns."""

    def __init__(self, work):
        self.pipe, theirs = FORK.Pipe()
        self.process = FORK.Process(target=self._run, args=(work, theirs), daemon=True)

    @staticmethod
    def _run(work, pipe):
        try:
            pipe.send((True, work(pipe)))
        except Exception as failure:
            pipe.send((False, repr(failure)))

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()

    def answer(self):
        if not self.pipe.poll(2 * DEADLINE):
            raise Failed("a helper does not answer")
        well, answer = self.pipe.recv()
        if not well:
            raise Failed(f"a helper failed: {answer}")
        return answer

    def stop(self):
        self.pipe.send("stop")
        return self.answer()


class Probe(Helper):
    """Two clients in one room. One says a line every 50 ms, and the other hears it. A line waits
    from the moment when it is due, whether or not it could be sent, until it is heard."""

    def __init__(self, port, dialect="rooms", room="nook"):
        super().__init__(lambda pipe: self._probe(pipe, port, dialect, room))
        self.lines = None

    def __enter__(self):
        super().__enter__()
        self.answer()  # both have joined
        self.began = time.monotonic()
        return self

    @staticmethod
    def _probe(pipe, port, dialect, room):
        says, hears = (connect(port) for _ in range(2))
        says.sendall(enter(dialect, room, "probe"))
        says.recv(1 << 16)
        hears.sendall(enter(dialect, room, "ear"))
        hears.recv(1 << 16)
        pipe.send((True, None))
        due, heard, tail = [], {}, b""
        begin, stopped = time.monotonic(), None
        while stopped is None or (len(heard) < len(due) and time.monotonic() < stopped + 10):
            now = time.monotonic()
            while stopped is None and (at := begin + len(due) * PERIOD) <= now:
                says.sendall(b"line %d of the probe\n" % len(due))
                due.append(at)
            rest = 1 if stopped else max(0, begin + len(due) * PERIOD - now)
            for ready in select.select([says, hears, pipe], [], [], rest)[0]:
                if ready is pipe:
                    pipe.recv()
                    stopped = time.monotonic()
                elif not (data := ready.recv(1 << 20)):
                    raise Failed("a client of the probe is closed")
                elif ready is hears:
                    now, data = time.monotonic(), tail + data
                    for found in re.finditer(rb"line (\d+) of the probe", data):
                        heard.setdefault(int(found[1]), now)
                    tail = data[-30:]
        end = time.monotonic()
        return [(at, heard.get(number, end) - at) for number, at in enumerate(due)]

    def stop(self):
        self.lines = super().stop()

    def waits(self, begin, end):
        """How long the lines due between the two moments waited, in milliseconds, in order."""
        return sorted(wait * 1000 for at, wait in self.lines if begin <= at < end)


def tell(who, waits, goal=None):
    """Says p50, p99 and the longest of these waits."""
    if not waits:
        raise Failed("the probe said nothing")
    most = waits[min(len(waits) - 1, len(waits) * 99 // 100)]
    figure = f"p50 {waits[len(waits) // 2]:.1f}, p99 {most:.1f}, longest {waits[-1]:.1f} ms"
    say(who + (f" (goal: {goal})" if goal else ""), figure)


class Crowd(Helper):
    """So many clients, in one process. `hello(number)` is what each says first; after `go` they
    `act`. A crowd that `yields` lets the server go first: a figure is to show how the server shares
    its time, not how the system shares a processor. One that has to keep up with it does not."""

    def __init__(
        self, count, port, hello, act, receive_bytes=None, yields=True, source=ATTACKERS
    ):
        super().__init__(self._work)
        self.source = source
        self.count, self.port, self.hello, self.act = count, port, hello, act
        self.receive_bytes, self.yields = receive_bytes, yields

    def __enter__(self):
        super().__enter__()
        self.answer()
        return self

    def go(self):
        self.pipe.send("go")
        self.answer()

    def _work(self, pipe):
        os.nice(10 if self.yields else 0)
        self.talk, self.clients, self.gone, self.unwatched = pipe, [], set(), set()
        self.received, self.buffer, self.poll = [0] * self.count, bytearray(1 << 18), select.epoll()
        self.numbers = {}
        for number in range(self.count):
            client = connect(self.port, self.receive_bytes, self.source)
            client.sendall(self.hello(number))
            client.setblocking(False)
            self.clients.append(client)
            self.numbers[client.fileno()] = number
            self.poll.register(client.fileno(), select.EPOLLIN)
            if number % 16 == 0:
                self.read(0)
        self.settle()
        pipe.send((True, None))
        while not self.told():
            self.read(0.01)
        pipe.send((True, None))
        return self.act(self)

    def settle(self, still=SETTLED):
        """Everybody reads until nothing has come for so many seconds."""
        until, quiet = time.monotonic() + JOINING, time.monotonic()
        while (now := time.monotonic()) < min(until, quiet + still):
            before = sum(self.received)
            self.read(0.05)
            if sum(self.received) > before:
                quiet = now

    def told(self):
        """Whether there is something in the pipe, which is taken out."""
        return self.talk.poll(0) and self.talk.recv()

    def read(self, seconds):
        """Everybody reads what there is; waits for so many seconds at most."""
        for descriptor, _ in self.poll.poll(seconds):
            self.read_one(self.numbers[descriptor])

    def read_one(self, number, most=None):
        """Reads once, at most so many bytes; returns how many."""
        client = self.clients[number]
        try:
            count = client.recv_into(self.buffer, most or 0)
        except BlockingIOError:
            return 0
        except ConnectionError:
            count = 0
        if count == 0:
            self.gone.add(number)
            self.unwatch(number)
        self.received[number] += count
        return count

    def read_to_the_end(self):
        """Everybody reads all there is, `unwatch` or not; so the evicted see that they are."""
        for number in self.unwatched - self.gone:
            self.poll.register(self.clients[number].fileno(), select.EPOLLIN)
        self.unwatched &= self.gone
        self.settle(2)  # where a window was closed, the system takes its time

    def unwatch(self, number):
        """This client reads no more, unless by `read_one`."""
        if number not in self.unwatched:
            self.unwatched.add(number)
            self.poll.unregister(self.clients[number].fileno())

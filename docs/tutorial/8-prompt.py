#!/usr/bin/env python3
"""A chat server with rooms."""
import contextlib
import os
import re
import signal
import socket
import sys
import threading

JOIN = re.compile(rb"[Jj][Oo][Ii][Nn] ([!-~]{1,20}) ([!-~]{1,20})")
LONGEST = 20000
MOST_OWED = 1024 * 1024
ENOUGH_OWED = 64 * 1024

rooms = {}
lock = threading.Condition()


class Outbox:
    """What a client is owed, and a thread that sends it; all but `write` is called under the lock."""

    def __init__(self, connection):
        self.connection, self.owed = connection, bytearray()
        self.open, self.slow = True, False
        threading.Thread(target=self.write, daemon=True).start()

    def add(self, data):
        self.owed += data
        lock.notify_all()
        if len(self.owed) > MOST_OWED:
            self.drop()

    def drop(self):
        """Its reader sees the end of the stream, and announces the departure."""
        self.open = False
        lock.notify_all()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def write(self):
        with contextlib.suppress(OSError):
            while True:
                with lock:
                    lock.wait_for(lambda: self.owed or not self.open)
                    if not self.open:
                        return
                    data = bytes(self.owed[:ENOUGH_OWED])
                self.connection.sendall(data)
                with lock:
                    del self.owed[:len(data)]
                    self.slow = self.slow and len(self.owed) > ENOUGH_OWED
                    lock.notify_all()
        with lock:
            self.drop()

    def finish(self):
        lock.wait_for(lambda: not self.owed or not self.open, timeout=5)
        self.open = False
        lock.notify_all()


def tell(room, line):
    for member in rooms[room]:
        if member.open:
            member.add(line + b"\n")


def wait_for_readers(room):
    """A moment, if some have not taken yet what they are owed; who is slow once is not waited for again."""
    def late():
        return [m for m in rooms[room] if m.open and not m.slow and len(m.owed) > ENOUGH_OWED]
    if not lock.wait_for(lambda: not late(), timeout=0.25):
        for member in late():
            member.slow = True


def receive(connection):
    try:
        return connection.recv(65536)
    except OSError:
        return b""  # a reset is an end too


def lines_of(connection):
    buffer = b""
    while True:
        data = receive(connection)
        if not data:
            return
        *lines, buffer = (buffer + data).split(b"\n")
        for line in lines:
            if len(line) >= LONGEST:
                raise ValueError("a line is too long")
            yield line[:-1] if line.endswith(b"\r") else line
        if len(buffer) >= LONGEST:
            raise ValueError("a line is too long")


def refuse(connection, outbox):
    with lock:
        outbox.add(b"ERROR\n")
        outbox.finish()
    try:
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(1)
    except OSError:
        return
    left = 1024 * 1024
    while left > 0 and (data := receive(connection)):
        left -= len(data)


def serve(connection, outbox):
    lines = lines_of(connection)
    try:
        first = next(lines, None)
        if first is None:
            return
        join = JOIN.fullmatch(first)
    except ValueError:
        join = None
    if not join:
        refuse(connection, outbox)
        return
    room, name = join.groups()
    with lock:
        rooms.setdefault(room, []).append(outbox)
        tell(room, name + b" has joined")
    error = False
    try:
        for line in lines:
            with lock:
                wait_for_readers(room)
                if not outbox.open:
                    break
                tell(room, name + b": " + line)
    except ValueError:
        error = True
    with lock:
        rooms[room].remove(outbox)
        tell(room, name + b" has left")
        if not rooms[room]:
            del rooms[room]
    if error:
        refuse(connection, outbox)


def serve_and_close(connection):
    with connection:
        outbox = Outbox(connection)
        serve(connection, outbox)
        with lock:
            outbox.finish()


def port_of(text):
    if re.fullmatch("[0-9]{1,5}", text) and 1 <= int(text) <= 65535:
        return int(text)
    print(f"not a port: {text!r}", file=sys.stderr)
    sys.exit(2)


def main():
    port = port_of(sys.argv[1]) if len(sys.argv) > 1 else 1234
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    listener = socket.create_server(("", port), backlog=128)
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve_and_close, args=(connection,)).start()


main()

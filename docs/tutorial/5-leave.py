#!/usr/bin/env python3
"""A chat server with rooms."""
import re
import socket
import sys
import threading

JOIN = re.compile(rb"[Jj][Oo][Ii][Nn] ([!-~]{1,20}) ([!-~]{1,20})")
LONGEST = 20000

rooms = {}
lock = threading.Lock()


def tell(room, line):
    for member in rooms[room]:
        try:
            member.sendall(line + b"\n")
        except OSError:
            pass  # its own thread sees that it is gone


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


def refuse(connection):
    try:
        connection.sendall(b"ERROR\n")
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(1)
    except OSError:
        return
    left = 1024 * 1024
    while left > 0 and (data := receive(connection)):
        left -= len(data)


def serve(connection):
    lines = lines_of(connection)
    try:
        first = next(lines, None)
        if first is None:
            return
        join = JOIN.fullmatch(first)
    except ValueError:
        join = None
    if not join:
        refuse(connection)
        return
    room, name = join.groups()
    with lock:
        rooms.setdefault(room, []).append(connection)
        tell(room, name + b" has joined")
    error = False
    try:
        for line in lines:
            with lock:
                tell(room, name + b": " + line)
    except ValueError:
        error = True
    with lock:
        rooms[room].remove(connection)
        tell(room, name + b" has left")
    if error:
        refuse(connection)


def serve_and_close(connection):
    with connection:
        serve(connection)


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 1234
    listener = socket.create_server(("", port))
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve_and_close, args=(connection,)).start()


main()

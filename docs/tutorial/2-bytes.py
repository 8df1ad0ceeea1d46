#!/usr/bin/env python3
"""A chat server with rooms."""
import socket
import sys
import threading

rooms = {}
lock = threading.Lock()


def tell(room, line):
    for member in rooms[room]:
        member.sendall(line + b"\n")


def lines_of(connection):
    buffer = b""
    while True:
        data = connection.recv(65536)
        if not data:
            return
        *lines, buffer = (buffer + data).split(b"\n")
        for line in lines:
            yield line[:-1] if line.endswith(b"\r") else line


def serve(connection):
    lines = lines_of(connection)
    word, room, name = next(lines).split()
    if word != b"JOIN":
        connection.sendall(b"ERROR\n")
        connection.close()
        return
    with lock:
        rooms.setdefault(room, []).append(connection)
        tell(room, name + b" has joined")
    for line in lines:
        with lock:
            tell(room, name + b": " + line)
    with lock:
        rooms[room].remove(connection)
        tell(room, name + b" has left")
    connection.close()


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 1234
    listener = socket.create_server(("", port))
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,)).start()


main()

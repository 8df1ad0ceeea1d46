#!/usr/bin/env python3
"""A chat server with rooms."""
import socket
import sys
import threading

rooms = {}
lock = threading.Lock()


def tell(room, line):
    for member in rooms[room]:
        member.sendall((line + "\n").encode())


def serve(connection):
    word, room, name = connection.recv(1024).decode().split()
    if word != "JOIN":
        connection.sendall(b"ERROR\n")
        connection.close()
        return
    with lock:
        rooms.setdefault(room, []).append(connection)
        tell(room, f"{name} has joined")
    while True:
        data = connection.recv(1024)
        if not data:
            break
        with lock:
            tell(room, f"{name}: {data.decode().strip()}")
    with lock:
        rooms[room].remove(connection)
        tell(room, f"{name} has left")
    connection.close()


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 1234
    listener = socket.create_server(("", port))
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,)).start()


main()

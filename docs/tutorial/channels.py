#!/usr/bin/env python3
"""A chat server with names and channels."""
import socket
import sys
import threading

SLASH = {b"/join": b"JOIN", b"/leave": b"LEAVE", b"/msg": b"PRIVMSG",
         b"/rooms": b"ROOMS", b"/users": b"USERS", b"/quit": b"QUIT"}

users = {}
rooms = {}
lock = threading.Lock()


class User:
    def __init__(self, connection):
        self.connection = connection
        self.name = None
        self.room = None

    def say(self, line):
        try:
            self.connection.sendall(line + b"\r\n")
        except OSError:
            pass

    def tell_room(self, line):
        for other in rooms[self.room]:
            other.say(line)

    def login(self, name):
        self.name = name
        users[name] = self
        self.say(b"OK Welcome, " + name + b"!")

    def join(self, room):
        if not 1 <= len(room) <= 31 or b" " in room:
            return self.say(b"ERROR Invalid room")
        if room == self.room:
            return self.say(b"ERROR Already in " + room)
        self.leave()
        members = rooms.setdefault(room, [])
        members.append(self)
        self.say(b"OK Joined %s (%d users)" % (room, len(members)))
        for other in members[:-1]:
            self.say(b"JOIN " + room + b" " + other.name)
            other.say(b"JOIN " + room + b" " + self.name)
        self.room = room

    def leave(self):
        with lock:
            room, self.room = self.room, None
            if room:
                rooms[room].remove(self)
                for other in rooms[room]:
                    other.say(b"LEAVE " + room + b" " + self.name)
                if not rooms[room]:
                    del rooms[room]

    def whisper(self, rest):
        name, _, text = rest.partition(b" ")
        users[name].say(b"PRIVMSG " + self.name + b" " + text)
        self.say(b"OK Sent")

    def message(self, text):
        self.tell_room(b"ROOM " + self.room + b" " + self.name + b" " + text)

    def obey(self, line):
        word, _, rest = line.partition(b" ")
        word = SLASH.get(word, word)
        if word.startswith(b"/"):
            self.say(b"ERROR Unknown command")
        elif word == b"USERNAME":
            self.login(rest)
        elif word == b"QUIT" and not rest:
            self.say(b"OK Goodbye!")
            return False
        elif not self.name:
            self.say(b"ERROR Username required")
        elif word == b"JOIN":
            self.join(rest)
        elif word == b"PRIVMSG":
            self.whisper(rest)
        elif word == b"ROOMS" and not rest:
            self.say(b" ".join([b"ROOMLIST", *sorted(rooms)]))
        elif word == b"MSG":
            self.message(rest)
        elif word == b"LEAVE" and not rest and self.room:
            room = self.room
            self.leave()
            self.say(b"OK Left " + room)
        elif word == b"USERS" and not rest and self.room:
            self.say(b" ".join([b"USERLIST", *(one.name for one in rooms[self.room])]))
        else:
            self.message(line)
        return True


def lines_of(connection):
    buffer = b""
    while data := connection.recv(65536):
        *lines, buffer = (buffer + data).split(b"\n")
        for line in lines:
            yield line[:-1] if line.endswith(b"\r") else line


def serve(connection):
    user = User(connection)
    for line in lines_of(connection):
        with lock:
            if not user.obey(line):
                break
    with lock:
        user.leave()
        users.pop(user.name, None)
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


main()

"""A chat server with one room and unique names, one thread per client."""
import re
import signal
import socketserver
import sys
import threading

members = {}
lock = threading.Lock()


def tell(line, but=None):
    for name, member in members.items():
        if name != but:
            member.say(line)


class Handler(socketserver.StreamRequestHandler):
    name = None

    def say(self, line):
        try:
            self.wfile.write((line + "\n").encode())
        except OSError:
            pass

    def handle(self):
        while True:
            line = self.rfile.readline(20001)
            if not line:
                break
            if len(line) > 20000:
                self.say("ERROR line-too-long")
                break
            keyword, _, argument = line.decode().strip().partition(" ")
            if not self.obey(keyword.upper(), argument):
                break
        self.depart()

    def obey(self, keyword, argument):
        if keyword not in ("JOIN", "SEND", "LEAVE"):
            self.say("ERROR unknown-command")
        elif keyword == "JOIN":
            self.join(argument)
        elif self.name is None:
            self.say("ERROR not-joined")
        elif keyword == "SEND":
            self.send(argument)
        else:
            self.depart()
            self.say("OK")
            return False
        return True

    def join(self, name):
        with lock:
            if self.name is not None:
                self.say("ERROR already-joined")
            elif not re.fullmatch("[!-~]{1,32}", name):
                self.say("ERROR invalid-username")
            elif name in members:
                self.say("ERROR username-taken")
            else:
                self.name = name
                members[name] = self
                self.say("OK")
                tell("JOINED " + name, but=name)

    def send(self, text):
        if not text:
            self.say("ERROR empty-message")
            return
        with lock:
            tell(f"MSG {self.name} {text}", but=self.name)

    def depart(self):
        with lock:
            if self.name is not None:
                name, self.name = self.name, None
                del members[name]
                tell("LEFT " + name)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


def main():
    text = sys.argv[1] if len(sys.argv) > 1 else "1236"
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        sys.exit(f"bad port: {text}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server(("", int(text)), Handler) as server:
        server.serve_forever()


main()

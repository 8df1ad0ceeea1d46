"""A chat server with a login, on asyncio streams."""
import asyncio
import os
import re
import signal
import sys

clients = {}


class Client:
    def __init__(self, reader, writer):
        self.reader, self.writer, self.name = reader, writer, None

    def say(self, line):
        self.writer.write(line + b"\n")

    async def run(self):
        try:
            while True:
                line = await asyncio.wait_for(self.reader.readline(), 60)
                if not line:
                    break
                self.obey(line.rstrip(b"\r\n"))
        except asyncio.TimeoutError:
            self.say(b"ERR idle-timeout")
        except ValueError:
            self.say(b"ERR line-too-long")
        except ConnectionError:
            pass
        if self.name in clients:
            del clients[self.name]
            tell(b"INFO " + self.name + b" disconnected")
        self.writer.close()

    def obey(self, line):
        keyword, _, argument = line.partition(b" ")
        keyword = keyword.upper()
        if keyword == b"LOGIN":
            self.login(argument)
        elif self.name is None:
            self.say(b"ERR not-logged-in")
        elif keyword == b"MSG":
            if argument:
                tell(b"MSG " + self.name + b" " + argument)
            else:
                self.say(b"ERR empty-message")
        elif keyword == b"DM":
            self.whisper(argument)
        elif keyword == b"WHO":
            for name in clients:
                self.say(b"USER " + name)
        elif keyword == b"PING":
            self.say(b"PONG")
        else:
            self.say(b"ERR unknown-command")

    def login(self, name):
        if not re.fullmatch(rb"[!-~]{1,32}", name):
            self.say(b"ERR invalid-username")
        elif name in clients:
            self.say(b"ERR username-taken")
        else:
            self.name = name
            clients[name] = self
            self.say(b"OK")

    def whisper(self, argument):
        name, _, text = argument.partition(b" ")
        if not text:
            self.say(b"ERR empty-message")
        elif name in clients:
            clients[name].say(b"DM " + self.name + b" " + text)
        else:
            self.say(b"ERR user-not-found")


def tell(line):
    for client in clients.values():
        client.say(line)


async def main():
    text = sys.argv[1] if len(sys.argv) > 1 else os.getenv("CHAT_PORT", "4000")
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        print("bad port:", text, file=sys.stderr)
        sys.exit(2)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, os._exit, 0)
    serve = lambda reader, writer: Client(reader, writer).run()
    server = await asyncio.start_server(serve, "", int(text), limit=20000)
    await server.serve_forever()


asyncio.run(main())

"""Parts in which clients attack, and others talk meanwhile."""

import select
import signal
import socket
import time

from clients import (
    ATTACKERS,
    OTHERS,
    Crowd,
    Helper,
    Probe,
    connect,
    enter,
    reset,
    send_some,
    tell,
)
from harness import DEADLINE, Failed, as_many, megabytes, resident, say, server

SMALL = 40_000  # bytes of a send buffer: what is sent is with the server soon
QUIET = 2.5  # seconds; the quiet figure is taken from so long


def ask(batch, count):
    """The first `count` of a crowd send these lines without a pause and read the answers. What
    comes of it: bytes received per second."""

    def act(crowd):
        begin, before, sent = time.monotonic(), sum(crowd.received), [0] * count
        for client in crowd.clients[:count]:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        while not crowd.told():
            for number in range(count):
                if number not in crowd.gone:
                    rest = batch[sent[number] % len(batch) :]
                    sent[number] += send_some(crowd.clients[number], rest)
            crowd.read(0.002)
        return (sum(crowd.received) - before) / (time.monotonic() - begin)

    return act


def say_once(crowd):
    """Everybody says one line; they are sent before anything is read."""
    before = sum(crowd.received)
    for client in crowd.clients:
        client.send(b"MSG hi\n")
    while not crowd.told():
        crowd.read(0.01)
    return sum(crowd.received) - before


def leave(crowd):
    """Everybody resets the connection. What comes of it: how long that takes."""
    begin = time.monotonic()
    for client in crowd.clients:
        reset(client)
    took = time.monotonic() - begin
    while not crowd.told():
        time.sleep(0.01)
    return took


def beside(crowd, probes, seconds, meanwhile=lambda: None):
    """Lets the crowd act for so long while the probes talk; says how long their lines waited before
    it and meanwhile. `probes` are pairs of a description and a probe. After a second `meanwhile` is
    called."""
    time.sleep(QUIET)
    acts = time.monotonic()
    crowd.go()
    time.sleep(1)
    meanwhile()
    time.sleep(max(0, acts + seconds - time.monotonic()))
    end = time.monotonic()
    for _, probe in probes:
        probe.stop()
    for who, probe in probes:
        tell(f"{who}, quiet", probe.waits(probe.began, acts))
    return [(who, probe.waits(acts, end)) for who, probe in probes]


def busy():
    """Connections that alternate a line of text and a line that is refused, as fast as they can."""
    runs = ((30, (), 150), (30, ("--threads", "1"), 150), (100, (), 150), (3_000, (), 1_000))
    for count, options, goal in runs:
        with server("channels", "rooms", options=options) as (_, [port, other]):
            with busy_crowd(count, port) as crowd, Probe(other) as probe:
                found = beside(crowd, [("others", probe)], 5)
                answers = crowd.stop()
        what = " ".join((f"beside {count}", *options))
        for who, waits in found:
            tell(f"{who}, {what}", waits, f"longest {goal} ms")
        say("    they receive per second", megabytes(answers))


def busy_crowd(count, port, source=ATTACKERS):
    hello = lambda number: enter("channels", f"room{number}", f"busy{number}")
    return Crowd(count, port, hello, ask(b"x\n/\n" * 2_000, count), source=source)


def storm():
    """9,000 busy connections; the probe is in a room of 250, and others arrive meanwhile."""
    count = as_many(9_000, "busy connections")
    for source, whose in ((ATTACKERS, "another address"), (OTHERS, "the same address")):
        with server("channels", "rooms") as (_, [port, other]):
            listen = lambda number: enter("rooms", "nook", f"reader{number}")
            readers = Crowd(250, other, listen, lambda crowd: None, source=OTHERS)
            with busy_crowd(count, port, source) as crowd, readers, Probe(other) as probe:
                arrivals = []
                found = beside(crowd, [("others", probe)], 5, lambda: arrivals.extend(come(other)))
                crowd.stop()
        goal = "longest 1000 ms" if source == ATTACKERS else None
        for who, waits in found:
            tell(f"{who} in a room of 250, beside {whose}", waits, goal)
        tell(f"from a connection to its first answer, beside {whose}", arrivals, goal)


def come(port):
    """How long 20 clients wait for the answer to their first line, in milliseconds, in order."""
    waits = []
    for number in range(20):
        begin = time.monotonic()
        with connect(port) as client:
            client.settimeout(DEADLINE)
            client.sendall(enter("rooms", f"lone{number}", "newcomer"))
            client.recv(1 << 10)
        waits.append((time.monotonic() - begin) * 1000)
    return sorted(waits)


def avalanche():
    """Thousands ask for the list of their room and read nothing; prompt readers are in it too."""
    count = as_many(9_900, "members")
    with server("login", "rooms") as (process, [port, other]):
        hello = lambda number: b"LOGIN a-rather-long-name-%06d\n" % number
        readers = Crowd(20, port, lambda number: b"LOGIN reader%d\n" % number, keep_up)
        with readers, Crowd(count, port, hello, ask_once, 2_304) as crowd, Probe(other) as probe:
            readers.go()
            found = beside(crowd, [("others", probe)], 5)
            crowd.stop()
            evicted = readers.stop()
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait(DEADLINE)
            ended = time.monotonic() - began
    for who, waits in found:
        tell(f"{who}, beside the avalanche", waits, "longest 1000 ms")
    say("of 20 prompt readers evicted (goal: none)", evicted)
    say("from SIGTERM to the end of the server (goal: 5 s)", f"{ended:.1f} s")


def ask_once(crowd):
    """Everybody asks for the list, and reads nothing."""
    for client in crowd.clients:
        client.send(b"WHO\n")
    while not crowd.told():
        time.sleep(0.01)


def keep_up(crowd):
    """Everybody reads at once and says each second that it is there. What comes of it: how many
    are gone."""
    due = time.monotonic()
    while not crowd.told():
        crowd.read(0.01)
        if time.monotonic() >= due:
            due += 1
            for number in set(range(crowd.count)) - crowd.gone:
                send_some(crowd.clients[number], b"PING\n")
    return len(crowd.gone)


def choir(count, port, act):
    """Members of one room of channels, which all `act` at once."""
    return Crowd(count, port, lambda number: enter("channels", "choir", f"voice{number}"), act)


def chorus():
    """Members of one room that say one line each at once; then a signal to stop."""
    count = as_many(9_000, "members")
    with server("channels", "rooms") as (process, [port, other]):
        with choir(count, port, say_once) as crowd:
            with Probe(port, "channels") as near, Probe(other) as far:
                pairs = [("others", far), ("others in the same dialect", near)]
                found = beside(crowd, pairs, 4)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait(DEADLINE)
            ended = time.monotonic() - began
            received = crowd.stop()
    for who, waits in found:
        tell(f"{who}, beside the chorus", waits, "longest 100 ms")
    say("received by the crowd", megabytes(received))
    say("from SIGTERM to the end of the server (goal: 5 s)", f"{ended:.1f} s")


def feeders(count, dialect, port, room):
    """A member that reads 50 kB each 100 ms, and `count` clients that send it lines all the time:
    private ones in channels, in rooms those of its room. If it is evicted it comes again."""
    size, share, pause = 10_000, 50_000, 0.1

    def line(reader):
        target = f"PRIVMSG slow{reader} " if dialect == "channels" else ""
        return target.encode().ljust(size - 1, b"x") + b"\n"

    def read_share(crowd, reader, taken):
        """Reads up to the share; returns how much of it is taken, `None` if the reader is gone."""
        try:
            while taken < share:
                if (got := reader.recv_into(crowd.buffer, share - taken)) == 0:
                    return None
                taken += got
        except BlockingIOError:
            pass
        except ConnectionError:
            return None
        return taken

    def act(crowd):
        for client in crowd.clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        came, stopped, unsent = 0, False, [b""] * count
        while not stopped:
            came += 1
            reader = connect(port, 4_096)
            reader.sendall(enter(dialect, room, f"slow{came}"))
            reader.setblocking(False)
            whole, due, taken = line(came), time.monotonic() + pause, 0
            while taken is not None and not (stopped := bool(crowd.told())):
                for number, client in enumerate(crowd.clients):
                    if number not in crowd.gone:
                        rest = unsent[number] or whole
                        unsent[number] = rest[send_some(client, rest) :]
                crowd.read(0.001)
                if time.monotonic() >= due:
                    taken = read_share(crowd, reader, taken)
                if taken == share:
                    due, taken = time.monotonic() + pause, 0
            reader.close()
        return came, len(crowd.gone)

    own = room if dialect == "rooms" else "attic"
    hello = lambda number: enter(dialect, own, f"feeder{number}")
    return Crowd(count, port, hello, act, yields=False)


def starve():
    """A slow reader is fed by 300 clients; the probe is in its room."""
    for dialect, how in (("channels", "private lines"), ("rooms", "lines of the room")):
        with server(dialect) as (_, [port]):
            with feeders(300, dialect, port, "nook") as crowd, Probe(port, dialect) as probe:
                found = beside(crowd, [(f"in {dialect}", probe)], 12)
                came, gone = crowd.stop()
        for who, waits in found:
            tell(f"{who}, which is fed with {how}", waits, "p99 500 ms")
        say("    times that the slow reader came; feeders evicted", f"{came}; {gone}")


def hovering(count, port, room):
    """A member that takes 576 bytes each 40 ms, and so is under the high-water mark for a moment
    each time, while `count` others say short lines without a pause; when it is evicted, it comes
    again. What comes of it: how often it came."""

    def act(crowd):
        came, stopped = 0, False
        while not stopped:
            came += 1
            reader = connect(port, 4_096)
            reader.sendall(enter("rooms", room, f"slow{came}"))
            reader.setblocking(False)
            due, here = time.monotonic() + 0.04, True
            while here and not (stopped := bool(crowd.told())):
                for client in crowd.clients:
                    send_some(client, b"hi\n")
                crowd.read(0.001)
                if time.monotonic() >= due:
                    due += 0.04
                    try:
                        here = bool(reader.recv_into(crowd.buffer, 576))
                    except BlockingIOError:
                        pass
                    except ConnectionError:
                        here = False
            reader.close()
        return came

    hello = lambda number: enter("rooms", room, f"talker{number}")
    return Crowd(count, port, hello, act, yields=False)


def hover():
    """A member takes a few bytes each 40 ms while 298 others talk; the probe is in its room."""
    with server("rooms") as (_, [port]):
        with hovering(298, port, "nook") as crowd, Probe(port) as probe:
            found = beside(crowd, [("others", probe)], 8)
            came = crowd.stop()
    for who, waits in found:
        tell(who, waits, "longest 1000 ms")
    say("    times that the member came", came)


def flood(readers, rate=None):
    """The act of a crowd: its last member sends without a pause, the others read as fast as they
    can, or `rate` bytes per second each. What comes of it: bytes per second of each reader and how
    many are gone."""
    lines = (b"f" * 199 + b"\n") * 1_300

    def act(crowd):
        sender, sent, turn = crowd.clients[readers], 0, 0.002
        begin, allowed = time.monotonic(), [0.0] * readers
        before = sum(crowd.received[:readers])
        for number in range(readers if rate else 0):
            crowd.unwatch(number)
        last = begin
        while not crowd.told():
            sent += send_some(sender, lines[sent % 200 :]) if readers not in crowd.gone else 0
            crowd.read(turn if rate else 0.0005)
            now = time.monotonic()
            for number in range(readers if rate else 0):
                allowed[number] = min(allowed[number] + rate * (now - last), rate * 0.05)
                if allowed[number] >= 1_024 and number not in crowd.gone:
                    allowed[number] -= crowd.read_one(number, int(allowed[number]))
            last = now
        taken = sum(crowd.received[:readers]) - before
        return taken / readers / (time.monotonic() - begin), sorted(crowd.gone)

    return act


def reconnecting(count, port, stay):
    """Clients that join, read nothing, are reset after `stay` seconds and come again."""

    def work(pipe):
        clients, came = [], 0
        dues = [time.monotonic() + stay * number / count for number in range(count)]
        held = [None] * count
        while not pipe.poll(max(0, min(dues) - time.monotonic())):
            number = dues.index(min(dues))
            if held[number]:
                reset(held[number])
            held[number] = connect(port, 2_304)
            held[number].sendall(enter("rooms", "den", f"evil{number}"))
            dues[number] += stay
            came += 1
        return came

    return Helper(work)


def flooded_room(port, act, members=6):
    hello = lambda number: enter("rooms", "den", f"m{number}")
    return Crowd(members, port, hello, act, yields=False)


def reconnect():
    """Clients that join, read nothing, are reset and come again, in a room of five readers."""
    quiet, gone = None, 0
    for count, stay in ((0, 0), (1, 0.26), (2, 0.26), (10, 0.26), (2, 0.048)):
        with server("rooms") as (_, [port]), flooded_room(port, flood(5)) as crowd:
            if count:
                with reconnecting(count, port, stay) as attackers:
                    crowd.go()
                    time.sleep(5)
                    rate, lost = crowd.stop()
                    came = attackers.stop()
            else:
                crowd.go()
                time.sleep(5)
                (rate, lost), came = crowd.stop(), 0
        quiet = quiet or rate
        gone += len(lost)
        what = f"each reader beside {count} clients"
        if count:
            what += f" that stay {stay * 1000:.0f} ms ({came} came); ratio (goal: 0.5)"
        say(what, f"{rate / 1e6:.1f} MB/s; {rate / quiet:.2f}")
    say("members evicted (goal: 0)", gone)
    if gone:
        raise Failed(f"{gone} members were evicted that read all the time")


def pauses():
    """The server is stopped four times for 0.3 s in a flood for five readers of 5 MB/s."""
    with server("rooms") as (process, [port]), flooded_room(port, flood(5, 5e6)) as crowd:
        crowd.go()
        time.sleep(2)
        for _ in range(4):
            pause(process, 0.3)
            time.sleep(0.7)
        time.sleep(1)
        rate, gone = crowd.stop()
    say("bytes per second of each reader, the pauses included", f"{rate / 1e6:.1f} MB/s")
    say("of five readers and a sender gone (goal: 0)", len(gone))
    if gone:
        raise Failed(f"{len(gone)} members were evicted for pauses of the server")


def pause(process, seconds):
    process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    process.send_signal(signal.SIGCONT)


def long_pause():
    """The server is stopped for 31 s, longer than its stall limit, and a reader takes bytes."""
    lines = (b"f" * 199 + b"\n") * 2_500  # less than the bound of an outbox
    heard = len(b"talker: ") * 2_500 + len(lines)
    with server("rooms") as (process, [port]):
        with connect(port, 4_096) as reader, connect(port) as talker:
            reader.sendall(enter("rooms", "den", "reader"))
            reader.recv(100)
            talker.sendall(enter("rooms", "den", "talker") + lines)
            taken, until = 0, time.monotonic() + 2
            while (left := until - time.monotonic()) > 0:  # the talker hears all of it
                if select.select([talker], [], [], left)[0]:
                    talker.recv(1 << 16)
            process.send_signal(signal.SIGSTOP)
            for _ in range(31):
                time.sleep(1)
                taken += len(reader.recv(2_000))
            process.send_signal(signal.SIGCONT)
            say("bytes that the reader takes in the pause", f"{taken:,}")
            reader.settimeout(2)
            try:
                while data := reader.recv(1 << 16):
                    taken += len(data)
                raise Failed("the reader is evicted, although it took bytes")
            except TimeoutError:
                notices = len(b"talker has joined\n")
                say("bytes that it gets in all, of", f"{taken:,}; {heard + notices:,}")
            except ConnectionError:
                raise Failed("the reader is evicted, although it took bytes") from None


def exodus():
    """Members of one room that are all reset at once."""
    count = as_many(9_900, "members")
    with server("channels", "rooms") as (_, [port, other]):
        with choir(count, port, leave) as crowd:
            with Probe(port, "channels") as near, Probe(other) as far:
                pairs = [("others", far), ("others in the same dialect", near)]
                found = beside(crowd, pairs, 4)
            say("the resets take the system", f"{crowd.stop() * 1000:.0f} ms")
    for who, waits in found:
        tell(f"{who}, beside the exodus", waits, "longest 200 ms")


def lists():
    """100 clients that ask for the list of 9,000 rooms without a pause."""
    count = as_many(9_000, "rooms")
    with server("channels", "rooms") as (_, [port, other]):
        hello = lambda number: enter("channels", f"{number:031}", f"guest{number}")
        with Crowd(count, port, hello, ask(b"ROOMS\n" * 150, 100)) as crowd:
            with Probe(port, "channels") as near, Probe(other) as far:
                pairs = [("others", far), ("others in the same dialect", near)]
                found = beside(crowd, pairs, 6)
            say("lists received per second", f"{crowd.stop() / 32 / count:,.0f}")
    for who, waits in found:
        tell(f"{who}, beside the lists", waits, "p99 20 ms")


FED = 19_000  # bytes of a private line
FEEDERS = 16


def hoard(count, port):
    """Clients in a room of their own each that never read, and feeders that send them private
    lines, one client after the other, until the first client is evicted. What comes of it: the
    numbers of those that are gone in the end."""

    def act(crowd):
        feeders = [connect(port) for _ in range(FEEDERS)]
        for number, feeder in enumerate(feeders):
            feeder.settimeout(DEADLINE)
            feeder.sendall(enter("channels", "attic", f"feeder{number}"))
            while b"attic" not in feeder.recv(1 << 16):
                pass
        for number in range(count):
            crowd.unwatch(number)
        full, fed, lines = False, 0, 3
        while not full:
            for first in range(0, count, FEEDERS):
                for number, feeder in enumerate(feeders[: count - first]):
                    words = f"PRIVMSG hoarder{first + number} ".encode()
                    feeder.sendall((words.ljust(FED - 1, b"x") + b"\n") * lines)
                for feeder in feeders[: count - first]:
                    full = full or b"ERROR" in answers_to(feeder, lines)  # its target is evicted
                if full:
                    break
            fed, lines = fed + lines, 1
        crowd.talk.send((True, fed))
        while not crowd.told():
            time.sleep(0.05)
        crowd.read_to_the_end()
        return sorted(crowd.gone)

    hello = lambda number: enter("channels", f"{number:031}", f"hoarder{number}")
    return Crowd(count, port, hello, act, 2_304)


def answers_to(feeder, lines):
    """The answers to so many lines, with the notices before them."""
    answers = b""
    while answers.count(b"OK Sent") + answers.count(b"ERROR") < lines:
        if not (data := feeder.recv(1 << 16)):
            raise Failed("a feeder is closed")
        answers += data
    return answers


def bound():
    """Clients that never read hold all of the total bound, and newcomers ask for a long list."""
    total = 256 << 20
    count = as_many(8_000, "clients")
    with server("channels", options=("--total-bytes-max", str(total))) as (process, [port]):
        with hoard(count, port) as crowd:
            before = resident(process)
            crowd.go()
            fed = crowd.answer()
            answered = [number for number in range(10) if asks_for_rooms(port, number)]
            gone = crowd.stop()
        say("private lines for each client until the bound is reached", fed)
        say("newcomers that were answered (goal: 10 of 10)", f"{len(answered)} of 10")
        first = sum(number < len(gone) for number in gone)
        say("clients evicted; of these among as many that were fed first", f"{len(gone)}; {first}")
        most = resident(process, "VmHWM")
        say(
            "resident with idle clients / at most; beside the bound (goal: 1.5)",
            f"{megabytes(before)} / {megabytes(most)}; {most / total:.2f}",
        )


def asks_for_rooms(port, number):
    """Whether a newcomer that asks for the rooms gets the whole list."""
    with connect(port) as client:
        client.settimeout(DEADLINE / 3)
        client.sendall(f"USERNAME new{number}\nROOMS\n".encode())
        tail = b""
        try:
            while data := client.recv(1 << 16):
                tail = (tail + data)[-100:]
                if tail.endswith(b"\n") and b"OK" not in tail:
                    return True
        except OSError:
            pass
        return False


PARTS = (busy, storm, avalanche, chorus, starve, hover, reconnect, pauses, exodus, lists, bound)
ON_REQUEST = (long_pause,)

"""Parts in which honest clients load the server, most of them those of `parlance-load`."""

import json
import select
import socket
import statistics
import subprocess
import time

from harness import (
    CLEAN,
    DEADLINE,
    LOAD,
    Failed,
    descriptors,
    fresh,
    load,
    measured,
    megabytes,
    microseconds,
    processor_seconds,
    say,
    server,
)


def stalled():
    """Ten further members of a room of 90 that never read."""
    shape, ten = ("--members", 90, "--seconds", 5), ("--stalled", 10)
    kinds = {
        "without them": ("--warmup", 0.2),
        "as they fill up": (*ten, "--warmup", 0.2),
        "later": (*ten, "--warmup", 6),
    }
    found = {what: [fresh(*shape, *words) for _ in range(3)] for what, words in kinds.items()}
    alone = statistics.median(run["deliveries_per_second"] for run in found["without them"])
    for what, runs in found.items():
        rate = statistics.median(run["deliveries_per_second"] for run in runs)
        say(f"deliveries per second to the 90, {what}; ratio", f"{rate:,.0f}; {rate / alone:.2f}")
        say(
            "    latency p99.9 / max in the last of three runs",
            microseconds(runs[-1], "p999", "max"),
        )
        say("    resident at most", megabytes(max(run["rss_highest_bytes"] for run in runs)))


def evictions():
    """500 further members that never read, and a flood until all of them are evicted."""
    with server("rooms") as (process, [port]):
        before = descriptors(process)
        found = load(
            port,
            process,
            "--members",
            100,
            "--stalled",
            500,
            "--window",
            16,
            "--seconds",
            8,
            "--warmup",
            0.1,
        )
        kept = found["descriptors"] - before - 100
        if kept:
            raise Failed(f"{kept} descriptors are kept, or as many are not evicted")
        say("of the 500 still connected at the end", kept)
        say(
            "deliveries per second to the 100 that read, all in all",
            f"{found['deliveries_per_second']:,.0f}",
        )
        say("latency p50 / p99.9 / max", microseconds(found, "p50", "p999", "max"))
        say(
            "resident before / at most / after",
            " / ".join(
                megabytes(found[f"rss_{when}bytes"]) for when in ("before_", "highest_", "")
            ),
        )


def storm():
    """Clients that all join one room of 100 at once and leave it at once, 24 times."""
    for clients in (250, 500, 1000):
        found = fresh("--storm", clients, "--storm-rounds", 24, "--members", 100)
        say(
            f"{clients} clients: notices; processor time of the server for each",
            f"{found['deliveries']:,}; {found['cpu_ns_per_delivery']:.0f} ns",
        )
        say(
            "    resident after an early round / after the last",
            f"{megabytes(found['rss_early_bytes'])} / {megabytes(found['rss_bytes'])}",
        )


def idle():
    """9,000 clients that have joined and do nothing."""
    found = fresh("--idle", 9000)
    say("resident bytes for each (to reach: 1,000)", f"{found['bytes_per_client']:,.0f}")


def wide():
    """One line at a time in each of 1, 10 and 90 rooms of 100, against the least that fans lines
    out."""
    for rooms in (1, 10, 90):
        shape = ("--rooms", rooms, "--seconds", 4)
        ours = fresh(*shape)["cpu_ns_per_delivery"]
        least = measured(*shape, "--", LOAD, "baseline", "{port}")["cpu_ns_per_delivery"]
        what = f"{rooms * 100:,} clients: processor time for each delivery; of the baseline; ratio"
        say(what, f"{ours:,.0f} ns; {least:,.0f} ns; {ours / least:.2f}")


def flood():
    """Two who talk in the lobby of one dialect, beside 12 flooded rooms of 6 in another."""
    quiet = ("--dialect", "login", "--members", 2, "--rate", 200, "--seconds", 4, "--warmup", 1)
    with server("rooms", "login") as (process, [rooms, login]):
        found = load(login, process, *quiet)
        say("latency of a line p50 / p99 / max, alone", microseconds(found, "p50", "p99", "max"))
        flooding = [
            LOAD,
            f"127.0.0.1:{rooms}",
            "--rooms",
            "12",
            "--members",
            "6",
            "--window",
            "5000",
            "--seconds",
            "6",
            "--warmup",
            "0.2",
            "--json",
        ]
        with subprocess.Popen(flooding, stdout=subprocess.PIPE, text=True, env=CLEAN) as flooder:
            found = load(login, process, *quiet)
            flooded = json.loads(flooder.communicate()[0])
        if flooder.returncode != 0:
            raise Failed(f"the flood ended with {flooder.returncode}")
    say("the same beside the flood", microseconds(found, "p50", "p99", "max"))
    say(
        "deliveries per second in the flooded rooms meanwhile",
        f"{flooded['deliveries_per_second']:,.0f}",
    )


def latency():
    """An open loop at half of what the closed one reaches: 10 rooms of 10."""
    shape = ("--rooms", 10, "--members", 10)
    peak = fresh(*shape, "--window", 16, "--seconds", 3)["lines_per_second"]
    found = fresh(*shape, "--rate", int(peak / 2), "--seconds", 5)
    say("lines per second at the peak / offered", f"{peak:,.0f} / {int(peak / 2):,}")
    say("latency p50 / p99 / p99.9 / max", microseconds(found, "p50", "p99", "p999", "max"))


def shortage():
    """100 clients of a server that may open 64 descriptors; then 50 of them go."""
    hello = lambda number: f"JOIN den c{number}\n".encode()
    with server("rooms", files=64) as (process, [port]):
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
        for number, client in enumerate(clients):
            client.sendall(hello(number))
        served = settled(clients)
        spent = processor_seconds(process)
        time.sleep(3)  # what is measured is that nothing happens
        spent = processor_seconds(process) - spent
        say("of 100 served at once", len(served))
        say(
            "processor time of the server in 3 s in which the others wait", f"{spent * 1000:.0f} ms"
        )
        began = time.monotonic()
        for client in served[:50]:
            client.close()
        waiting = [client for client in clients if client not in served]
        answered = within(waiting, DEADLINE)
        say("of those that waited served after 50 have gone", f"{len(answered)} of {len(waiting)}")
        say("the last of them after", f"{(time.monotonic() - began) * 1000:.0f} ms")
        for client in clients:
            client.close()
        if len(answered) < len(waiting):
            raise Failed("somebody who waited was not served")


def within(clients, seconds):
    """Those of `clients` who receive something within so many seconds; ends when all have. None may
    be closed instead."""
    until, answered = time.monotonic() + seconds, []
    while len(answered) < len(clients) and (left := until - time.monotonic()) > 0:
        waiting = [client for client in clients if client not in answered]
        news = select.select(waiting, [], [], left)[0]
        if not all(client.recv(1) for client in news):
            raise Failed("a client was closed instead of served")
        answered += news
    return answered


def settled(clients):
    """Those who have received something when nobody new has for a second."""
    answered = []
    while news := within([client for client in clients if client not in answered], 1):
        answered += news
    return answered


def soak():
    """Ten minutes at half load in 10 rooms of 10; not among all parts, ask for it."""
    shape = ("--rooms", 10, "--members", 10)
    peak = fresh(*shape, "--window", 1, "--seconds", 3)["lines_per_second"]
    found = fresh(*shape, "--rate", int(peak / 2), "--seconds", 600)
    say("deliveries", f"{found['deliveries']:,}")
    say(
        "resident before / after",
        f"{megabytes(found['rss_before_bytes'])} / {megabytes(found['rss_bytes'])}",
    )
    say("descriptors before / after", f"{found['descriptors_before']} / {found['descriptors']}")
    say("latency p50 / p99.9 / max", microseconds(found, "p50", "p999", "max"))
    if found["descriptors"] > found["descriptors_before"]:
        raise Failed("descriptors are kept")


PARTS = (stalled, evictions, storm, idle, wide, flood, latency, shortage)
ON_REQUEST = (soak,)

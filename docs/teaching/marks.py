#!/usr/bin/env python3
"""Turns reports of parlance-conform into marks, as CSV.

    marks.py WEIGHTS.json REPORT.json...

WEIGHTS is an object of clauses, as globs, and what each clause that matches is worth; the first
glob that matches counts, and a clause that none matches is worth nothing:

    {"rooms/join-*": 2, "rooms/text-1": 5, "rooms/*": 1}

A clause earns the share of its cases that pass. A case that could not be judged because of another
fault earns nothing; one that was skipped for any other reason does not count. Whoever marks looks
at what is inconclusive: it counts as not passed, and stands in the last column.
"""
import csv
import fnmatch
import json
import sys
from collections import defaultdict


def weight(weights: dict, clause: str) -> float:
    return next((worth for glob, worth in weights.items() if fnmatch.fnmatch(clause, glob)), 0)


def marks(weights: dict, report: dict) -> tuple[float, float, list[str]]:
    """What is earned, what could be, and the cases that nobody knows about."""
    if report.get("schema") != "parlance-conform/1":
        sys.exit(f"not a report that this script knows: {report.get('schema')}")
    cases = defaultdict(list)
    unknown = []
    for result in report["results"]:
        if result["verdict"] == "skip" and "cause" not in result:
            continue
        # A broken SHOULD is a warning: it costs as much as its clause is worth.
        cases[result["clause"]].append(result["verdict"] == "pass")
        if result["verdict"] == "inconclusive":
            unknown.append(result["id"])
    earned = sum(weight(weights, clause) * sum(one) / len(one) for clause, one in cases.items())
    return earned, sum(weight(weights, clause) for clause in cases), unknown


def main() -> None:
    if len(sys.argv) < 3 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    with open(sys.argv[1]) as file:
        weights = json.load(file)
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["name", "marks", "of", "begin with", "unknown"])
    for path in sys.argv[2:]:
        with open(path) as file:
            report = json.load(file)
        earned, of, unknown = marks(weights, report)
        first = report["causes"][0]["root"] if report["causes"] else ""
        late = ["not finished"] if report.get("unfinished") else []
        row = [report["name"], f"{earned:.1f}", f"{of:g}", first, " ".join(late + unknown)]
        table.writerow(row)


main()

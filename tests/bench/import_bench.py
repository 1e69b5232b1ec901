#!/usr/bin/env python3
"""Times the import of a large accounts file against `sqlite3 .import` of the same rows.

usage: import_bench.py [--build build/release] [--rows 1000000] [--rounds 3] [--keep FOLDER]

Both write into a fresh database on the same disk, in WAL mode with synchronous=FULL, into a table
with the same index (the key is unique). Ours checks and types every field; the other takes it as it
comes. They run in alternation, so that a noisy machine is noisy for both. Prints each side's
median, their ratio and the peak memory. Build with -DREVIEWD_BENCH=ON.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
COLUMNS = (
    "key TEXT NOT NULL, name TEXT NOT NULL, owner TEXT, segment TEXT, size TEXT, region TEXT, language TEXT,"
    " budget REAL, vip TEXT, since TEXT, industry TEXT, revenue REAL, employees INTEGER, satisfaction REAL,"
    " referrals INTEGER, discount_rate REAL, renewal_in_days INTEGER, months_quiet INTEGER, tenure_years REAL,"
    " competitor INTEGER"
)


def timed(command, **options):
    """Seconds by the wall clock, peak memory in MiB, and seconds of processor time of a command."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, **options)
    process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begin
    if status != 0:
        sys.exit(f"import_bench.py: {command[0]} failed")
    return seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def sqlite_import(csv, folder):
    database = folder / "plain.db"
    # As .import wants it: the file's columns, in its order; the row's number is SQLite's own.
    schema = f"CREATE TABLE accounts({COLUMNS}, UNIQUE (key))"
    subprocess.run(["sqlite3", database, "PRAGMA journal_mode=WAL", schema], check=True, stdout=subprocess.DEVNULL)
    return timed(["sqlite3", database, "PRAGMA synchronous=FULL", f".import --csv --skip 1 {csv} accounts"])


def our_import(binary, csv, folder):
    state = folder / "state"
    state.mkdir()
    return timed([binary, "import", HERE / "import" / "reviewd.yaml", csv.parent, state])


def median(samples, place):
    return statistics.median(sample[place] for sample in samples)


def run(options, folder):
    binary = (options.build / "tests" / "bench" / "import_bench").resolve()
    csv = folder / "accounts.csv"
    subprocess.run([binary, "generate", str(options.rows), csv], check=True)
    print(f"{options.rows} rows, 20 columns, {csv.stat().st_size / 1e6:.0f} MB; {options.rounds} rounds")
    read_only = timed([binary, "read", HERE / "import" / "reviewd.yaml", folder])
    print(f"reading and checking alone: {read_only[0]:.2f} s, peak {read_only[1]:.0f} MiB")
    ours, theirs = [], []
    for number in range(options.rounds):
        for name, samples, work in (
            ("sqlite3 .import", theirs, lambda place: sqlite_import(csv, place)),
            ("reviewd import", ours, lambda place: our_import(binary, csv, place)),
        ):
            with tempfile.TemporaryDirectory(dir=folder) as place:
                samples.append(work(pathlib.Path(place)))
            print(f"  round {number + 1}: {name:15} {samples[-1][0]:6.2f} s, "
                  f"processor {samples[-1][2]:5.2f} s, peak {samples[-1][1]:4.0f} MiB", flush=True)
    ratio = median(ours, 0) / median(theirs, 0)
    print(f"median: reviewd {median(ours, 0):.2f} s, sqlite3 {median(theirs, 0):.2f} s, ratio {ratio:.2f}")
    print(f"processor: reviewd {median(ours, 2):.2f} s, sqlite3 {median(theirs, 2):.2f} s, "
          f"ratio {median(ours, 2) / median(theirs, 2):.2f}")
    print(f"peak memory: reviewd {median(ours, 1):.0f} MiB, sqlite3 {median(theirs, 1):.0f} MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parents[1] / "build" / "release")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=pathlib.Path, help="work in this folder and leave the file there")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        run(options, options.keep.resolve())
        return
    with tempfile.TemporaryDirectory() as folder:
        run(options, pathlib.Path(folder))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Measures the daemon as a service: start to READY, kill -9 to READY, resident memory, and how long
the daemon keeps a command waiting while a backup is made.

usage: service_bench.py [--build build/release] [--accounts 0,100000,1000000] [--rounds 3] [--keep FOLDER] [--reuse]

Last, three rows of the accounts change and are imported: how long the daemon works until all has followed.
READY is what the service manager is told, on a socket of this program's own. Each account has an
owner, an open review, and ten facts under six rules; an owner has 250 accounts. The first pass (import,
scores, plan, reminders to a file) is made beforehand, and shown. Memory is the daemon's own (VmRSS, which
is what the targets are about; beside it the share that is nobody else's, PSS, and what no file is behind)
after READY and ten quiet seconds. The longest wait is that of a small command, asked again and again, each
followed by a tick: commands and ticks take turns on one thread, so it is how long a tick can be held up. The
same is shown for as long without a backup, for what the machine itself adds. What misses its target is marked,
and the exit code is then 1.
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE_SECONDS = 1800
ACCOUNTS_OF_ONE_OWNER = 250
QUIET_SECONDS = 10
STILL_SECONDS = 3
# (what, accounts) -> the most there may be
TARGETS = {
    ("start to READY", 1000000): 5.0,
    ("kill -9 to READY", 100000): 2.0,
    ("resident memory idle", 0): 20,
    ("resident memory idle", 100000): 60,
    ("resident memory idle", 1000000): 350,
    ("longest wait", 1000000): 100,
}
missed = []


def judged(what, accounts, measured):
    """The target beside the measured value, if there is one."""
    most = TARGETS.get((what, accounts))
    if most is None:
        return ""
    if measured > most:
        missed.append(what)
    return f" [target {most:g}: {'MISSED' if measured > most else 'met'}]"

CONFIGURATION = """---
company: { name: Benchmark, zone: UTC, language: en, currency: EUR }
data_directory: .
tables: { accounts: { satisfaction: number, referrals: integer, months_quiet: integer, products: integer } }
sources:
  people:   { file: people.csv, every: 12 hours }
  accounts: { file: accounts.csv, every: 12 hours }
channels: { out: { type: file, path: out.jsonl } }
people: { defaults: { channels: [out], capacity_per_day: 4 } }
...
"""
RULES = """---
facts:
  budget:       { type: money,   from: accounts.budget }
  vip:          { type: boolean, from: accounts.vip, default: false }
  segment:      { type: text,    from: accounts.segment }
  satisfaction: { type: number,  from: accounts.satisfaction }
  referrals:    { type: integer, from: accounts.referrals }
  months_quiet: { type: integer, from: accounts.months_quiet }
  products:     { type: integer, from: accounts.products }
rules:
  - { id: room-to-grow, when: "products in [1, 2] && budget > 20000", points: 40 }
  - { id: satisfied, when: satisfaction >= 8, points: 10 }
  - { id: quiet, when: months_quiet > 12, points: -15 }
  - { id: referrals, points: "min(20, referrals * 4)" }
  - { id: public, when: 'segment == "public"', points: 5 }
  - { id: vip, when: vip, points: 20 }
score: { base: 20, min: 0, max: 100 }
levels:
  high:   { from: 70, not_before: 2 months, review_every: 4 months, at_latest: 6 months }
  medium: { from: 45, not_before: 5 months, review_every: 8 months, at_latest: 10 months }
  low:    { from: 0, not_before: 9 months, review_every: 11 months, at_latest: 12 months }
...
"""


class Place:
    """A folder with a configuration, its tables and the daemon's state."""

    def __init__(self, folder, build, accounts, is_kept):
        self.folder, self.build, self.accounts = folder, build, accounts
        self.socket = folder / "control.sock"
        if is_kept:
            return
        (folder / "rules").mkdir(parents=True)
        (folder / "reviewd.yaml").write_text(CONFIGURATION)
        (folder / "rules" / "scoring.yaml").write_text(RULES)
        self.write_tables()

    def write_tables(self):
        draw = random.Random(7)
        owners = max(1, self.accounts // ACCOUNTS_OF_ONE_OWNER)
        with open(self.folder / "people.csv", "w") as file:
            file.write("key,name,email\n")
            file.writelines(f"p{n},Person {n},p{n}@reviews.example\n" for n in range(owners))
        with open(self.folder / "accounts.csv", "w") as file:
            file.write("key,name,owner,segment,budget,vip,satisfaction,referrals,months_quiet,products\n")
            file.writelines(
                f"a{n},Account {n},p{n % owners},{draw.choice(('public', 'trade', 'industry'))},"
                f"{draw.randrange(60000)},{draw.random() < 0.02},{draw.randrange(11)},{draw.randrange(6)},"
                f"{draw.randrange(30)},{draw.randrange(8)}\n"
                for n in range(self.accounts)
            )

    def command(self, *arguments):
        return [self.build / "bin" / "reviewd", "--config", self.folder / "reviewd.yaml", "--state",
                self.folder / "state", "--socket", self.socket, *arguments]

    def first_pass(self):
        begun = time.monotonic()
        with open(self.folder / "once.log", "w") as log:
            done = subprocess.run(self.command("--once"), stdout=log, stderr=log, timeout=PATIENCE_SECONDS)
        if done.returncode not in (0, 75):
            sys.exit(f"service_bench.py: the first pass ended with {done.returncode}; see {log.name}")
        return time.monotonic() - begun


class Daemon:
    """A running reviewd, ready, and how long it took to be."""

    def __init__(self, place):
        self.place = place
        path = str(place.folder / "notify.sock")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(PATIENCE_SECONDS)
            begun = time.monotonic()
            self.log = open(place.folder / "daemon.log", "a")
            self.process = subprocess.Popen(
                place.command(), stdout=self.log, stderr=self.log, env={**os.environ, "NOTIFY_SOCKET": path}
            )
            while "READY=1" not in manager.recv(65536).decode().split("\n"):
                pass
            self.seconds = time.monotonic() - begun

    def memory_mib(self, field="VmRSS", file="status"):
        text = pathlib.Path(f"/proc/{self.process.pid}/{file}").read_text()
        return int(text.split(f"{field}:")[1].split()[0]) / 1024

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wait_until_quiet(self):
        """@returns the last moment at which the daemon did more than look around"""
        last, busy = time.monotonic(), self.processor_seconds()
        while time.monotonic() - last < STILL_SECONDS:
            time.sleep(0.05)
            now = self.processor_seconds()
            if now - busy > 0.01:
                last, busy = time.monotonic(), now
        return last

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(timeout=PATIENCE_SECONDS)
        self.log.close()


class Asker(threading.Thread):
    """Asks the daemon a small thing again and again, and remembers the longest wait."""

    def __init__(self, path):
        super().__init__()
        self.path, self.waits, self.is_over = path, [], threading.Event()

    def run(self):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(self.path))
            lines = link.makefile("rw")
            while not self.is_over.is_set():
                begun = time.monotonic()
                lines.write(json.dumps({"command": "notifier.list", "arguments": {}}) + "\n")
                lines.flush()
                lines.readline()
                self.waits.append(time.monotonic() - begun)
                time.sleep(0.002)

    def end(self):
        self.is_over.set()
        self.join()
        ordered = sorted(self.waits)
        return ordered[-1] * 1000, ordered[int(len(ordered) * 0.99)] * 1000


def measure_quiet(place):
    asker = Asker(place.socket)
    asker.start()
    time.sleep(QUIET_SECONDS)
    longest, usual = asker.end()
    print(f"  without a backup: longest wait of {len(asker.waits)} commands {longest:.0f} ms, "
          f"99 of 100 below {usual:.1f} ms", flush=True)


def measure_backup(place):
    asker = Asker(place.socket)
    asker.start()
    (place.folder / "backups").mkdir(exist_ok=True)
    begun = time.monotonic()
    done = subprocess.run(
        [place.build / "bin" / "reviewctl", "--socket", place.socket, "--json", "backup", place.folder / "backups"],
        capture_output=True, text=True, timeout=PATIENCE_SECONDS,
    )
    seconds = time.monotonic() - begun
    longest, usual = asker.end()
    if done.returncode != 0:
        sys.exit(f"service_bench.py: the backup failed: {done.stderr}")
    size = json.loads(done.stdout)["bytes"] / 1024 / 1024
    print(f"  backup: {size:.0f} MiB in {seconds:.1f} s; longest wait of {len(asker.waits)} commands meanwhile "
          f"{longest:.0f} ms{judged('longest wait', place.accounts, longest)}, 99 of 100 below {usual:.1f} ms",
          flush=True)


def measure_import(place, daemon):
    """Three changed rows, and what the daemon does because of them."""
    path = place.folder / "accounts.csv"
    lines = path.read_text().splitlines(keepends=True)
    for n in (len(lines) // 4, len(lines) // 2, len(lines) - 1):
        fields = lines[n].split(",")
        fields[4] = str(int(fields[4]) + 1)
        lines[n] = ",".join(fields)
    fresh = path.with_suffix(".new")
    fresh.write_text("".join(lines))
    fresh.rename(path)
    busy, begun = daemon.processor_seconds(), time.monotonic()
    done = subprocess.run(
        [place.build / "bin" / "reviewctl", "--socket", place.socket, "import", "accounts"],
        capture_output=True, text=True, timeout=PATIENCE_SECONDS,
    )
    if done.returncode != 0:
        sys.exit(f"service_bench.py: the import failed: {done.stderr}")
    read = time.monotonic() - begun
    seconds = daemon.wait_until_quiet() - begun
    print(f"  import of three changed rows: read in {read:.1f} s, all followed after {seconds:.1f} s, "
          f"{daemon.processor_seconds() - busy:.1f} s of processor time", flush=True)


def measure(place, rounds, is_kept):
    print(f"{place.accounts} accounts", flush=True)
    if not is_kept:
        print(f"  first pass (import, scores, plan): {place.first_pass():.1f} s", flush=True)
    starts, restarts, memory, shares, anonymous, peaks = [], [], [], [], [], []
    for _ in range(rounds):
        daemon = Daemon(place)
        starts.append(daemon.seconds)
        time.sleep(QUIET_SECONDS)
        memory.append(daemon.memory_mib())
        shares.append(daemon.memory_mib("Pss", "smaps_rollup"))
        anonymous.append(daemon.memory_mib("RssAnon"))
        peaks.append(daemon.memory_mib("VmHWM"))
        begun = time.monotonic()
        daemon.end(signal.SIGKILL)
        daemon = Daemon(place)
        restarts.append(time.monotonic() - begun)
        daemon.end()
    middle = statistics.median
    for what, seconds in (("start to READY", starts), ("kill -9 to READY", restarts)):
        print(f"  {what}: {middle(seconds):.2f} s (longest {max(seconds):.2f})"
              f"{judged(what, place.accounts, middle(seconds))}")
    print(f"  resident memory idle: {middle(memory):.1f} MiB"
          f"{judged('resident memory idle', place.accounts, middle(memory))}, of it its own share (PSS) "
          f"{middle(shares):.1f}, without a file behind it {middle(anonymous):.1f}; peak {max(peaks):.0f} MiB",
          flush=True)
    daemon = Daemon(place)
    measure_quiet(place)
    measure_backup(place)
    for _ in range(2):  # the first one after a start may find work that the start left
        measure_import(place, daemon)
    print(f"  open descriptors: {daemon.descriptors()}, "
          f"log of the database: {(place.folder / 'state' / 'reviewd.db-wal').stat().st_size / 1024 / 1024:.1f} MiB")
    daemon.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parents[1] / "build" / "release")
    parser.add_argument("--accounts", default="0,100000,1000000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=pathlib.Path, help="work in this folder and leave the files there")
    parser.add_argument("--reuse", action="store_true", help="with --keep: take what stands there, no first pass")
    options = parser.parse_args()
    for number in (int(each) for each in options.accounts.split(",")):
        with contextlib.ExitStack() as stack:
            folder = options.keep or pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
            place = (folder / str(number)).resolve()
            is_kept = options.reuse and place.exists()
            measure(Place(place, options.build.resolve(), number, is_kept), options.rounds, is_kept)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()

"""Starts the real binaries in a directory of their own: reviewd, reviewctl, and the mail and web sinks."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import unittest

import answers

SOURCE = pathlib.Path(os.environ.get("REVIEWD_SOURCE", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("REVIEWD_BUILD", SOURCE / "build" / "dev"))
SHARED = pathlib.Path(os.environ.get("REVIEWD_SHARED", SOURCE.parent / "shared"))
REVIEWD = BUILD / "bin" / "reviewd"
REVIEWCTL = BUILD / "bin" / "reviewctl"
PATIENCE_SECONDS = 120


class Sink:
    """A mail or web receiver on a loopback port that it chose itself; what it accepted is one JSON line each."""

    def __init__(self, program, directory):
        self.log = directory / f"{program}.jsonl"
        self.process = subprocess.Popen(
            [find_tool(program), "--output", str(self.log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = json.loads(self.process.stdout.readline())["port"]

    def accepted(self):
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text().splitlines() if line]

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=PATIENCE_SECONDS)
        self.process.stdout.close()


def read_database(file):
    """A connection that closes with its `with` block: one that stays open is in the way of the next daemon."""
    return contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find_tool(name):
    for folder in (BUILD / "bin", BUILD / "tests" / "support"):
        if (folder / name).exists():
            return str(folder / name)
    raise FileNotFoundError(name)


class Story(unittest.TestCase):
    """One test directory with a configuration in it; everything that was started ends with the test."""

    maxDiff = None

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="reviewd-e2e-"))
        self.state = self.directory / "state"
        self.state.mkdir(mode=0o700)
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.answers = answers.Checker()

    def sink(self, program):
        sink = Sink(program, self.directory)
        self.addCleanup(sink.close)
        return sink

    def write(self, name, text):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def database(self):
        return self.state / "reviewd.db"

    def rows(self, sql, *parameters):
        """What the database says while no daemon has it open."""
        with read_database(self.database()) as connection:
            return connection.execute(sql, parameters).fetchall()

    def reviewd(self, configuration, *arguments, state=None, environment=None, check=True):
        """Runs `reviewd` until it ends."""
        state = state or self.state
        done = subprocess.run(
            [REVIEWD, "--config", configuration, "--state", state, "--socket", state / "control.sock", *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            env={**os.environ, **(environment or {})},
        )
        if check:
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done

    def start_reviewd(self, configuration, *arguments, state=None, environment=None):
        """Starts `reviewd` and returns the process; it is killed at the end of the test if it still runs."""
        state = state or self.state
        process = subprocess.Popen(
            [REVIEWD, "--config", configuration, "--state", state, "--socket", state / "control.sock", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self.addCleanup(self._end, process)
        return process

    @staticmethod
    def _end(process):
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=PATIENCE_SECONDS)
        process.stdout.close()

    def reviewctl(self, *arguments, environment=None, check=True):
        done = subprocess.run(
            [REVIEWCTL, *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            env={**os.environ, **(environment or {})},
        )
        if check:
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        command = answers.command_of(arguments)
        if "--json" in arguments and command is not None and done.stdout:
            self.answers.check(command, json.loads(done.stdout))
            self.assertEqual(self.answers.problems, [], f"{arguments}: not as the manual says")
        return done

    def offline(self, *arguments, configuration, now, environment=None, check=True):
        """A command on the database of a daemon that has ended."""
        where = ["--config", str(configuration), "--offline", "--state", str(self.state), "--now", now]
        return self.reviewctl(*where, *arguments, environment=environment, check=check)

    def offline_json(self, *arguments, configuration, now):
        return json.loads(self.offline("--json", *arguments, configuration=configuration, now=now).stdout)

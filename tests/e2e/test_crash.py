"""kill -9 anywhere, start again: the same end, no reminder lost, none doubled but those in flight."""

import contextlib
import email
import http.server
import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

import portfolio
from crash import WIDE_STRIDE, CrashStory, Interrupted, following
from harness import PATIENCE_SECONDS, SHARED, SOURCE, read_database
from pipeline import crm_configuration


class Receiver(http.server.ThreadingHTTPServer):
    """A web receiver on loopback that keeps the identities of what it got, and may fall silent."""

    daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            if len(self.rfile.read(length)) < length:
                return  # the sender ended before it had said all
            self.server.received.append(self.headers["Webhook-Id"])
            self.server.got_one.set()
            if self.server.is_silent:
                self.server.may_end.wait()
                return
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.received = []
        self.got_one = threading.Event()
        self.may_end = threading.Event()
        self.is_silent = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.may_end.set()
        self.shutdown()
        self.server_close()


class Crash(CrashStory):
    def test_first_pass(self):
        """kill -9 throughout the writes of the first pass ends in the same state [F1]"""
        portfolio.write_tables(self, portfolio.NAMES[:3])
        configuration = portfolio.write_configuration(self)
        self.crash_everywhere(
            operation=lambda env: self.reviewd(configuration, "--once", "--now", "2026-11-19", environment=env, check=False),
            finish=lambda: self.finish_on(configuration, "2026-11-19", "2026-11-20"),
        )

    def test_reminding(self):
        """kill -9 throughout the writes of a day with reminders ends in the same state [F1] [F2]"""
        portfolio.write_tables(self, portfolio.NAMES[:3])
        configuration = portfolio.write_configuration(self)
        day = self.first_day_with_reminders(configuration)
        self.crash_everywhere(
            operation=lambda env: self.reviewd(configuration, "--once", "--now", day, environment=env, check=False),
            finish=lambda: self.finish_on(configuration, day, following(day)),
        )

    def test_changed_import(self):
        """kill -9 throughout the writes of an import that changes, adds and retires rows ends in the same state [F1]"""
        configuration = portfolio.write_configuration(self)
        before = portfolio.NAMES[:8]
        after = [("hartley", "Hartley Print & Sons"), *portfolio.NAMES[1:7], portfolio.NAMES[9]]

        def prepare():
            portfolio.write_tables(self, before)
            self.reviewd(configuration, "--once", "--now", "2026-11-20")
            portfolio.write_tables(self, after)

        self.crash_everywhere(
            prepare=prepare,
            operation=lambda env: self.reviewd(configuration, "--once", "--now", "2026-11-23", environment=env, check=False),
            finish=lambda: self.finish_on(configuration, "2026-11-23", "2026-11-24"),
        )

    def test_changed_rules(self):
        """kill -9 throughout the writes of a start with other rules ends in the same state [F1]"""
        portfolio.write_tables(self, portfolio.NAMES[:3])
        configuration = portfolio.write_configuration(self)

        def prepare():
            self.reviewd(configuration, "--once", "--now", "2026-11-20")
            self.write("rules/scoring.yaml", portfolio.RULES.replace("base: 20", "base: 21"))

        self.crash_everywhere(
            prepare=prepare,
            operation=lambda env: self.reviewd(configuration, "--once", "--now", "2026-11-20", environment=env, check=False),
            finish=lambda: self.finish_on(configuration, "2026-11-20", "2026-11-23"),
        )
        self.assertEqual(self.rows("SELECT count(*) FROM rules_versions"), [(2,)])

    def test_recovery(self):
        """kill -9 throughout the writes of a start that finds messages in flight sends each again, once [F1] [F2] [I3]"""
        portfolio.write_tables(self, portfolio.NAMES[:3])
        receiver = Receiver()
        self.addCleanup(receiver.close)
        configuration = portfolio.write_configuration(self, web_port=receiver.server_port)
        day = self.first_day_with_reminders(configuration)
        receiver.is_silent = True
        process = self.start_reviewd(configuration, "--once", "--now", day)
        self.assertTrue(receiver.got_one.wait(PATIENCE_SECONDS), "nothing was sent")
        process.kill()
        process.wait(timeout=PATIENCE_SECONDS)
        receiver.is_silent = False
        in_flight = list(receiver.received)
        self.assertEqual(self.rows("SELECT DISTINCT phase FROM deliveries WHERE state = 'sending'"), [("commit",)])

        def start(environment):
            receiver.received[:] = in_flight
            return self.reviewd(configuration, "--once", "--now", day, environment=environment, check=False)

        def finish():
            self.finish_on(configuration, day, following(day))
            self.check_receipts("hook", receiver.received)
            states = self.rows("SELECT DISTINCT state FROM deliveries WHERE channel = 'hook'")
            self.assertEqual(states, [("accepted",)])
            for key in in_flight:
                self.assertGreaterEqual(receiver.received.count(key), 2, f"{key} may never have been received")

        self.crash_everywhere(operation=start, finish=finish)

    def test_upgrade(self):
        """kill -9 throughout the writes of an upgrade loses nothing, not even the copy of the old database [F1] [F51]"""
        portfolio.write_tables(self, portfolio.NAMES[:3])
        configuration = portfolio.write_configuration(self)
        day = self.first_day_with_reminders(configuration)
        version = 8
        accounts = self.rows("SELECT key FROM accounts ORDER BY key")
        reviews = self.rows("SELECT id, account_id, due FROM reviews ORDER BY id")
        self.make_older(version)
        copy = self.state / f"before-upgrade-from-{version}.db"

        def finish():
            self.finish_on(configuration, day, following(day))
            names = sorted(path.name for path in self.state.glob("before-upgrade*"))
            self.assertEqual(names, [copy.name])
            with read_database(copy) as old:
                self.assertEqual(old.execute("PRAGMA user_version").fetchall(), [(version,)])
                self.assertEqual(old.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
                self.assertEqual(old.execute("SELECT key FROM accounts ORDER BY key").fetchall(), accounts)
                self.assertEqual(old.execute("SELECT id, account_id, due FROM reviews ORDER BY id").fetchall(), reviews)

        self.crash_everywhere(
            operation=lambda env: self.reviewd(configuration, "--once", "--now", day, environment=env, check=False),
            finish=finish,
            stride=WIDE_STRIDE,
        )
        self.assertEqual(self.rows("PRAGMA user_version"), [(len(schema_files()),)])

    def make_older(self, version):
        """Writes the database as an earlier release would have it, with all that this had a place for."""
        older = self.directory / "older.db"
        with contextlib.closing(sqlite3.connect(older)) as database:
            database.execute("PRAGMA page_size = 8192")
            database.execute("PRAGMA auto_vacuum = INCREMENTAL")
            for file in schema_files()[:version]:
                database.executescript(file.read_text(encoding="utf-8"))
            database.execute("ATTACH ? AS newer", (str(self.database()),))
            (number,) = database.execute("PRAGMA newer.application_id").fetchone()
            for (table,) in database.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall():
                newer = {row[1] for row in database.execute(f"PRAGMA newer.table_info({table})")}
                older_columns = [row[1] for row in database.execute(f"PRAGMA main.table_info({table})")]
                columns = ", ".join(column for column in older_columns if column in newer)
                if columns:
                    rows = f"SELECT {columns} FROM newer.{table}"
                    database.execute(f"INSERT OR REPLACE INTO main.{table} ({columns}) {rows}")
            database.commit()
            database.execute(f"PRAGMA main.application_id = {number}")
            database.execute(f"PRAGMA main.user_version = {version}")
            database.commit()
            database.execute("DETACH newer")
            database.execute("PRAGMA journal_mode = WAL")
        self.reset()
        older.replace(self.database())
        self.database().chmod(0o600)


def schema_files():
    return sorted((SOURCE / "daemon" / "store" / "schema").glob("*.sql"))


class RandomKills(Interrupted):
    """The real signal at moments that nobody chose; how many is in REVIEWD_KILLS."""

    kills = int(os.environ.get("REVIEWD_KILLS", "20"))
    days = [f"2018-01-{day:02}" for day in range(2, 32)]

    @unittest.skipUnless((SHARED / "crm").is_dir(), "the pipeline's files are not there")
    def test_crm(self):
        """SIGKILL at random moments of the pipeline's run ends in the same state, and doubles only what was in flight [F2]"""
        mail = self.sink("smtp_sink")
        configuration = crm_configuration(self, mail.port)
        arguments = ["--data", str(SHARED / "crm"), "--once"]
        begin = time.monotonic()
        self.reviewd(configuration, *arguments, "--now", self.days[0])
        first_day = time.monotonic() - begin
        for day in [*self.days[1:], "2018-02-01"]:
            self.reviewd(configuration, *arguments, "--now", day)
        expected = {name: rows for name, rows in self.end_state().items() if name != "deliveries"}
        chance = random.Random(20261120)
        killed = 0
        while killed < self.kills:
            self.reset()
            seen = len(mail.accepted())
            longest = first_day
            for number, day in enumerate(self.days):
                if killed < self.kills:
                    # The first day reads everything; the later ones are short.
                    killed += self.kill_once(configuration, [*arguments, "--now", day], chance.uniform(0, longest))
                again = self.reviewd(configuration, *arguments, "--now", day, check=False)
                self.assertIn(again.returncode, (0, 75), again.stdout + again.stderr)
                longest = max(longest / 4, 0.2) if number == 0 else longest
            self.reviewd(configuration, *arguments, "--now", "2018-02-01")
            self.check(mail.accepted()[seen:])
            found = self.end_state()
            for name, rows in expected.items():
                self.assertEqual(found[name], rows, f"{name}, after {killed} kills")
        print(f"{killed} kills")

    def kill_once(self, configuration, arguments, patience):
        """@returns 1 if the process was killed, 0 if it had ended by then"""
        process = self.start_reviewd(configuration, *arguments)
        try:
            process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.communicate(timeout=PATIENCE_SECONDS)
            return 1
        return 0

    def check(self, mails):
        self.assertEqual(self.rows("PRAGMA integrity_check"), [("ok",)])
        counts = {}
        for mail in mails:
            identity = email.message_from_string(mail["content"])["Message-ID"]
            counts[identity] = counts.get(identity, 0) + 1
        kept = self.rows(
            "SELECT m.message_id, d.state, d.attempts,"
            " (SELECT count(*) FROM delivery_attempts a WHERE a.delivery_id = d.id AND a.phase = 'commit')"
            " FROM deliveries d JOIN messages m ON m.delivery_id = d.id"
        )
        self.assertEqual({state for _, state, _, _ in kept}, {"accepted"})
        for identity, _, _, committed in kept:
            self.assertGreaterEqual(counts.get(identity, 0), 1, f"{identity} was lost")
            self.assertLessEqual(counts[identity], committed, f"{identity} was doubled without a reason")
        self.assertEqual(set(counts) - {identity for identity, *_ in kept}, set(), "mail that nobody planned")
        open_reviews = self.rows(
            "SELECT count(*), count(DISTINCT account_id) FROM reviews WHERE state IN ('planned', 'invited', 'appointment')"
        )
        self.assertEqual(open_reviews, [(85, 85)])

"""kill -9 anywhere, start again: the same end, no reminder lost, none doubled but those in flight."""

import os
import random
import shutil
import signal
import subprocess
import time
import unittest

import portfolio
from harness import BUILD, PATIENCE_SECONDS, REVIEWCTL, SHARED, SOURCE, Story

CRASHED = -signal.SIGKILL
TABLES = {
    # What must be equal after any crash: everything a person would notice, nothing that only says when or how often.
    "accounts": "SELECT key, name, owner_id, retired, budget FROM accounts ORDER BY key",
    "scores": "SELECT account_id, points, level, level_since FROM account_scores ORDER BY account_id",
    "reviews": "SELECT account_id, owner_id, state, occurrence, earliest, target, due, latest, level FROM reviews"
    " ORDER BY account_id, occurrence",
    "reminders": "SELECT key, is_cancelled FROM reminders ORDER BY key",
    "deliveries": "SELECT channel, person_id, digest, state FROM deliveries ORDER BY channel, person_id, digest",
}


def fault(plan):
    """The environment in which the real program runs on a disk that fails as planned."""
    return {
        "LD_PRELOAD": str(BUILD / "lib" / "libreviewd_crash_preload.so"),
        "REVIEWD_CRASH_AT": plan,
        "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0",
    }


class Crash(Story):
    def end_state(self):
        return {name: self.rows(sql) for name, sql in TABLES.items()}

    def reset(self):
        for file in self.state.iterdir():
            file.unlink()

    def check_integrity(self):
        self.assertEqual(self.rows("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.rows("PRAGMA foreign_key_check"), [])

    def crash_everywhere(self, prepare, operation, finish, kind="crash"):
        """Runs `operation` and dies at its 1st, 2nd, … write, until it gets through; then compares."""
        self.reset()
        prepare()
        operation({})
        finish()
        expected = self.end_state()
        deaths = 0
        for write in range(1, 2000):
            self.reset()
            prepare()
            done = operation(fault(f"{kind}:{write}"))
            if done.returncode == 0:
                self.assertGreater(deaths, 5, "the injected crashes never happened")
                return deaths
            self.assertEqual(done.returncode, CRASHED, f"write {write}: {done.stdout}{done.stderr}")
            deaths += 1
            finish()
            self.check_integrity()
            self.assertEqual(self.end_state(), expected, f"after a crash at write {write}")
        self.fail("the operation never got through")

    def test_first_pass(self):
        """kill -9 at every write of the first pass ends in the same state [F1]"""
        portfolio.write_tables(self, portfolio.NAMES[:3])
        configuration = portfolio.write_configuration(self)
        self.crash_everywhere(
            prepare=lambda: None,
            operation=lambda env: self.reviewd(configuration, "--once", "--now", "2026-11-20", environment=env, check=False),
            finish=lambda: self.reviewd(configuration, "--once", "--now", "2026-11-20"),
        )

    def test_reminding(self):
        """kill -9 at every write of a day with reminders ends in the same state [F1] [F2]"""
        portfolio.write_tables(self, portfolio.NAMES[:3])
        configuration = portfolio.write_configuration(self)
        day = self.first_day_with_reminders(configuration)

        def prepare():
            self.reviewd(configuration, "--once", "--now", "2026-11-20")

        self.crash_everywhere(
            prepare=prepare,
            operation=lambda env: self.reviewd(configuration, "--once", "--now", day, environment=env, check=False),
            finish=lambda: self.reviewd(configuration, "--once", "--now", day),
        )

    def test_changed_import(self):
        """kill -9 at every write of an import that changes, adds and retires rows ends in the same state [F1]"""
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
            finish=lambda: self.reviewd(configuration, "--once", "--now", "2026-11-23"),
        )

    def test_outcome(self):
        """kill -9 at every write of `review done` leaves it wholly done or wholly open [F1] [I17]"""
        portfolio.write_tables(self, portfolio.NAMES[:3])
        configuration = portfolio.write_configuration(self)
        where = ["--config", configuration, "--offline", "--state", self.state, "--now", "2026-11-23"]

        def done(environment):
            return subprocess.run(
                [REVIEWCTL, *where, "review", "done", "1", "--note", "went well"],
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                env={**os.environ, **environment},
            )

        def finish():
            if self.rows("SELECT state FROM reviews WHERE id = 1") != [("done",)]:
                self.assertEqual(done({}).returncode, 0)

        self.crash_everywhere(
            prepare=lambda: self.reviewd(configuration, "--once", "--now", "2026-11-20"),
            operation=done,
            finish=finish,
        )

    def first_day_with_reminders(self, configuration):
        self.reviewd(configuration, "--once", "--now", "2026-11-20")
        (day,) = self.rows("SELECT date(min(next_step) * 86400, 'unixepoch') FROM reviews WHERE next_step IS NOT NULL")[0]
        return max(day, "2026-11-23")


class RandomKills(Story):
    """The real signal at moments that nobody chose; how many is in REVIEWD_KILLS."""

    kills = int(os.environ.get("REVIEWD_KILLS", "20"))

    @unittest.skipUnless((SHARED / "crm").is_dir(), "the pipeline's files are not there")
    def test_crm(self):
        """SIGKILL at random moments of the pipeline's run loses nothing and doubles only what was in flight [F2]"""
        mail = self.sink("smtp_sink")
        configuration = self.crm_configuration(mail.port)
        arguments = ["--data", str(SHARED / "crm"), "--once"]
        chance = random.Random(20261120)
        days = ["2018-01-02", *(f"2018-01-{day:02}" for day in range(3, 32))]
        duration = self.measure(configuration, arguments, days)
        killed = 0
        day = 0
        while killed < self.kills:
            today = days[day % len(days)]
            if day % len(days) == 0:
                for file in self.state.iterdir():
                    file.unlink()
            process = self.start_reviewd(configuration, *arguments, "--now", today)
            try:
                process.wait(timeout=chance.uniform(0, duration))
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.wait(timeout=PATIENCE_SECONDS)
                killed += 1
            self.reviewd(configuration, *arguments, "--now", today)
            self.assertEqual(self.rows("PRAGMA integrity_check"), [("ok",)])
            day += 1
        self.assertEqual(
            self.rows("SELECT count(*) FROM deliveries WHERE state IN ('sending', 'uncertain')"), [(0,)]
        )

    def crm_configuration(self, port):
        folder = self.directory / "crm"
        shutil.copytree(SOURCE / "config" / "example" / "crm", folder)
        self.write(
            "crm/conf.d/90-test.yaml",
            "people: { defaults: { channels: [mail] } }\n"
            f"channels:\n  mail: {{ type: smtp, host: 127.0.0.1, port: {port}, tls: none, "
            "from: reviews@reviews.example }\n",
        )
        return folder / "reviewd.yaml"

    def measure(self, configuration, arguments, days):
        begin = time.monotonic()
        self.reviewd(configuration, *arguments, "--now", days[0])
        return time.monotonic() - begin

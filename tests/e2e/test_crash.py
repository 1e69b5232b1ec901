"""kill -9 anywhere, start again: the same end, no reminder lost, none doubled but those in flight."""

import collections
import datetime
import email
import os
import random
import resource
import signal
import subprocess
import time
import unittest

import portfolio
from harness import BUILD, PATIENCE_SECONDS, REVIEWCTL, REVIEWD, SHARED, Story
from pipeline import crm_configuration

CRASHED = -signal.SIGKILL
# 1 dies at every write and takes about ten minutes; more leaves writes out between.
STRIDE = int(os.environ.get("REVIEWD_CRASH_STRIDE", "7"))
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


def following(day):
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days=1)).isoformat()


class Interrupted(Story):
    """What every story of interruptions needs."""

    def end_state(self):
        return {name: self.rows(sql) for name, sql in TABLES.items()}

    def reset(self):
        for file in self.state.iterdir():
            file.unlink()

    def check_integrity(self):
        self.assertEqual(self.rows("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.rows("PRAGMA foreign_key_check"), [])


class Crash(Interrupted):

    def finish_on(self, configuration, day, next_day):
        """Starts again on that day; what was in flight waits a few minutes, so the next day ends it."""
        again = self.reviewd(configuration, "--once", "--now", day, check=False)
        self.assertIn(again.returncode, (0, 75), again.stdout + again.stderr)
        self.reviewd(configuration, "--once", "--now", next_day)

    def crash_everywhere(self, prepare, operation, finish, kind="crash", stride=STRIDE):
        """Runs `operation` and dies at its 1st, 2nd, … write, until it gets through; then compares."""
        self.reset()
        prepare()
        operation({})
        finish()
        expected = self.end_state()
        deaths = 0
        for write in range(1, 3000, stride):
            self.reset()
            prepare()
            done = operation(fault(f"{kind}:{write}"))
            if done.returncode == 0:
                self.assertGreater(deaths * stride, 20, "the injected crashes never happened")
                return deaths
            self.assertEqual(done.returncode, CRASHED, f"write {write}: {done.stdout}{done.stderr}")
            deaths += 1
            finish()
            self.check_integrity()
            self.assertEqual(self.end_state(), expected, f"after a crash at write {write}")
        self.fail("the operation never got through")

    def test_first_pass(self):
        """kill -9 throughout the writes of the first pass ends in the same state [F1]"""
        portfolio.write_tables(self, portfolio.NAMES[:3])
        configuration = portfolio.write_configuration(self)
        self.crash_everywhere(
            prepare=lambda: None,
            operation=lambda env: self.reviewd(configuration, "--once", "--now", "2026-11-19", environment=env, check=False),
            finish=lambda: self.finish_on(configuration, "2026-11-19", "2026-11-20"),
        )

    def test_reminding(self):
        """kill -9 throughout the writes of a day with reminders ends in the same state [F1] [F2]"""
        portfolio.write_tables(self, portfolio.NAMES[:3])
        configuration = portfolio.write_configuration(self)
        day = self.first_day_with_reminders(configuration)

        def prepare():
            self.reviewd(configuration, "--once", "--now", "2026-11-20")

        self.crash_everywhere(
            prepare=prepare,
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

    def crash_command(self, command, is_done, names=portfolio.NAMES[:3], stride=1):
        """Dies at the writes of one command; it is wholly done or wholly not, and giving it again ends the same."""
        portfolio.write_tables(self, names)
        configuration = portfolio.write_configuration(self)
        where = ["--config", configuration, "--offline", "--state", self.state, "--now", "2026-11-23"]

        def run(environment):
            return subprocess.run(
                [REVIEWCTL, *where, *command],
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                env={**os.environ, **environment},
            )

        def finish():
            if not is_done():
                again = run({})
                self.assertEqual(again.returncode, 0, again.stderr)
            self.reviewd(configuration, "--once", "--now", "2026-11-24")

        self.crash_everywhere(
            prepare=lambda: self.reviewd(configuration, "--once", "--now", "2026-11-20"),
            operation=run,
            finish=finish,
            stride=stride,
        )

    def test_publication(self):
        """kill -9 throughout the writes of `rules publish` leaves one version in force, or the other [F1]"""
        portfolio.write_tables(self, portfolio.NAMES[:3])
        configuration = portfolio.write_configuration(self)
        self.write("conf.d/50-rules.yaml", "---\nrules: { authority: published }\n...\n")
        draft = self.write("draft/scoring.yaml", portfolio.RULES.replace("base: 20", "base: 30"))
        where = ["--config", configuration, "--offline", "--state", self.state, "--now", "2026-11-20"]

        def publish(environment):
            return subprocess.run(
                [REVIEWCTL, *where, "rules", "publish", draft, "--note", "more"],
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                env={**os.environ, **environment},
            )

        def finish():
            self.reviewd(configuration, "--once", "--now", "2026-11-20")
            if self.rows("SELECT id FROM rules_versions WHERE is_active = 1") == [(1,)]:
                self.assertEqual(publish({}).returncode, 0)
            self.assertEqual(self.rows("SELECT count(*) FROM rules_candidate"), [(0,)])
            self.assertEqual(self.rows("SELECT DISTINCT rules_version_id FROM account_scores"), [(2,)])

        self.crash_everywhere(
            prepare=lambda: self.reviewd(configuration, "--once", "--now", "2026-11-20"),
            operation=publish,
            finish=finish,
            stride=3,
        )

    def test_outcome(self):
        """kill -9 throughout the writes of `review done` leaves it wholly done or wholly open [F1] [I17]"""
        self.crash_command(
            ["review", "done", "1", "--note", "went well"],
            lambda: self.rows("SELECT state FROM reviews WHERE id = 1") == [("done",)],
        )

    def test_contact(self):
        """kill -9 throughout the writes of `contact` logs it once or not at all [F1] [I17]"""
        self.crash_command(
            ["contact", "hartley", "--note", "all is well"],
            lambda: self.rows("SELECT count(*) FROM logged_contacts") == [(1,)],
        )

    def test_reassign(self):
        """kill -9 throughout the writes of `review reassign` moves all accounts or none [F1] [I17]"""
        self.crash_command(
            ["review", "reassign", "--from", "jo", "--to", "ana"],
            lambda: self.rows("SELECT count(*) FROM handovers") == [(2,)],
        )

    def test_merge(self):
        """kill -9 throughout the writes of `account merge` merges wholly or not at all [F1] [I17]"""
        self.crash_command(
            ["account", "merge", "hartley", "orbis"],
            lambda: self.rows("SELECT count(*) FROM accounts WHERE merged_into IS NOT NULL") == [(1,)],
        )

    def test_small_commands(self):
        """kill -9 throughout the writes of each small command leaves it wholly done or wholly not [F1] [I17]"""
        state = "SELECT state FROM reviews WHERE id = 1"
        trail = "SELECT count(*) FROM review_events WHERE review_id = 1 AND what = ?"
        commands = (
            (["review", "invite", "1"], lambda: self.rows(state) == [("invited",)]),
            (["review", "appoint", "1", "2026-12-08"], lambda: self.rows(state) == [("appointment",)]),
            (["review", "skip", "1", "--because", "closed"], lambda: self.rows(state) == [("skipped",)]),
            (["review", "snooze", "1", "2026-12-01"], lambda: self.rows(trail, "snoozed") == [(1,)]),
            (["review", "reschedule", "1", "2026-12-09"], lambda: self.rows(trail, "rescheduled") == [(1,)]),
            (["review", "attempt", "1", "no-answer"], lambda: self.rows(trail, "attempt") == [(1,)]),
            (["leave", "add", "jo", "--from", "2026-12-01"], lambda: self.rows("SELECT count(*) FROM leaves") == [(1,)]),
            (
                ["override", "hartley", "low", "--until", "2027-01-31", "--because", "asked"],
                lambda: self.rows("SELECT count(*) FROM overrides") == [(1,)],
            ),
        )
        for command, is_done in commands:
            with self.subTest(command=" ".join(command)):
                self.crash_command(command, is_done, stride=STRIDE)

    def first_day_with_reminders(self, configuration):
        self.reviewd(configuration, "--once", "--now", "2026-11-20")
        (day,) = self.rows("SELECT date(min(next_step) * 86400, 'unixepoch') FROM reviews WHERE next_step IS NOT NULL")[0]
        return max(day, "2026-11-23")


class TroubledDay(Interrupted):
    """A day with reminders in the middle of which something gives out, and the same day again without trouble."""

    day = "2026-11-23"

    def setUp(self):
        super().setUp()
        portfolio.write_tables(self, portfolio.NAMES[:3])
        self.mail = self.sink("smtp_sink")
        self.configuration = portfolio.write_configuration(self, mail_port=self.mail.port)

    def run_day(self, environment=None):
        return self.reviewd(self.configuration, "--once", "--now", self.day, environment=environment, check=False)

    def prepare(self):
        self.reset()
        self.reviewd(self.configuration, "--once", "--now", "2026-11-20")

    def check_mails(self, mails):
        """Each message came; more than once only if an attempt may have been taken without a record of it."""
        counts = collections.Counter(email.message_from_string(mail["content"])["Message-ID"] for mail in mails)
        kept = self.rows(
            "SELECT m.message_id, d.state, (SELECT count(*) FROM delivery_attempts a"
            " WHERE a.delivery_id = d.id AND a.phase = 'commit')"
            " FROM deliveries d JOIN messages m ON m.delivery_id = d.id WHERE d.state <> 'cancelled'"
        )
        for identity, state, committed in kept:
            self.assertEqual(state, "accepted")
            self.assertGreaterEqual(counts[identity], 1, f"{identity} was lost")
            self.assertLessEqual(counts[identity], committed, f"{identity} was doubled without a reason")
        self.assertEqual(set(counts) - {identity for identity, *_ in kept}, set(), "mail that nobody claimed")

    def fail_everywhere(self, troubled_day, stride, check_end):
        """The day with its 1st, 2nd, … trouble until it gets through, each time followed by days without."""
        self.prepare()
        self.assertEqual(self.run_day().returncode, 0)
        self.reviewd(self.configuration, "--once", "--now", following(self.day))
        expected = self.end_state()
        failures = 0
        for trouble in range(1, 500, stride):
            with self.subTest(trouble=trouble):
                self.prepare()
                seen = len(self.mail.accepted())
                done = troubled_day(trouble)
                if done.returncode == 0:
                    break
                failures += 1
                check_end(done)
                again = self.run_day()
                self.assertIn(again.returncode, (0, 75), again.stdout + again.stderr)
                self.reviewd(self.configuration, "--once", "--now", following(self.day))
                self.check_integrity()
                self.assertEqual(self.end_state(), expected)
                self.check_mails(self.mail.accepted()[seen:])
        else:
            self.fail("the day never got through")
        self.assertGreater(failures, 3, "the trouble never happened")

    def ends_with(self, *codes):
        return lambda done: self.assertIn(done.returncode, codes, done.stdout + done.stderr)


class FailingDisk(TroubledDay):
    """The daemon lives on, or ends by itself, while its disk fails."""

    def fail_disk(self, kind, stride, *codes):
        self.fail_everywhere(
            lambda operation: self.run_day(fault(f"{kind}:{operation}")), stride, self.ends_with(*codes)
        )

    def test_sync(self):
        """a sync that fails anywhere in a day with reminders ends the daemon with 74, and the next start goes on [F8]"""
        self.fail_disk("sync_error", 1, 74)

    def test_read_only(self):
        """a file system that turns read-only ends the daemon with 74, and the next start goes on [F6]"""
        self.fail_disk("read_only", STRIDE, 74)

    def test_full(self):
        """on a disk that is full nothing is sent that was not claimed, and all goes on when there is room [F5] [I16]"""
        self.fail_disk("disk_full", STRIDE, 74, 75)


class FewDescriptors(TroubledDay):
    """The daemon has too few file descriptors for what it is to do."""

    def test_each_number(self):
        """whatever number of descriptors is left, the daemon loses and doubles nothing, and recovers [F49]"""

        def day_with(number):
            socket_file = self.state / "control.sock"
            return subprocess.run(
                [REVIEWD, "--config", self.configuration, "--state", self.state, "--socket", socket_file]
                + ["--once", "--now", self.day],
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (2 + number, 2 + number)),
            )

        # 127: the system's loader found none for the libraries.
        self.fail_everywhere(day_with, 1, self.ends_with(70, 73, 74, 75, 78, 127))


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

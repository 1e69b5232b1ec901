"""The real programs on a disk that dies under them, and what has to be the same whenever it does."""

import datetime
import json
import os
import shutil
import signal

from harness import BUILD, Story, read_database

CRASHED = -signal.SIGKILL
# 1 dies at every write and takes many minutes; more leaves writes out between.
STRIDE = int(os.environ.get("REVIEWD_CRASH_STRIDE", "7"))
# For what writes much, one write like the other.
WIDE_STRIDE = 3 * STRIDE - 2
TABLES = {
    # What must be equal after any crash: everything a person would notice, nothing that only says when or how often.
    "accounts": "SELECT key, name, owner_id, retired, budget, merged_into FROM accounts ORDER BY key",
    "scores": "SELECT account_id, points, level, level_since, rules_version_id FROM account_scores ORDER BY account_id",
    "reviews": "SELECT account_id, owner_id, state, occurrence, earliest, target, due, latest, level, held_on, note"
    " FROM reviews ORDER BY account_id, occurrence, id",
    "reminders": "SELECT key, is_cancelled FROM reminders ORDER BY key",
    "deliveries": "SELECT channel, person_id, kind, digest, state FROM deliveries"
    " ORDER BY channel, person_id, kind, digest, state",
    "promises": "SELECT account_id, promise, due, kept_on FROM promises ORDER BY account_id, promise",
    "attempts": "SELECT account_id, result, a.note FROM contact_attempts AS a JOIN reviews AS r ON r.id = a.review_id"
    " ORDER BY account_id, result",
    "contacts": "SELECT account_id, day, note FROM logged_contacts ORDER BY account_id, day",
    "leaves": "SELECT person, first, last, removed_ms IS NULL FROM leaves ORDER BY person, first",
    "overrides": "SELECT account_id, level, until, ended FROM overrides ORDER BY account_id, since, id",
    "handovers": "SELECT account_id, person FROM handovers ORDER BY account_id",
    "rules": "SELECT id, hash, is_active FROM rules_versions ORDER BY id",
    "waiting rules": "SELECT rules_version_id, is_held FROM rules_candidate",
    "inbox": "SELECT delivery_id FROM inbox_reads ORDER BY delivery_id",
    "channels": "SELECT name FROM markers WHERE name LIKE 'channel.%' ORDER BY name",
    # What people did is in the trail as often as they did it: once.
    "trail of reviews": "SELECT review_id, what FROM review_events WHERE origin LIKE 'command line%'"
    " OR origin LIKE 'link%' ORDER BY review_id, what",
    "trail": "SELECT what FROM audit WHERE origin LIKE 'command line%' ORDER BY what",
}


def fault(plan, armed_by=None, ended_by=None):
    """
    The environment in which the real program runs on a disk that fails as planned, from the start or from when the
    file `armed_by` is there; a full disk has room again when the file `ended_by` is there.
    """
    named = {"REVIEWD_CRASH_ARMED_BY": armed_by, "REVIEWD_CRASH_ENDED_BY": ended_by}
    later = {name: str(file) for name, file in named.items() if file is not None}
    return {
        "LD_PRELOAD": str(BUILD / "lib" / "libreviewd_crash_preload.so"),
        "REVIEWD_CRASH_AT": plan,
        "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0",
        **later,
    }


def following(day, days=1):
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days=days)).isoformat()


class Interrupted(Story):
    """What every story of interruptions needs."""

    def end_state(self):
        return {name: self.rows(sql) for name, sql in TABLES.items()}

    def reset(self):
        for path in self.state.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def check_integrity(self):
        self.assertEqual(self.rows("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.rows("PRAGMA foreign_key_check"), [])


class CrashStory(Interrupted):
    """Dies at one write after another of an operation, always from the same state."""

    def setUp(self):
        super().setUp()
        self.delivered = self.directory / "delivered.jsonl"

    def keep(self, name):
        """What go_back(name) comes back to."""
        folder = self.directory / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.state, folder / "state")
        if self.delivered.exists():
            shutil.copy(self.delivered, folder)

    def go_back(self, name):
        folder = self.directory / name
        self.reset()
        shutil.copytree(folder / "state", self.state, dirs_exist_ok=True)
        self.delivered.unlink(missing_ok=True)
        if (folder / self.delivered.name).exists():
            shutil.copy(folder / self.delivered.name, self.delivered)

    def first_day_with_reminders(self, configuration):
        self.reviewd(configuration, "--once", "--now", "2026-11-20")
        (day,) = self.rows("SELECT date(min(next_step) * 86400, 'unixepoch') FROM reviews WHERE next_step IS NOT NULL")[0]
        return max(day, "2026-11-23")

    def finish_on(self, configuration, day, next_day):
        """Starts again on that day; what was in flight waits a few minutes, so the next day ends it."""
        again = self.reviewd(configuration, "--once", "--now", day, check=False)
        self.assertIn(again.returncode, (0, 75), again.stdout + again.stderr)
        self.reviewd(configuration, "--once", "--now", next_day)

    def crash_everywhere(self, operation, finish, prepare=None, first=1, stride=STRIDE):
        """
        Runs `operation` and dies at its 1st, 2nd, … write, until it gets through; then compares.
        @returns a write that it has no more
        """
        if prepare:
            self.reset()
            prepare()
        self.keep("before")
        whole = operation({})
        finish()
        expected = self.end_state()
        deaths = 0
        for write in range(first, 3000, stride):
            self.go_back("before")
            done = operation(fault(f"crash:{write}"))
            if done.returncode == whole.returncode:
                self.assertGreater((deaths + 1) * stride, 7, "the injected crashes never happened")
                print(f"{deaths} deaths")
                return write
            self.assertEqual(done.returncode, CRASHED, f"write {write}: {done.stdout}{done.stderr}")
            deaths += 1
            finish()
            self.check_integrity()
            self.check_lines()
            self.assertEqual(self.end_state(), expected, f"after a crash at write {write}")
        self.fail("the operation never got through")

    def check_lines(self):
        """What came out of the channel `lines`: nothing lost, doubled only what was in flight."""
        lines = self.delivered.read_text().splitlines() if self.delivered.exists() else []
        self.check_receipts("lines", [json.loads(line)["id"] for line in lines])

    def check_receipts(self, channel, received):
        kept = self.rows(
            "SELECT key, state, (SELECT count(*) FROM delivery_attempts AS a WHERE a.delivery_id = d.id"
            " AND a.phase = 'commit') FROM deliveries AS d WHERE channel = ?",
            channel,
        )
        for key, state, committed in kept:
            self.assertLessEqual(received.count(key), committed, f"{key} was doubled without a reason")
            if state == "accepted":
                self.assertGreaterEqual(received.count(key), 1, f"{key} was lost")
        self.assertEqual(set(received) - {key for key, _, _ in kept}, set(), "messages that nobody planned")


def contents(database, but=()):
    """All rows of a database file, by table."""
    with read_database(database) as connection:
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        tables = [name for (name,) in names if name not in but]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}

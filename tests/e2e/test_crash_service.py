"""kill -9 while a daemon serves, and while a database is copied, put away and put back."""

import base64
import os
import re
import signal
import urllib.error
import urllib.parse
import urllib.request

import portfolio
from crash import WIDE_STRIDE, CrashStory, contents, fault, following
from harness import PATIENCE_SECONDS, free_port, read_database

DAY = "2026-11-20"


class Serving(CrashStory):
    """A daemon that is at work already when its writes begin to count."""

    def setUp(self):
        super().setUp()
        portfolio.write_tables(self, portfolio.NAMES[:3])
        self.configuration = portfolio.write_configuration(self)
        self.armed = self.directory / "armed"
        self.port = free_port()

    def serve(self, day, work, environment):
        """Starts the daemon, does `work` and ends it. @returns the process, which may have died before"""
        self.armed.unlink(missing_ok=True)
        plan = environment.get("REVIEWD_CRASH_AT")
        process = self.start_reviewd(
            self.configuration, "--now", day, environment=fault(plan, self.armed) if plan else None
        )
        while "daemon.ready" not in process.stdout.readline():
            self.assertIsNone(process.poll(), "it did not start")
        work()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)
        process.stderr = ""
        return process

    def test_link(self):
        """kill -9 throughout the writes of an answer from a message records it once, or asks again [F1] [I17]"""
        self.write("link-key", base64.b64encode(os.urandom(32)).decode()).chmod(0o600)
        links = (
            "public_url: https://reviews.example\n"
            f'links: {{ listen: "127.0.0.1:{self.port}", secret_file: link-key }}\n'
        )
        text = self.configuration.read_text(encoding="utf-8").replace("retry:", links + "retry:")
        self.configuration.write_text(text, encoding="utf-8")
        day = self.first_day_with_reminders(self.configuration)
        self.reviewd(self.configuration, "--once", "--now", day)
        (path, *_) = re.findall(r"https://reviews\.example(/a/[\w.~-]+)", self.delivered.read_text())
        held = "SELECT count(*) FROM reviews WHERE state = 'done'"

        def answer():
            url = f"http://127.0.0.1:{self.port}{path}"
            with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as page:
                (version,) = set(re.findall(r'name="version" value="(\d+)"', page.read().decode()))
            self.armed.touch()
            form = urllib.parse.urlencode({"action": "done", "version": version, "note": "went well"})
            try:
                with urllib.request.urlopen(url, form.encode(), timeout=PATIENCE_SECONDS) as page:
                    self.assertEqual(page.status, 200)
            except (urllib.error.URLError, ConnectionError) as lost:
                self.assertNotIsInstance(lost, urllib.error.HTTPError)

        def finish():
            if self.rows(held) != [(1,)]:
                self.serve(day, answer, {})
            self.assertEqual(self.rows(held), [(1,)])
            self.finish_on(self.configuration, day, following(day))

        self.crash_everywhere(operation=lambda environment: self.serve(day, answer, environment), finish=finish)

    def test_reload(self):
        """kill -9 throughout the writes of a reload of other rules ends in the same state [F1]"""
        self.reviewd(self.configuration, "--once", "--now", DAY)

        def change():
            self.armed.touch()
            self.write("rules/scoring.yaml", portfolio.RULES.replace("base: 20", "base: 21"))
            self.reviewctl("--socket", str(self.state / "control.sock"), "reload", "--wait", check=False)

        def reload(environment):
            self.write("rules/scoring.yaml", portfolio.RULES)
            return self.serve(DAY, change, environment)

        self.crash_everywhere(operation=reload, finish=lambda: self.finish_on(self.configuration, DAY, following(DAY)))
        self.assertEqual(self.rows("SELECT DISTINCT rules_version_id FROM account_scores"), [(2,)])

    def test_backup(self):
        """kill -9 of the daemon throughout the writes of a backup leaves no backup, or a whole one [F1] [T41]"""
        self.reviewd(self.configuration, "--once", "--now", DAY)
        backups = self.directory / "backups"
        backups.mkdir()

        def back_up():
            self.armed.touch()
            self.reviewctl("--socket", str(self.state / "control.sock"), "backup", str(backups), check=False)

        def operation(environment):
            for file in backups.iterdir():
                file.unlink()
            return self.serve(DAY, back_up, environment)

        def finish():
            self.assertEqual([file for file in backups.iterdir() if not file.name.startswith("reviewd-")], [])
            self.serve(DAY, back_up, {})
            self.assertFalse((self.state / "backup.new").exists())
            files = list(backups.iterdir())
            self.assertGreaterEqual(len(files), 1)
            for file in files:
                with read_database(file) as copy:
                    self.assertEqual(copy.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
                    self.assertEqual(copy.execute("SELECT count(*) FROM accounts").fetchall(), [(3,)])

        self.crash_everywhere(operation=operation, finish=finish, stride=WIDE_STRIDE)

    def test_drill(self):
        """kill -9 of the daemon at the writes of a drill's end leaves it noted, or as it was [F1] [T41]"""
        self.reviewd(self.configuration, "--once", "--now", DAY)
        backups = self.directory / "backups"
        backups.mkdir()
        self.offline("backup", str(backups), configuration=self.configuration, now=DAY)
        noted = "SELECT value FROM markers WHERE name LIKE 'drill%' ORDER BY name"

        def drill():
            self.armed.touch()
            where = ["--config", str(self.configuration), "--socket", str(self.state / "control.sock")]
            self.reviewctl(*where, "restore", "--drill", str(backups), check=False)

        def finish():
            self.assertIn(len(self.rows(noted)), (0, 2))
            self.serve(DAY, drill, {})
            self.assertEqual([bool(value) for (value,) in self.rows(noted)], [True, False])

        self.crash_everywhere(operation=lambda environment: self.serve(DAY, drill, environment), finish=finish)


class Copies(CrashStory):
    def setUp(self):
        super().setUp()
        portfolio.write_tables(self, portfolio.NAMES[:3])
        self.configuration = portfolio.write_configuration(self)
        self.backups = self.directory / "backups"
        self.backups.mkdir()
        self.reviewd(self.configuration, "--once", "--now", DAY)

    def back_up(self, environment=None, check=True):
        return self.offline(
            "backup", str(self.backups), configuration=self.configuration, now=DAY, environment=environment, check=check
        )

    def test_backup(self):
        """kill -9 throughout the writes of a backup leaves no backup, or a whole one [F1] [T41]"""
        before = contents(self.database())

        def operation(environment):
            for file in self.backups.iterdir():
                file.unlink()
            return self.back_up(environment, check=False)

        def finish():
            for file in self.backups.glob("reviewd-*"):
                self.assertEqual(contents(file), before)
            self.back_up()
            files = list(self.backups.iterdir())
            self.assertEqual([file for file in files if not file.name.startswith("reviewd-")], [])
            for file in files:
                self.assertEqual(contents(file), before)

        self.crash_everywhere(operation=operation, finish=finish, stride=WIDE_STRIDE)

    def test_restore(self):
        """kill -9 throughout the writes of a restore keeps the old database, and ends with the restored one [F1] [T41]"""
        self.back_up()
        (backup,) = self.backups.iterdir()
        self.leave_a_log()
        is_restored = "SELECT count(*) FROM markers WHERE name = 'hold.restored'"

        def restore(environment):
            return self.reviewctl("--state", str(self.state), "restore", str(backup), environment=environment, check=False)

        def finish():
            again = self.reviewd(self.configuration, "--once", "--now", DAY, check=False)
            if again.returncode == 65:
                self.assertIn("a restore of", again.stderr)
            else:
                self.assertEqual(again.returncode, 0, again.stderr)
            if again.returncode == 65 or self.rows(is_restored) != [(1,)]:
                self.assertEqual(restore({}).returncode, 0)
            self.reviewd(self.configuration, "--once", "--now", DAY)
            self.assertEqual(self.rows("SELECT count(*) FROM logged_contacts"), [(0,)])
            self.assertEqual([path.name for path in self.state.glob("restore*")], [])
            (kept,) = self.state.glob("before-restore-*/reviewd.db")
            with read_database(kept) as old:
                self.assertEqual(old.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
                self.assertEqual(old.execute("SELECT count(*) FROM logged_contacts").fetchall(), [(1,)])
            self.offline("resume", configuration=self.configuration, now=DAY)
            self.reviewd(self.configuration, "--once", "--now", following(DAY, 3))

        end = self.crash_everywhere(operation=restore, finish=finish, stride=WIDE_STRIDE)
        if WIDE_STRIDE > 1:
            # The exchange of the files is at the end: all of that.
            self.go_back("before")
            self.crash_everywhere(operation=restore, finish=finish, first=max(1, end - WIDE_STRIDE - 8), stride=1)

    def leave_a_log(self):
        """A command that dies when it is done: what it did is in the log beside the database."""
        self.keep("closed")
        for write in range(1, 100):
            self.go_back("closed")
            self.offline(
                "contact", "hartley", "--note", "since then", configuration=self.configuration, now=DAY,
                environment=fault(f"crash:{write}"), check=False,
            )
            if self.rows("SELECT count(*) FROM logged_contacts") == [(1,)]:
                break
        self.assertGreater((self.state / "reviewd.db-wal").stat().st_size, 0)

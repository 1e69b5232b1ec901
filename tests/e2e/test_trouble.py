"""A day in the middle of which something gives out: the same end, no reminder lost, none doubled without a record."""

import collections
import email
import resource
import signal
import socket
import subprocess
import threading
import unittest

import portfolio
from crash import STRIDE, Interrupted, fault, following
from harness import PATIENCE_SECONDS, REVIEWD


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


class FullFromTheStart(Interrupted):
    """The disk has no room when the daemon starts."""

    def setUp(self):
        super().setUp()
        portfolio.write_tables(self, portfolio.NAMES[:3])
        self.configuration = portfolio.write_configuration(self)
        self.reviewd(self.configuration, "--once", "--now", "2026-11-20")

    def test_by_hand(self):
        """who starts it by hand is told at once [F5]"""
        done = self.reviewd(self.configuration, environment=fault("disk_full:1"), check=False)
        self.assertEqual(done.returncode, 75, done.stdout + done.stderr)
        self.assertIn("disk is full", done.stdout + done.stderr)

    def test_as_a_service(self):
        """a service manager is not asked so often that it gives up before there is room [F5]"""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(self.directory / "notify"))
            manager.settimeout(PATIENCE_SECONDS)
            told = {**fault("disk_full:1"), "NOTIFY_SOCKET": str(self.directory / "notify")}
            daemon = self.start_reviewd(self.configuration, environment=told)
            while b"disk is full" not in manager.recv(4096):
                self.assertIsNone(daemon.poll())
            daemon.send_signal(signal.SIGHUP)  # there is nothing yet that could be reloaded
            with self.assertRaises(subprocess.TimeoutExpired):
                daemon.wait(timeout=1)
            daemon.terminate()
            self.assertEqual(daemon.wait(timeout=PATIENCE_SECONDS), 75)


class FullForAWhile(TroubledDay):
    """A daemon that stays meets a disk without room, and room comes back while it runs."""

    TROUBLES = ("tick.failed", "outbox.claim_failed", "delivery.not_recorded")

    def start(self, operation):
        """Starts on a disk that is full from its `operation`-th write on. @returns the daemon and its first trouble"""
        self.room = self.directory / "room"
        self.room.unlink(missing_ok=True)
        daemon = self.start_reviewd(
            self.configuration, "--now", self.day, environment=fault(f"disk_full:{operation}", ended_by=self.room)
        )
        return daemon, self.await_line(daemon, *self.TROUBLES)

    def await_line(self, daemon, *events):
        """The first of these events that the daemon tells of, or nothing when it ended before."""
        patience = threading.Timer(PATIENCE_SECONDS, daemon.kill)
        patience.start()
        try:
            lines = iter(daemon.stdout.readline, "")
            return next((event for line in lines for event in events if event in line), None)
        finally:
            patience.cancel()

    def check_while_full(self, daemon):
        """It says what is wrong, and takes no command that it could not keep."""
        page = self.control("status").stdout
        self.assertIn("disk is full", page)
        refused = self.control("contact", "hartley", "--note", "on a full disk", check=False)
        self.assertEqual(refused.returncode, 75, refused.stdout + refused.stderr)
        self.assertIn("disk is full", refused.stderr)
        self.assertIsNone(daemon.poll(), "a full disk is no reason to end")

    def control(self, *arguments, check=True):
        return self.reviewctl("--socket", self.state / "control.sock", *arguments, check=check)

    def check_goes_on(self, daemon, trouble, before):
        """There is room again: what was due is sent, by itself or at the next command, and all is as if nothing was."""
        self.room.touch()
        if trouble != "tick.failed":  # once is enough to wait for the daemon's own next try
            self.control("import")
        if trouble != "delivery.not_recorded":  # then it was taken already
            self.assertIsNotNone(self.await_line(daemon, "delivery.accepted"), "it never went on")
        while "all is well" not in self.control("status").stdout:
            self.assertIsNone(daemon.poll())
        daemon.terminate()
        self.assertEqual(daemon.wait(timeout=PATIENCE_SECONDS), 0)
        mails = self.mail.accepted()[before:]
        self.assertNotEqual(mails, [])
        self.check_mails(mails)
        self.check_integrity()

    def test_room_comes_back(self):
        """a daemon whose disk is full stays, says so, sends nothing unclaimed, and goes on when there is room [F5] [I11]"""
        seen = set()
        for operation in range(1, 500, STRIDE):
            if len(seen) == len(self.TROUBLES):
                break
            self.prepare()
            before = len(self.mail.accepted())
            daemon, trouble = self.start(operation)
            if trouble is None:  # it has not even begun: by hand it says so
                self.assertEqual(daemon.wait(timeout=PATIENCE_SECONDS), 75)
            elif trouble not in seen:
                seen.add(trouble)
                with self.subTest(operation=operation, trouble=trouble):
                    self.check_while_full(daemon)
                    self.check_goes_on(daemon, trouble, before)
            daemon.kill()
        self.assertEqual(seen, set(self.TROUBLES))


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

        # 127: the system's loader found none for the libraries. Never 73 or 78: nobody would start it again.
        self.fail_everywhere(day_with, 1, self.ends_with(70, 74, 75, 127))


if __name__ == "__main__":
    unittest.main()

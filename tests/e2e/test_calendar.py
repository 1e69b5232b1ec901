"""A person's calendar program: vdirsyncer fetches the feed, khal shows it."""

import base64
import json
import os
import shutil
import subprocess

import portfolio
from harness import Story, free_port

DAY = "2026-11-20"

SYNCHRONISER = """\
[general]
status_path = "{folder}/status/"
[pair reviews]
a = "local"
b = "remote"
collections = null
[storage local]
type = "filesystem"
path = "{folder}/calendar/"
fileext = ".ics"
[storage remote]
type = "http"
url = "{url}"
"""

READER = """\
[calendars]
[[reviews]]
path = {folder}/calendar
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/London
default_timezone = Europe/London
[sqlite]
path = {folder}/khal.db
"""


class Calendar(Story):
    def setUp(self):
        super().setUp()
        for program in ("vdirsyncer", "khal"):
            if shutil.which(program) is None:
                self.skipTest(f"{program} is not installed")
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.port = free_port()
        self.write("link-key", base64.b64encode(os.urandom(32)).decode()).chmod(0o600)
        links = (
            "public_url: https://reviews.example\n"
            f'links: {{ listen: "127.0.0.1:{self.port}", secret_file: link-key }}\n'
        )
        text = configuration.read_text(encoding="utf-8").replace("retry:", links + "retry:")
        configuration.write_text(text, encoding="utf-8")
        daemon = self.start_reviewd(configuration, "--now", DAY)
        while "daemon.ready" not in daemon.stdout.readline():
            self.assertIsNone(daemon.poll(), "it did not start")
        self.ctl("import")

    def ctl(self, *arguments):
        socket_file = str(self.state / "control.sock")
        return json.loads(self.reviewctl("--json", "--socket", socket_file, *arguments).stdout)

    def reviews_of(self, owner):
        return {row["account"]["name"]: row for row in self.ctl("plan", "--owner", owner)["reviews"]}

    def program(self, *command):
        environment = {**os.environ, "HOME": str(self.directory), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, input="y\n")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def fetch(self):
        """What the calendar program shows for a year and a half, after it looked for news."""
        self.program("vdirsyncer", "-c", self.directory / "vdirsyncer", "sync")
        return self.program("khal", "-c", self.directory / "khal.conf", "list", "--format", "{start-date} {title}", DAY, "550d")

    def test_a_calendar_program_follows_the_feed(self):
        """a calendar program shows each review of its person on its day, and follows when one is done"""
        address = self.ctl("notifier", "feed", "jo")["address"]
        url = address.replace("https://reviews.example", f"http://127.0.0.1:{self.port}")
        self.assertNotEqual(url, address)
        self.write("vdirsyncer", SYNCHRONISER.format(folder=self.directory, url=url))
        self.write("khal.conf", READER.format(folder=self.directory))
        (self.directory / "calendar").mkdir()
        self.program("vdirsyncer", "-c", self.directory / "vdirsyncer", "discover")
        before = self.reviews_of("jo")
        self.assertEqual(len(before), len(portfolio.NAMES) / 2)
        shown = self.fetch()
        for name, review in before.items():
            self.assertIn(f"{review['due']} Review: {name}", shown)
        self.assertNotIn("Orbis Dental", shown, "somebody else's review")
        done = before["Hartley Print"]
        self.ctl("review", "done", str(done["id"]))
        after = self.reviews_of("jo")["Hartley Print"]
        self.assertNotEqual(done["due"], after["due"])
        shown = self.fetch()
        self.assertIn(f"{after['due']} Review: Hartley Print", shown)
        self.assertNotIn(f"{done['due']} Review: Hartley Print", shown)

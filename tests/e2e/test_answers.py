"""What `reviewctl --json` answers is what reviewctl-json(5) says: each command is asked, each shape is seen."""

import base64
import json
import os
import re
import shutil
import unittest

import answers
from harness import PATIENCE_SECONDS, SOURCE, Story, free_port

DAY = "2026-11-20"
LATER = "2026-11-23"
SETTINGS = """\
---
rules: {{ authority: published }}
channels:
  letters: {{ type: inbox }}
  broken: {{ type: exec, command: [/bin/false] }}
people: {{ omar: {{ channels: [letters, broken] }}, mei: {{ leave: {leave} }} }}
public_url: https://reviews.example
links: {{ listen: "127.0.0.1:{port}", secret_file: link-key }}
...
"""
LEAVE = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//leave//EN
BEGIN:VEVENT
UID:leave-1
DTSTAMP:20261101T000000Z
DTSTART;VALUE=DATE:20270601
DTEND;VALUE=DATE:20270605
END:VEVENT
END:VCALENDAR
"""
# What nothing fills that happens to the sample portfolio here; unit tests of their parts, or other stories, do.
NEVER_FILLED = {
    ("capacity", ""),
    ("check", "interpreted[]"),
    ("idle override", ""),
    ("idle override", "account"),
    ("closed review", "with_it[]"),
    ("levels confirmed", ""),
    ("levels held", ""),
    ("overload", ""),
    ("overload", "late[]"),
    ("preview", "rules[].failures[]"),
    ("preview", "rules[].failures[].account"),
    ("review with all that a call needs", "parent"),
    ("review with all that a call needs", "subsidiaries[]"),
    ("simulation", ""),
    ("simulation", "violation"),
    ("simulations", ""),
    ("status", "late[]"),
}


def with_fields():
    """All that has fields of its own: (shape, "") and (shape, path) of maps inside it."""
    found = {(shape, "") for shape in answers.SHAPES}
    for shape in answers.SHAPES:
        found |= {(shape, path.rpartition(".")[0]) for path in answers.fields_of(shape)}
    return found


class Answers(Story):
    """The sample portfolio, as people ask about it; the harness checks every answer against the manual."""

    def setUp(self):
        super().setUp()
        self.configuration = self.directory / "sample" / "reviewd.yaml"
        shutil.copytree(SOURCE / "config" / "example", self.configuration.parent)
        self.write("sample/link-key", base64.b64encode(os.urandom(32)).decode()).chmod(0o600)
        leave = self.write("sample/leave.ics", LEAVE.replace("\n", "\r\n"))
        self.write("sample/conf.d/50-answers.yaml", SETTINGS.format(port=free_port(), leave=leave))
        self.reviewd(self.configuration, "--once", "--now", DAY)
        self.asked = set()

    def ask(self, *arguments, now=DAY, code=0):
        """One answer of a database that no daemon holds."""
        self.asked.add(answers.command_of(arguments))
        done = self.offline("--json", *arguments, configuration=self.configuration, now=now, check=False)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def ask_daemon(self, *arguments, code=0):
        self.asked.add(answers.command_of(arguments))
        done = self.reviewctl("--socket", self.state / "control.sock", "--json", *arguments, check=False)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")

    def draft(self, old, new):
        text = (self.configuration.parent / "rules" / "scoring.yaml").read_text(encoding="utf-8")
        self.assertIn(old, text)
        return str(self.write("draft/scoring.yaml", text.replace(old, new)))

    def ask_about_accounts(self):
        self.ask("score")
        self.ask("score", "hartley", "--explain")
        self.ask("override", "hartley", "low", "--until", "2026-12-01", "--because", "a tender")
        self.ask("override", "hartley", "--remove")
        self.ask("contact", "oasis", "--note", "spoke at the fair")
        self.ask("due", "--until", "2027-03-01")
        self.ask("forecast")
        leave = self.ask("leave", "add", "omar", "--from", "2026-11-23", "--until", "2028-01-31", "--because", "away")
        self.ask("plan")
        self.ask("status")
        self.ask("leave", "list")
        self.ask("leave", "remove", str(leave["leave"]["id"]))
        both = self.ask("leave", "add", "mei", "--from", "2027-06-03", "--until", "2027-06-10")
        self.ask("leave", "remove", str(both["leave"]["id"]))

    def ask_about_reviews(self):
        self.ask("review", "invite", "hartley")
        self.ask("review", "appoint", "hartley", "2026-11-24", "--time", "10:30")
        self.ask("review", "attempt", "hartley", "no-answer", "--note", "no one there")
        closed = self.ask(
            "review", "done", "orbis", "--satisfaction", "9", "--value", "the service", "--promise", "a price",
            "--promise-due", "2026-12-01", "--note", "went well",
        )
        (promise,) = self.ask("due", "--until", "2026-12-01")["promises"]
        self.ask("review", "show", str(closed["review"]["id"]))
        for key in ("hartley", "orbis", "harbour", "oasis", "alnour", "meyer"):
            self.ask("review", "show", key)
        self.ask("promise", "kept", str(promise["id"]))
        self.ask("contact", "orbis", "--note", "they have it")
        self.assertEqual(self.ask("due", "--until", "2026-12-01")["promises"], [])
        self.ask("review", "snooze", "orbis", "2026-12-10")
        self.ask("review", "reschedule", "orbis", "2026-12-15", "--because", "their wish")
        missed = self.ask("review", "missed", "orbis", "--because", "nobody came")["review"]["id"]
        self.ask("review", "reopen", str(missed))
        self.ask("review", "skip", "brook", "--because", "moving house")
        self.ask("review", "reassign", "--from", "mei", "--to", "ana", "--because", "a new team")
        self.ask("review", "appoint", "brook", "2027-01-12")
        self.ask("account", "merge", "brook", "orbis", "--yes")
        self.ask("audit", "--account", "orbis")
        self.ask("report")

    def ask_about_messages(self):
        self.ask("notifier", "list")
        self.ask("notifier", "pause", "screen", "--because", "a test")
        self.ask("notifier", "list")
        self.ask("status")
        self.ask("notifier", "resume", "screen")
        self.ask("notifier", "route", "oasis")
        self.ask("inbox", "--person", "omar", "--all")
        deliveries = {each["state"]: each for each in self.ask("outbox", "list")["deliveries"]}
        held = str(deliveries["held"]["id"])
        self.ask("outbox", "release", held)
        self.ask("outbox", "hold", held, "--because", "a test")
        sent = deliveries["accepted"]
        shown = self.ask("outbox", "show", str(sent["id"]))
        self.assertEqual(shown["person"], sent["person"])
        self.ask("outbox", "retry", str(deliveries["failed"]["id"]))

    def ask_about_rules(self):
        small = self.draft("points: 8\n", "points: 9\n")
        self.ask("rules", "publish", small, "--note", "a little more")
        big = self.draft("base: 20", "base: 60")
        self.ask("rules", "preview", big)
        self.ask("rules", "publish", big, "--note", "much more", code=75)
        self.ask("rules", "diff", "current", "held")
        self.ask("status", "--facts")
        self.ask("rules", "drop")
        self.ask("rules", "publish", big, "--note", "much more, still", code=75)
        self.ask("rules", "confirm")
        self.ask("rules", "rollback", "1", code=75)
        self.ask("rules", "confirm")
        self.ask("rules", "history")
        self.ask("rules", "export")
        self.ask("rules", "export", "--to", str(self.directory / "exported"))
        self.ask("rules", "backtest", "--as-of", "2026-01-31")

    def ask_the_daemon(self):
        daemon = self.start_reviewd(self.configuration, "--now", LATER)
        while "daemon.ready" not in daemon.stdout.readline():
            self.assertIsNone(daemon.poll(), "it did not start")
        self.ask_daemon("status")
        self.ask_daemon("reload", "--wait")
        self.ask_daemon("notifier", "feed", "ana")
        self.ask_daemon("notifier", "test", "broken", "--to", "ana", code=69)
        daemon.terminate()
        daemon.communicate(timeout=PATIENCE_SECONDS)

    def ask_about_data(self):
        accounts = self.configuration.parent / "data" / "accounts.csv"
        text = accounts.read_text(encoding="utf-8")
        accounts.write_text(re.sub(r",[0-9.]+,(gold|standard)?,", r",1,\1,", text), encoding="utf-8")
        self.ask("import", now=LATER)
        self.ask("score", "hartley", "--explain", now=LATER)
        self.ask("score", "hartley", "--history", now=LATER)
        lines = text.splitlines(keepends=True)
        accounts.write_text("".join(lines[:12]) + "half,\n", encoding="utf-8")
        self.ask("import", "--dry-run", now=LATER)
        self.ask("import", now=LATER, code=75)
        self.ask("status", now=LATER)
        folder = self.directory / "backups"
        folder.mkdir(mode=0o700)
        made = self.ask("backup", str(folder))
        self.ask("restore", "--drill", made["file"])
        self.ask("restore", made["file"])
        self.ask("status", now=LATER)
        self.ask("resume", "--drop", now=LATER)

    def ask_about_the_rest(self):
        self.ask("doctor", code=69)
        self.ask("expression", "budget > 20000", "--with", "budget=25000")
        self.ask("expression", "budget > 20000", "--with", "budget=?")
        self.ask("expression", "1 / 0", code=65)
        wrong = self.write("wrong.jsonl", '{"name": "no case"}\n')
        self.ask("expression", "--cases", str(wrong), code=65)
        self.ask("expression", "--functions")
        self.ask("bench", "--accounts", "500", "--rounds", "1")
        self.ask("check")
        self.write("sample/conf.d/60-mistake.yaml", "---\nsorces: {}\n...\n")
        self.ask("check", code=78)

    def test_every_command(self):
        """every command answers in JSON as reviewctl-json(5) says, and every shape is met"""
        self.ask_about_accounts()
        self.ask_about_messages()
        self.ask_about_rules()
        self.ask_about_reviews()
        self.ask_the_daemon()
        self.ask_about_data()
        self.ask_about_the_rest()
        self.assertEqual(set(answers.COMMANDS) - self.asked, {"simulate"})  # which has a test of its own
        self.assertEqual(with_fields() - self.answers.seen - NEVER_FILLED, set())

    def test_simulation(self):
        """a simulation answers in JSON as reviewctl-json(5) says"""
        answer = self.reviewctl("--json", "simulate", "--from", "2026-01-05", "--years", "1", "--accounts", "1")
        self.assertEqual(json.loads(answer.stdout)["violations"], 0)


if __name__ == "__main__":
    unittest.main()

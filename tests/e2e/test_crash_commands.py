"""kill -9 at the writes of every command that changes something: wholly done or wholly not, and noted once."""

import dataclasses
import re

import portfolio
from crash import STRIDE, WIDE_STRIDE, CrashStory, contents, following
from harness import SOURCE

DAY = "2026-11-20"
NEXT_DAY = "2026-11-23"


@dataclasses.dataclass
class Command:
    name: str  # as the table of daemon/control has it
    words: list
    is_done: str  # one number, not 0 once the command has done its work
    before: list = dataclasses.field(default_factory=list)  # commands that make what it works on


def state_of_review(state):
    return f"SELECT count(*) FROM reviews WHERE id = 1 AND state = '{state}'"


def event_of_review(what):
    return f"SELECT count(*) FROM review_events WHERE review_id = 1 AND what = '{what}'"


def state_of_delivery(state):
    return f"SELECT count(*) FROM deliveries WHERE id = 1 AND state = '{state}'"


CLOSING = [
    Command(
        "review.done",
        ["review", "done", "1", "--note", "went well", "--promise", "send the prices", "--promise-due", "2026-12-01"],
        state_of_review("done"),
    ),
    Command("review.missed", ["review", "missed", "1", "--because", "nobody there"], state_of_review("missed")),
    Command("review.skip", ["review", "skip", "1", "--because", "closed"], state_of_review("skipped")),
    Command(
        "review.reopen",
        ["review", "reopen", "1"],
        "SELECT count(*) FROM reviews WHERE id = 1 AND state <> 'missed'",
        before=[["review", "missed", "1", "--because", "by mistake"]],
    ),
]
MOVING = [
    Command("review.invite", ["review", "invite", "1"], state_of_review("invited")),
    Command("review.appoint", ["review", "appoint", "1", "2026-12-08", "--time", "10:30"], state_of_review("appointment")),
    Command("review.snooze", ["review", "snooze", "1", "2026-12-01"], event_of_review("snoozed")),
    Command("review.reschedule", ["review", "reschedule", "1", "2026-12-09"], event_of_review("rescheduled")),
    Command("review.attempt", ["review", "attempt", "1", "no-answer"], event_of_review("attempt")),
]
PORTFOLIO = [
    Command("review.reassign", ["review", "reassign", "--from", "jo", "--to", "ana"], "SELECT count(*) FROM handovers"),
    Command("contact", ["contact", "hartley", "--note", "all is well"], "SELECT count(*) FROM logged_contacts"),
    Command(
        "promise.kept",
        ["promise", "kept", "1"],
        "SELECT count(kept_on) FROM promises",
        before=[["review", "done", "1", "--promise", "send the prices"]],
    ),
    Command("account.merge", ["account", "merge", "hartley", "orbis", "--yes"], "SELECT count(merged_into) FROM accounts"),
    Command("leave.add", ["leave", "add", "jo", "--from", "2026-12-01"], "SELECT count(*) FROM leaves"),
    Command(
        "leave.remove",
        ["leave", "remove", "1"],
        "SELECT count(removed_ms) FROM leaves",
        before=[["leave", "add", "jo", "--from", "2026-12-01", "--until", "2026-12-11"]],
    ),
    Command(
        "override.set",
        ["override", "hartley", "high", "--until", "2027-01-31", "--because", "asked"],
        "SELECT count(*) FROM overrides",
    ),
    Command(
        "override.remove",
        ["override", "hartley", "--remove"],
        "SELECT count(ended) FROM overrides",
        before=[["override", "hartley", "high", "--until", "2027-01-31", "--because", "asked"]],
    ),
]
DELIVERIES = [
    Command("outbox.hold", ["outbox", "hold", "1", "--because", "wait"], state_of_delivery("held")),
    Command(
        "outbox.release",
        ["outbox", "release", "1"],
        "SELECT count(*) FROM deliveries WHERE id = 1 AND state <> 'held'",
        before=[["outbox", "hold", "1"]],
    ),
    Command(
        "outbox.retry",
        ["outbox", "retry", "1"],
        "SELECT count(*) FROM audit WHERE what = 'outbox.retry'",
    ),
    Command(
        "notifier.pause",
        ["notifier", "pause", "lines", "--because", "it moves house"],
        "SELECT count(*) FROM markers WHERE name = 'channel.paused.lines'",
    ),
    Command(
        "notifier.resume",
        ["notifier", "resume", "lines"],
        "SELECT count(*) = 0 FROM markers WHERE name = 'channel.paused.lines'",
        before=[["notifier", "pause", "lines"]],
    ),
]
RULES = [
    Command(
        "rules.publish",
        ["rules", "publish", "draft/scoring.yaml", "--note", "more"],
        "SELECT is_active FROM rules_versions WHERE id = 2",
    ),
    Command(
        "rules.rollback",
        ["rules", "rollback", "1", "--note", "too many"],
        "SELECT is_active FROM rules_versions WHERE id = 1",
        before=[["rules", "publish", "draft/scoring.yaml", "--note", "more"]],
    ),
    Command(
        "rules.confirm",
        ["rules", "confirm"],
        "SELECT count(*) = 0 FROM rules_candidate",
        before=[["rules", "publish", "bold/scoring.yaml", "--note", "much more"]],
    ),
    Command(
        "rules.drop",
        ["rules", "drop"],
        "SELECT count(*) = 0 FROM rules_candidate",
        before=[["rules", "publish", "bold/scoring.yaml", "--note", "much more"]],
    ),
]
IMPORT = [Command("import", ["import"], "SELECT count(*) FROM accounts WHERE name = 'Hartley Print & Sons'")]
NOTHING_HELD = "SELECT count(*) = 0 FROM imports WHERE state = 'held'"
CONFIRM = [Command("import", ["import", "--confirm"], NOTHING_HELD)]
DROP = [Command("import", ["import", "--drop"], NOTHING_HELD)]
HELD_LEVELS = [
    Command("levels.confirm", ["import", "--confirm"], "SELECT count(*) > 4 FROM account_scores WHERE level = 'high'")
]
REQUEUE = [Command("outbox.retry", ["outbox", "retry", "1"], "SELECT count(requeued_from) FROM deliveries")]
INBOX = [Command("inbox.list", ["inbox", "--person", "kim"], "SELECT count(*) FROM inbox_reads")]
NOT_RESTORED = "SELECT count(*) = 0 FROM markers WHERE name = 'hold.restored'"
RESUME = [Command("resume", ["resume"], NOT_RESTORED), Command("resume", ["resume", "--drop"], NOT_RESTORED)]
GROUPS = (CLOSING, MOVING, PORTFOLIO, DELIVERIES, REQUEUE, INBOX, RULES, IMPORT, CONFIRM, DROP, HELD_LEVELS, RESUME)
ELSEWHERE = {"backup", "backup.published", "drill.ended", "reload"}  # test_crash_service.py
READING = {
    # What changes nothing, and how to call it.
    "score": ["score", "--explain"],
    "score.history": ["score", "hartley", "--history"],
    "due": ["due"],
    "plan": ["plan"],
    "forecast": ["forecast"],
    "leave.list": ["leave", "list"],
    "status": ["status", "--facts"],
    "rules.preview": ["rules", "preview", "draft/scoring.yaml"],
    "rules.history": ["rules", "history"],
    "rules.diff": ["rules", "diff", "v1", "files"],
    "rules.export": ["rules", "export"],
    "rules.backtest": ["rules", "backtest", "--as-of", "2026-05-31"],
    "review.show": ["review", "show", "1"],
    "audit": ["audit"],
    "report": ["report"],
    "outbox.list": ["outbox", "list"],
    "outbox.show": ["outbox", "show", "1"],
    "notifier.list": ["notifier", "list"],
    "notifier.feed": ["notifier", "feed", "jo"],
    "notifier.route": ["notifier", "route", "hartley"],
}
NOTHING_STORED = {"notifier.test"}


class Commands(CrashStory):
    def setUp(self):
        super().setUp()
        portfolio.write_tables(self, portfolio.NAMES[:3])
        self.configuration = portfolio.write_configuration(self)
        self.day = NEXT_DAY

    def ctl(self, words, environment=None):
        files = [str(self.directory / word) if word.endswith(".yaml") else word for word in words]
        return self.offline(*files, configuration=self.configuration, now=self.day, environment=environment, check=False)

    def once(self, day):
        """75: something waits, for instance for a person."""
        done = self.reviewd(self.configuration, "--once", "--now", day, check=False)
        self.assertIn(done.returncode, (0, 75), done.stdout + done.stderr)

    def number(self, sql):
        found = self.rows(sql)
        return found[0][0] if found else 0

    def crash_commands(self, commands, stride=STRIDE, goes_on=False):
        """Each command from the state that the directory has now. @param goes_on the daemon may end it by itself"""
        self.keep("base")
        for position, command in enumerate(commands):
            with self.subTest(command=command.name):
                self.go_back("base")
                for words in command.before:
                    self.assertIn(self.ctl(words).returncode, (0, 75), words)
                self.assertFalse(self.number(command.is_done), "it is done before it begins")

                def finish(command=command):
                    if goes_on:
                        self.once(self.day)
                    if not self.number(command.is_done):
                        again = self.ctl(command.words)
                        self.assertEqual(again.returncode, 0, again.stderr)
                    self.once(self.day)
                    self.assertTrue(self.number(command.is_done))
                    self.once(following(self.day))

                # Others of the writes for each command, so that a stride leaves out the same ones nowhere.
                self.crash_everywhere(
                    operation=lambda environment, words=command.words: self.ctl(words, environment),
                    finish=finish,
                    first=1 + position % stride,
                    stride=stride,
                )

    def test_closing(self):
        """kill -9 throughout the writes of each command that ends a review leaves it wholly done or not [F1] [I17]"""
        self.once(DAY)
        self.crash_commands(CLOSING)

    def test_moving(self):
        """kill -9 throughout the writes of each command that moves a review leaves it wholly done or not [F1] [I17]"""
        self.once(DAY)
        self.crash_commands(MOVING)

    def test_portfolio(self):
        """kill -9 throughout the writes of each command on accounts and owners leaves it wholly done or not [F1] [I17]"""
        self.once(DAY)
        self.crash_commands(PORTFOLIO, stride=WIDE_STRIDE)

    def test_deliveries(self):
        """kill -9 throughout the writes of each command on deliveries leaves it wholly done or not [F1] [I17]"""
        self.refuse_deliveries()
        self.assertEqual(self.rows("SELECT state FROM deliveries"), [("wait",)])
        self.day = "2026-11-24"
        self.crash_commands(DELIVERIES)

    def test_requeue(self):
        """kill -9 throughout the writes of a retry after the end sends the message once more, or not at all [F1] [I17]"""
        self.refuse_deliveries("2026-12-01")
        self.day = "2026-12-01"
        self.crash_commands(REQUEUE)

    def refuse_deliveries(self, *more_days):
        """A channel that takes nothing makes the first delivery wait."""
        text = self.configuration.read_text(encoding="utf-8")
        refusing = self.write("refusing.yaml", text.replace(str(self.delivered), str(self.directory / "none" / "lines")))
        for day in (DAY, "2026-11-24", *more_days):
            self.reviewd(refusing, "--once", "--now", day, check=False)

    def test_resume(self):
        """kill -9 throughout the writes of `resume` lets all go out that a restore held, or nothing [F1] [I17]"""
        self.refuse_deliveries()
        self.day = "2026-11-24"
        (self.directory / "backups").mkdir()
        self.assertEqual(self.ctl(["backup", str(self.directory / "backups")]).returncode, 0)
        (backup,) = (self.directory / "backups").iterdir()
        self.reviewctl("--state", str(self.state), "restore", str(backup))
        self.once(self.day)
        self.assertEqual(self.rows(NOT_RESTORED), [(0,)])
        self.assertFalse(self.delivered.exists())
        self.crash_commands(RESUME)

    def test_inbox(self):
        """kill -9 throughout the writes of `inbox` leaves its messages read or not [F1] [I17]"""
        text = self.configuration.read_text(encoding="utf-8")
        text = text.replace("channels: [lines]", "channels: [lines, box]")
        self.configuration.write_text(text.replace("\nretry:", "\n  box: { type: inbox }\nretry:"), encoding="utf-8")
        self.once(DAY)
        self.day = "2026-11-24"
        self.once(self.day)
        self.crash_commands(INBOX)

    def test_import(self):
        """kill -9 throughout the writes of `import` leaves the old rows or the new ones [F1]"""
        self.once(DAY)
        portfolio.write_tables(self, [("hartley", "Hartley Print & Sons"), *portfolio.NAMES[1:4]])
        self.crash_commands(IMPORT)

    def test_held_import(self):
        """kill -9 throughout the writes of `import --confirm` and `--drop` lets all of the rows in, or none [F1]"""
        self.once(DAY)
        portfolio.write_tables(self, portfolio.NAMES[:1])
        self.once(self.day)
        self.crash_commands(CONFIRM)
        self.assertEqual(self.rows("SELECT count(*) FROM accounts WHERE retired IS NULL"), [(1,)])
        self.go_back("base")
        portfolio.write_tables(self, portfolio.NAMES[:3])  # somebody mended the file; else it is held again
        self.crash_commands(DROP)
        self.assertEqual(self.rows("SELECT count(*) FROM accounts WHERE retired IS NULL"), [(3,)])

    def test_held_levels(self):
        """kill -9 throughout the writes of a confirmation of held levels moves all accounts or none [F1]"""
        portfolio.write_tables(self)
        self.once(DAY)
        accounts = self.directory / "data" / "accounts.csv"
        accounts.write_text(accounts.read_text(encoding="utf-8").replace("000\n", "0000\n"), encoding="utf-8")
        self.once(self.day)
        self.crash_commands(HELD_LEVELS, stride=WIDE_STRIDE, goes_on=True)

    def test_rules(self):
        """kill -9 throughout the writes of each command on rules leaves one version in force, or the other [F1]"""
        self.write("conf.d/50-rules.yaml", "---\nrules: { authority: published }\n...\n")
        self.write("draft/scoring.yaml", portfolio.RULES.replace("base: 20", "base: 21"))
        self.write("bold/scoring.yaml", portfolio.RULES.replace("base: 20", "base: 60"))
        portfolio.write_tables(self)  # of fewer accounts none would be held
        self.once(DAY)
        self.day = DAY
        self.crash_commands(RULES, stride=WIDE_STRIDE, goes_on=True)

    def test_coverage(self):
        """every command is known to change nothing, or dies at its writes in a test"""
        table = (SOURCE / "daemon" / "control" / "command.cpp").read_text(encoding="utf-8")
        names = set(re.findall(r'(?:Command\{|long_one\()\s*"([a-z._]+)"', table))
        self.assertGreater(len(names), 40)
        here = {command.name for group in GROUPS for command in group}
        known = here | ELSEWHERE | set(READING) | NOTHING_STORED
        self.assertEqual(names - known, set(), "commands without a story")
        self.assertEqual(known - names, set(), "stories without a command")

    def test_readers(self):
        """commands that only show something change no row"""
        self.write("draft/scoring.yaml", portfolio.RULES.replace("base: 20", "base: 21"))
        self.once(DAY)
        self.day = "2026-11-24"
        self.once(self.day)

        def stored():
            # The clock goes on, and what was read is noted as fresh.
            return contents(self.database(), but=("instance", "sources"))

        before = stored()
        for name, words in READING.items():
            with self.subTest(command=name):
                done = self.ctl(words)
                # 69: what only the daemon knows.
                self.assertIn(done.returncode, (0, 69), done.stderr)
                self.assertEqual(stored(), before)

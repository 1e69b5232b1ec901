"""The main job on a small portfolio: read, score, plan, remind, record the outcome, plan the next."""

import datetime
import email
import email.policy
import json
import time
import unittest
from pathlib import Path

import portfolio
from harness import Story

FIRST_DAY = datetime.date(2026, 11, 20)


def days(count):
    return [FIRST_DAY + datetime.timedelta(days=n) for n in range(count)]


class MainJob(Story):
    def run_days(self, configuration, count):
        for day in days(count):
            self.reviewd(configuration, "--once", "--now", day.isoformat())

    def reminder_keys(self):
        return [row[0] for row in self.rows("SELECT key FROM reminders ORDER BY key")]

    def test_every_account_gets_a_score_and_one_open_review(self):
        """one pass gives every account a score, a level and one open review on a working day"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.reviewd(configuration, "--once", "--now", FIRST_DAY.isoformat())
        scores = self.rows("SELECT count(*) FROM account_scores")
        self.assertEqual(scores, [(len(portfolio.NAMES),)])
        reviews = self.rows(
            "SELECT account_id, due FROM reviews WHERE state IN ('planned', 'invited', 'appointment')"
        )
        self.assertEqual(len(reviews), len(portfolio.NAMES))
        self.assertEqual(len({account for account, _ in reviews}), len(portfolio.NAMES))
        for _, due in reviews:
            day = datetime.date(1970, 1, 1) + datetime.timedelta(days=due)
            self.assertLess(day.weekday(), 5, day)
            self.assertGreaterEqual(day, FIRST_DAY)
        for file in self.state.iterdir():
            self.assertEqual(file.stat().st_mode & 0o077, 0, f"{file} can be read by others")

    def test_a_ledger_adds_up_to_its_score(self):
        """the ledger of each account adds up to its score"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.reviewd(configuration, "--once", "--now", FIRST_DAY.isoformat())
        for key, _ in portfolio.NAMES:
            answer = self.offline_json(
                "score", key, "--explain", configuration=configuration, now=FIRST_DAY.isoformat()
            )
            score = answer["scores"][0]
            total = sum(line["points"] for line in score["lines"])
            self.assertAlmostEqual(total, score["points"], places=3)

    def test_a_second_pass_changes_nothing(self):
        """a second pass on the same day reads, plans and sends nothing anew"""
        portfolio.write_tables(self)
        mail = self.sink("smtp_sink")
        configuration = portfolio.write_configuration(self, mail_port=mail.port)
        self.run_days(configuration, 30)
        sent = len(mail.accepted())
        self.assertGreater(sent, 0)
        before = self.reminder_keys()
        self.reviewd(configuration, "--once", "--now", days(30)[-1].isoformat())
        self.assertEqual(len(mail.accepted()), sent)
        self.assertEqual(self.reminder_keys(), before)

    def test_mail_and_web_receive_each_reminder_once(self):
        """over a hundred days, mail server and web receiver get each reminder once"""
        portfolio.write_tables(self)
        mail = self.sink("smtp_sink")
        web = self.sink("http_sink")
        configuration = portfolio.write_configuration(self, mail_port=mail.port, web_port=web.port)
        self.run_days(configuration, 100)
        planned = self.rows("SELECT channel, count(*) FROM deliveries WHERE state = 'accepted' GROUP BY channel")
        self.assertEqual(dict(planned), {"mail": len(mail.accepted()), "hook": len(web.accepted())})
        ids = [message_id(accepted) for accepted in mail.accepted()]
        self.assertEqual(len(ids), len(set(ids)))
        keys = [key for accepted in web.accepted() for key in reminders_of(accepted)]
        self.assertGreater(len(keys), 10)
        self.assertEqual(len(keys), len(set(keys)))

    def test_the_sends_that_are_shown_are_those_that_come(self):
        """the next five reminders that `notifier route` shows are those that go out, on their days"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.run_days(configuration, 1)
        where = {"configuration": configuration, "now": FIRST_DAY.isoformat()}
        today = (FIRST_DAY - datetime.date(1970, 1, 1)).days
        account = self.rows(
            "SELECT key FROM accounts JOIN reviews ON account_id = accounts.id"
            " WHERE next_step > ? ORDER BY next_step LIMIT 1",
            today,
        )[0][0]
        shown = self.offline_json("notifier", "route", account, **where)
        expected = [(send["day"], send["step"], send["repeat"], send["person"]) for send in shown["next"]]
        self.assertEqual(len(expected), 5)
        day = datetime.date.fromisoformat(expected[0][0]) - datetime.timedelta(days=1)
        while day <= datetime.date.fromisoformat(expected[-1][0]):
            self.reviewd(configuration, "--once", "--now", day.isoformat())
            day += datetime.timedelta(days=1)
        sent = self.rows(
            "SELECT date(r.day * 86400, 'unixepoch'), r.step, r.repeat, p.key FROM reminders r"
            " JOIN people p ON p.id = r.person_id JOIN deliveries d ON d.id = r.delivery_id"
            " WHERE r.review_id = ? AND d.state = 'accepted' AND r.day > ? ORDER BY r.day, r.id",
            shown["review"]["id"],
            today,
        )
        self.assertEqual(sorted(sent[:5]), sorted(expected))

    def test_names_of_every_script_arrive_unharmed(self):
        """Bengali, Arabic, Japanese and emoji names pass import, mail, JSON and terminal unharmed"""
        portfolio.write_tables(self)
        mail = self.sink("smtp_sink")
        web = self.sink("http_sink")
        # Everybody comes up soon: first reviews are spread over the distance between two.
        rules = portfolio.RULES.replace("review_every: 11 months", "review_every: 3 months")
        rules = rules.replace("not_before: 9 months", "not_before: 2 months")
        configuration = portfolio.write_configuration(self, mail_port=mail.port, web_port=web.port, rules=rules)
        # A day in five is enough: what came up in between is in the next morning's message.
        for day in days(140)[::5]:
            self.reviewd(configuration, "--once", "--now", day.isoformat())
        last = days(140)[-1].isoformat()
        messages = [email.message_from_string(a["content"], policy=email.policy.default) for a in mail.accepted()]
        read = "\n".join(m["Subject"] + "\n" + m.get_body(("plain",)).get_content() for m in messages)
        payloads = "\n".join(json.dumps(json.loads(a["body"]), ensure_ascii=False) for a in web.accepted())
        for key, name in portfolio.NAMES:
            with self.subTest(name=name):
                self.assertIn(name, read)
                self.assertIn(json.dumps(name, ensure_ascii=False)[1:-1], payloads)
                answer = self.offline_json("score", key, configuration=configuration, now=last)
                self.assertEqual(answer["scores"][0]["account"]["name"], name)
                shown = self.offline("score", key, configuration=configuration, now=last)
                self.assertIn(name, shown.stdout)

    def test_idle_daemon_sleeps(self):
        """a daemon with nothing to do neither wakes nor works before something can happen"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        process = self.start_reviewd(configuration, "--now", FIRST_DAY.isoformat())

        def activity():
            """How often its threads went to sleep, and the ticks of processor they used."""
            tasks = Path(f"/proc/{process.pid}/task")
            slept = sum(
                int(line.split()[1])
                for status in tasks.glob("*/status")
                for line in status.read_text().splitlines()
                if line.startswith("voluntary_ctxt_switches")
            )
            used = (tasks.parent / "stat").read_text().rsplit(")", 1)[1].split()[11:13]
            return slept, used

        deadline = time.monotonic() + 60
        while not (self.directory / "delivered.jsonl").exists():
            self.assertLess(time.monotonic(), deadline, "nothing was delivered")
            time.sleep(0.5)
        before = None
        while activity() != before:
            self.assertLess(time.monotonic(), deadline, "it does not come to rest")
            before = activity()
            time.sleep(3)

    def test_long_lists_are_whole(self):
        """a list of more than a page is the same from a daemon, page by page, as without one, and noted once"""
        portfolio.write_tables(self, [(f"a{number}", f"Account {number}") for number in range(1201)])
        configuration = portfolio.write_configuration(self)
        day = FIRST_DAY.isoformat()
        self.reviewd(configuration, "--once", "--now", day)
        process = self.start_reviewd(configuration, "--now", day)
        socket = self.state / "control.sock"
        deadline = time.monotonic() + 60
        while not socket.exists():
            self.assertLess(time.monotonic(), deadline, "the daemon does not listen")
            time.sleep(0.1)
        self.reviewctl("--socket", str(socket), "import")  # has ended when the daemon is at rest
        commands = (["plan"], ["due", "--until", "2030-01-01"], ["score", "--limit", "1100"], ["plan", "--owner", "jo"])
        paged = [self.reviewctl("--socket", str(socket), "--json", *each).stdout for each in commands]
        process.terminate()
        process.wait(timeout=60)
        self.assertEqual(len(json.loads(paged[0])["reviews"]), 1201)
        self.assertEqual(len(json.loads(paged[2])["scores"]), 1100)
        for command, answer in zip(commands, paged):
            whole = self.offline("--json", *command, configuration=configuration, now=day).stdout
            self.assertEqual(answer, whole, command)
        exports = self.rows("SELECT count(*) FROM audit WHERE what = 'exported'")
        self.assertEqual(exports, [(2 * len(commands),)])

    def test_done_plans_the_next_review(self):
        """a review that is done plans the next one, counted from the day it was held"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.reviewd(configuration, "--once", "--now", FIRST_DAY.isoformat())
        review, account, level = self.rows("SELECT id, account_id, level FROM reviews ORDER BY id LIMIT 1")[0]
        held = FIRST_DAY + datetime.timedelta(days=3)
        self.offline_json(
            "review", "done", str(review), "--note", "went well", configuration=configuration, now=held.isoformat()
        )
        state = self.rows("SELECT state FROM reviews WHERE id = ?", review)
        self.assertEqual(state, [("done",)])
        following = self.rows(
            "SELECT due, latest FROM reviews WHERE account_id = ? AND state = 'planned'", account
        )
        self.assertEqual(len(following), 1)
        due = datetime.date(1970, 1, 1) + datetime.timedelta(days=following[0][0])
        months = {"high": 1, "medium": 4, "low": 11}[level]
        distance = (due.year - held.year) * 12 + due.month - held.month
        self.assertIn(distance, (months - 1, months, months + 1))

    def test_a_merge_is_shown_before_it_is_made(self):
        """without --yes a merge only tells what it would move to whom, and exits 64"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.reviewd(configuration, "--once", "--now", FIRST_DAY.isoformat())
        (old,), (kept,) = self.rows("SELECT key FROM accounts WHERE retired IS NULL ORDER BY id LIMIT 2")
        when = {"configuration": configuration, "now": FIRST_DAY.isoformat()}
        shown = self.offline("account", "merge", old, kept, **when, check=False)
        self.assertEqual(shown.returncode, 64)
        self.assertIn("would merge", shown.stdout)
        self.assertIn("--yes", shown.stderr)
        merged = "SELECT count(*) FROM accounts WHERE merged_into IS NOT NULL"
        self.assertEqual(self.rows(merged), [(0,)])
        self.assertIn("merged", self.offline("account", "merge", old, kept, "--yes", **when).stdout)
        self.assertEqual(self.rows(merged), [(1,)])

    def test_leave_without_the_daemon_moves_reviews_at_once(self):
        """leave given while no daemon runs is planned around before the command ends"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.reviewd(configuration, "--once", "--now", FIRST_DAY.isoformat())
        epoch = datetime.date(1970, 1, 1)
        after = (FIRST_DAY + datetime.timedelta(days=60) - epoch).days
        person, key, due = self.rows(
            "SELECT p.id, p.key, r.due FROM reviews AS r JOIN people AS p ON p.id = r.owner_id"
            " WHERE r.state = 'planned' AND r.due > ? ORDER BY r.due LIMIT 1",
            after,
        )[0]
        day = (epoch + datetime.timedelta(days=due)).isoformat()
        self.offline(
            "leave", "add", key, "--from", day, "--until", day, configuration=configuration, now=FIRST_DAY.isoformat()
        )
        self.assertEqual(self.rows("SELECT id FROM reviews WHERE owner_id = ? AND due = ?", person, due), [])

    def test_an_account_that_vanishes_becomes_inactive(self):
        """an account that vanishes from a full load becomes inactive and loses its review"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.reviewd(configuration, "--once", "--now", "2026-11-20")
        portfolio.write_tables(self, portfolio.NAMES[:-1])
        self.reviewd(configuration, "--once", "--now", "2026-11-23")
        open_reviews = self.rows(
            "SELECT a.key FROM reviews r JOIN accounts a ON a.id = r.account_id "
            "WHERE r.state IN ('planned', 'invited', 'appointment')"
        )
        self.assertEqual({key for key, in open_reviews}, {key for key, _ in portfolio.NAMES[:-1]})
        self.assertEqual(self.rows("SELECT count(*) FROM accounts"), [(10,)])

    def test_a_trial_reads_what_is_named_and_changes_nothing(self):
        """import --dry-run SOURCE without a daemon tells of that source and writes nothing, of others neither"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.reviewd(configuration, "--once", "--now", "2026-11-20")
        portfolio.write_tables(self, [*portfolio.NAMES, ("added", "Added Later")])
        answer = self.offline_json(
            "import", "--dry-run", "accounts", configuration=configuration, now="2026-11-20"
        )
        told = [(each["source"], each["outcome"], each["counts"]["added"]) for each in answer["imports"]]
        self.assertEqual(told, [("accounts", "tried", 1)])
        self.assertEqual(self.rows("SELECT count(*) FROM accounts"), [(10,)])
        self.assertEqual(self.rows("SELECT count(*) FROM purchases"), [(19,)])
        answer = self.offline_json("import", "accounts", configuration=configuration, now="2026-11-20")
        told = [(each["source"], each["outcome"], each["counts"]["added"]) for each in answer["imports"]]
        self.assertEqual(told, [("accounts", "accepted", 1)])
        portfolio.write_tables(self, [*portfolio.NAMES, ("added", "Added Later"), ("plain", "Plain Glass")])
        shown = self.offline(
            "import", "--dry-run", "accounts", configuration=configuration, now="2026-11-20"
        )
        self.assertRegex(shown.stderr, r"(?m)^accounts\.csv:13: the key `plain` stands in line 11 already")

    def test_a_load_without_most_accounts_is_held(self):
        """an import that would make more than a fifth of the accounts inactive is held"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.reviewd(configuration, "--once", "--now", "2026-11-20")
        portfolio.write_tables(self, portfolio.NAMES[:5])
        self.reviewd(configuration, "--once", "--now", "2026-11-23", check=False)
        active = self.rows("SELECT count(*) FROM accounts WHERE retired IS NULL")
        self.assertEqual(active, [(10,)])
        refused = self.offline(
            "import", "--drop", "people", "nosuch", "accounts", configuration=configuration, now="2026-11-23", check=False
        )
        self.assertEqual((refused.returncode, refused.stdout), (66, ""))
        self.assertIn("no import of `people`, `nosuch` is held", refused.stderr)
        self.assertIn("held: `accounts`, `purchases`", refused.stderr)
        shown = self.offline("import", "--confirm", configuration=configuration, now="2026-11-23")
        self.assertEqual(shown.stdout, "confirmed: accounts, purchases\n")
        self.reviewd(configuration, "--once", "--now", "2026-11-24", check=False)
        active = self.rows("SELECT count(*) FROM accounts WHERE retired IS NULL")
        self.assertEqual(active, [(5,)])

    def test_confirm_decides_about_what_was_held_when_it_was_asked(self):
        """import --confirm without a daemon lets in nothing that is held only from then on"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.reviewd(configuration, "--once", "--now", "2026-11-20")
        portfolio.write_tables(self, portfolio.NAMES[:5])
        refused = self.offline("import", "--confirm", configuration=configuration, now="2026-11-23", check=False)
        self.assertEqual(refused.returncode, 66)
        self.assertIn("no import is held, and no change of levels", refused.stderr)
        active = self.rows("SELECT count(*) FROM accounts WHERE retired IS NULL")
        self.assertEqual(active, [(10,)])
        self.reviewd(configuration, "--once", "--now", "2026-11-23", check=False)
        shown = self.offline("import", "--confirm", configuration=configuration, now="2026-11-23")
        self.assertEqual(shown.stdout, "confirmed: accounts, purchases\n")

    def test_a_file_that_is_the_accepted_one_again_leaves_nothing_held(self):
        """a held import ends when its file is the accepted one again"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.reviewd(configuration, "--once", "--now", "2026-11-20")
        portfolio.write_tables(self, portfolio.NAMES[:5])
        first = self.reviewd(configuration, "--once", "--now", "2026-11-23", check=False)
        again = self.reviewd(configuration, "--once", "--now", "2026-11-24", check=False)
        told = [(first.stdout + first.stderr).count("import.held"), (again.stdout + again.stderr).count("import.held")]
        self.assertEqual(told, [2, 0])  # of accounts and of purchases, once
        portfolio.write_tables(self)
        self.reviewd(configuration, "--once", "--now", "2026-11-25")
        status = self.offline_json("status", configuration=configuration, now="2026-11-25")
        self.assertEqual(status["imports_held"], [])
        refused = self.offline("import", "--confirm", configuration=configuration, now="2026-11-25", check=False)
        self.assertEqual(refused.returncode, 66)
        active = self.rows("SELECT count(*) FROM accounts WHERE retired IS NULL")
        self.assertEqual(active, [(10,)])


def message_id(accepted):
    return email.message_from_string(accepted["content"], policy=email.policy.default)["Message-ID"]


def reminders_of(accepted):
    return [item["reminder"] for item in json.loads(accepted["body"]).get("items", [])]


if __name__ == "__main__":
    unittest.main()

"""What commands say of things that are not as somebody thinks; with a daemon and without."""

import json

import portfolio
from harness import Story

DAY = "2026-11-20"


class Said(Story):
    def configured(self):
        portfolio.write_tables(self)
        return portfolio.write_configuration(self)

    def scored(self):
        configuration = self.configured()
        self.reviewd(configuration, "--once", "--now", DAY)
        return configuration

    def start(self, configuration):
        """A daemon that answers; returns its socket."""
        process = self.start_reviewd(configuration, "--now", DAY)
        for line in process.stdout:
            if "daemon.ready" in line:
                return str(self.state / "control.sock")
        return self.fail("the daemon did not start")

    def test_reload_warns_as_check(self):
        """a reload shows the warnings that check shows for the same files"""
        configuration = self.configured()
        socket = self.start(configuration)
        (self.directory / "data" / "purchases.csv").rename(self.directory / "data" / "sales.csv")
        self.write("data/people.csv", "key,name,email,manager\njo,Jo Marsh,,nobody\n")
        checked = self.reviewctl("--json", "check", "--config", str(configuration))
        diagnostics = json.loads(checked.stdout)["diagnostics"]
        self.assertGreater(len(diagnostics), 1)
        answer = json.loads(self.reviewctl("--socket", socket, "--json", "reload").stdout)
        self.assertEqual(answer["diagnostics"], diagnostics)
        shown = self.reviewctl("--socket", socket, "reload")
        self.assertEqual(shown.stderr, self.reviewctl("check", "--config", str(configuration)).stderr)
        self.assertIn("reloaded", shown.stdout)

    def test_preview_says_why_a_rule_fails(self):
        """a preview names the first accounts for which a rule fails, and why"""
        configuration = self.scored()
        text = (self.directory / "rules" / "scoring.yaml").read_text(encoding="utf-8")
        more = "  - id: share\n    points: 10 / (products_owned - 1)\nscore:"
        draft = self.write("draft/scoring.yaml", text.replace("score:", more))
        shown = self.offline("rules", "preview", str(draft), configuration=configuration, now=DAY).stdout
        self.assertIn("share fails for Hartley Print (hartley): division by zero\n", shown)
        self.assertIn("share fails for 1 more\n", shown)
        preview = self.offline_json("rules", "preview", str(draft), configuration=configuration, now=DAY)
        (rule,) = (rule for rule in preview["rules"] if rule["id"] == "share")
        self.assertEqual(rule["failed"], 4)
        self.assertEqual([failure["account"]["key"] for failure in rule["failures"]], ["hartley", "noor", "sakura"])

    def test_held_levels_are_shown_offline(self):
        """levels that are held are in the status without a daemon, too"""
        configuration = self.scored()
        accounts = self.directory / "data" / "accounts.csv"
        text = accounts.read_text(encoding="utf-8")
        rows = [line.rsplit(",", 1)[0] + ",90000" for line in text.splitlines()[1:]]
        accounts.write_text("\n".join([text.splitlines()[0], *rows, ""]), encoding="utf-8")
        self.reviewd(configuration, "--once", "--now", DAY)
        for _ in range(2):
            held = self.offline_json("status", configuration=configuration, now=DAY)["levels_held"]
            self.assertEqual(held["accounts"], 10)
            self.assertGreater(held["moving"], 2)
        page = self.offline("status", configuration=configuration, now=DAY).stdout
        self.assertIn(f"{held['moving']} of 10 accounts would change their level; `reviewctl import --confirm`", page)
        self.offline("import", "--confirm", configuration=configuration, now=DAY)
        status = self.offline_json("status", configuration=configuration, now=DAY)
        self.assertIsNone(status["levels_held"])

    def test_rules_are_exported_with_json_too(self):
        """rules export writes its files with --json as without, and says which"""
        configuration = self.scored()
        to = self.directory / "exported"
        old = self.write("exported/scoring.yaml", "---\n...\n")
        answer = self.offline_json("rules", "export", "--to", str(to), configuration=configuration, now=DAY)
        self.assertEqual(answer["written"], [str(old)])
        self.assertEqual(answer["set_aside"], [f"{old}.old"])
        self.assertEqual(old.read_text(encoding="utf-8"), answer["files"][0]["text"])
        shown = self.offline_json("rules", "export", configuration=configuration, now=DAY)
        self.assertNotIn("written", shown)

    def test_options_that_exclude_each_other(self):
        """of two options of which one would be passed over, neither is"""
        for words, reason in (
            (["--json", "report", "--csv", "friendly"], "give --json or --csv, not both"),
            (["score", "hartley", "--limit", "1"], "--limit"),
            (["expression", "--cases", "/dev/null", "--with", "a=1"], "--cases and --with exclude each other"),
            (["expression", "--cases", "/dev/null", "--standard"], "--cases and --standard exclude each other"),
            (["override", "hartley", "--remove", "--until", "2026-12-01"], "exclude each other"),
            (["override", "hartley", "--remove", "--because", "x"], "exclude each other"),
        ):
            done = self.reviewctl(*words, check=False)
            self.assertEqual(done.returncode, 64, f"{words}: {done.stdout}{done.stderr}")
            self.assertIn(reason, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_options_that_are_repeated(self):
        """help says of an option whether it takes several values or is repeated, and it does"""
        for words, option in (
            (["expression"], "--with"),
            (["review", "done"], "--answer"),
            (["review", "done"], "--kept"),
            (["contact"], "--kept"),
        ):
            shown = self.reviewctl(*words, "--help").stdout
            (line,) = (line for line in shown.splitlines() if line.strip().startswith(option))
            self.assertNotIn("...", line)
            self.assertIn("repeat the option for more", shown)
        done = self.reviewctl("expression", "a + b", "--with", "a=1", "--with", "b=2")
        self.assertEqual(done.stdout, "3\n")
        self.assertEqual(self.reviewctl("expression", "a + b", "--with", "a=1", "b=2", check=False).returncode, 64)

    def test_unknown_channel(self):
        """deliveries of a channel that nobody knows are refused, those of a removed one are listed"""
        configuration = self.scored()
        def listed(channel, check=True):
            return self.offline("outbox", "list", "--channel", channel, configuration=configuration, now=DAY, check=check)
        unknown = listed("liens", check=False)
        self.assertEqual(unknown.returncode, 66)
        self.assertIn("there is no channel `liens`; did you mean `lines`?", unknown.stderr)
        self.assertIn("accepted", listed("lines").stdout)
        text = configuration.read_text(encoding="utf-8")
        configuration.write_text(text.replace("lines", "other"), encoding="utf-8")
        self.assertIn("accepted", listed("lines").stdout)
        self.assertIn("no deliveries", listed("other").stdout)

    def test_templates_with_unknown_names(self):
        """check names what templates call by a name that nothing has, where it stands"""
        configuration = self.configured()
        text = configuration.read_text(encoding="utf-8")
        configuration.write_text(text.replace("retry:", "template_directory: templates\nretry:"), encoding="utf-8")
        template = self.write("templates/digest_text_en.mustache", "Hello {{recipient}}\n{{nosuch}} {{recipent}}\n")
        done = self.reviewctl("check", "--config", str(configuration))
        self.assertIn(f"{template}:2:3: warning: nothing is called `nosuch`", done.stderr)
        self.assertIn(f"{template}:2:14: warning: nothing is called `recipent`", done.stderr)
        self.assertIn("^ did you mean `recipient`?", done.stderr)

    def test_a_number_that_is_a_review_and_an_account(self):
        """a number that is a review's and another account's key is refused until it is said which"""
        portfolio.write_tables(self, [("2", "Hartley Print"), ("3", "Plain Metals"), ("1", "Orbis Dental")])
        configuration = portfolio.write_configuration(self)
        self.reviewd(configuration, "--once", "--now", DAY)
        reviews = self.offline_json("plan", configuration=configuration, now=DAY)["reviews"]
        key_of = {review["id"]: review["account"]["key"] for review in reviews}
        (both,) = (number for number, key in key_of.items() if key == "3")  # its own review: nothing to choose
        names = {review["account"]["key"]: review["account"]["name"] for review in reviews}
        other = next(number for number, key in key_of.items() if key != str(number) and str(number) in names)

        def done(review, check=True):
            return self.offline("review", "missed", review, configuration=configuration, now=DAY, check=check)

        refused = done(str(other), check=False)
        self.assertEqual(refused.returncode, 65, refused.stdout)
        self.assertIn(
            f"{other} is a review of {names[key_of[other]]} ({key_of[other]}), and the key of "
            f"{names[str(other)]}", refused.stderr,
        )
        self.assertIn(f"write `review:{other}` or `account:{other}`", refused.stderr)
        self.assertIn(f"review {other} of {names[key_of[other]]}: missed", done(f"review:{other}").stdout)
        self.assertIn(f"of {names[str(other)]}: missed", done(f"account:{other}").stdout)
        self.assertEqual(both, 3)
        self.assertIn(f"review 3 of {names['3']}: missed", done("3").stdout)
        self.assertEqual(done("review:x", check=False).returncode, 66)

    def test_leave_that_recurs(self):
        """leave of a file that recurs is told in one line, and listed for a year"""
        configuration = self.configured()
        event = "UID:1\nDTSTAMP:20261101T000000Z\nDTSTART;VALUE=DATE:20260102\nDTEND;VALUE=DATE:20260103\nRRULE:FREQ=WEEKLY"
        calendar = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR\n"
        self.write("data/team.ics", calendar.replace("\n", "\r\n"))
        text = configuration.read_text(encoding="utf-8")
        configuration.write_text(text.replace("defaults: {", "defaults: { leave: data/team.ics,"), encoding="utf-8")
        self.reviewd(configuration, "--once", "--now", DAY)

        def leave(*words):
            return self.offline("leave", *words, configuration=configuration, now=DAY).stdout

        listed = leave("list")
        self.assertEqual(listed.count("everybody"), 53)
        self.assertIn("2027-11-19", listed)
        self.assertNotIn("2027-11-26", listed)
        self.assertRegex(listed, r"files of `leave:` have \d{4} more, after 2027-11-20\n$")
        self.assertEqual(leave("list", "jo").count("Jo Marsh"), 53)
        added = leave("add", "jo", "--from", "2026-12-01", "--until", "2027-11-30")
        self.assertEqual(added.count("it overlaps"), 1)
        self.assertIn("it overlaps leave out of a file, 52 times: first 2026-12-04 to 2026-12-04\n", added)
        self.assertIn("leave 1, 2026-12-01 to 2027-11-30", leave("add", "jo", "--from", "2026-12-02"))
        answer = self.offline_json("leave", "list", configuration=configuration, now=DAY)
        self.assertIsNone(answer["from_files"][0]["person"])
        self.assertEqual(answer["from_files_until"], "2027-11-20")

"""Accounts whose keys are numbers, as CRMs give them: every key is another account's review's number as well."""

import portfolio
from harness import Story

DAY = "2026-11-20"
ACCOUNTS = [("2", "Hartley Print"), ("3", "Orbis Dental"), ("1", "Plain Metals"), ("4", "Sakura"), ("5", "Noor")]


class Numbers(Story):
    def setUp(self):
        super().setUp()
        portfolio.write_tables(self, ACCOUNTS)
        self.configuration = portfolio.write_configuration(self)
        self.reviewd(self.configuration, "--once", "--now", DAY)
        reviews = self.ask_json("plan")["reviews"]
        self.accounts = {review["id"]: review["account"] for review in reviews}
        for number, account in self.accounts.items():
            self.assertNotEqual(str(number), account["key"])
        self.assertEqual({str(number) for number in self.accounts}, {key for key, _ in ACCOUNTS})

    def ask(self, *arguments, check=True):
        return self.offline(*arguments, configuration=self.configuration, now=DAY, check=check)

    def ask_json(self, *arguments):
        return self.offline_json(*arguments, configuration=self.configuration, now=DAY)

    def change(self, verb, number, *rest):
        """Refused by the number alone; then by `review:` and the number, and it is of that review's account."""
        refused = self.ask("review", verb, str(number), *rest, check=False)
        self.assertEqual(refused.returncode, 65, refused.stdout + refused.stderr)
        self.assertIn(f"write `review:{number}` or `account:{number}`", refused.stderr)
        done = self.ask("review", verb, f"review:{number}", *rest).stdout
        self.assertIn(self.accounts[number]["name"], done)
        return done

    def test_verbs_of_reviews(self):
        """each verb of a review takes `review:` and its number where the number is an account's key, too"""
        self.change("show", 1)
        self.change("appoint", 1, "2026-12-01", "--time", "10:30")
        leave = self.ask("leave", "add", self.owner_of(1), "--from", "2026-12-01").stdout
        self.assertIn("`reviewctl review appoint review:1 DAY`", leave)
        self.change("appoint", 1, "2026-12-02")
        self.change("reschedule", 2, "2027-01-11", "--because", "they asked")
        self.change("snooze", 3, "2026-12-04")
        self.assertIn("done", self.change("done", 4, "--note", "went well"))
        self.assertIn("due", self.change("reopen", 4))

    def owner_of(self, number):
        (review,) = (review for review in self.ask_json("plan")["reviews"] if review["id"] == number)
        return review["owner"]

    def test_reviews_are_handed_over(self):
        """a handover writes the sheet of every review, also of one whose number is an account's key"""
        to = "ana" if self.owner_of(1) == "jo" else "jo"
        self.change("reassign", 1, "--to", to)
        given = [number for number in self.accounts if self.owner_of(number) == to]
        sheets = self.directory / "sheets"
        done = self.ask("review", "reassign", "--from", to, "--to", "kim", "--sheets", str(sheets)).stdout
        self.assertIn(f"{len(given)} handed over; a sheet of each is in", done)
        self.assertEqual({file.name for file in sheets.iterdir()}, {f"review-{number}.txt" for number in given})
        for number in given:
            sheet = (sheets / f"review-{number}.txt").read_text(encoding="utf-8")
            self.assertIn(self.accounts[number]["name"], sheet)
            self.assertEqual((sheets / f"review-{number}.txt").stat().st_mode & 0o777, 0o600)
        back = ("review", "reassign", "--from", "kim", "--to", to, "--sheets")
        refused = self.ask(*back, str(self.configuration), check=False)
        self.assertEqual(refused.returncode, 73, refused.stderr)
        self.assertIn(f"{self.configuration}: Not a directory; name another folder", refused.stderr)
        self.assertEqual({self.owner_of(number) for number in given}, {"kim"}, "nothing was handed over")
        again = self.ask(*back, str(sheets), check=False)
        self.assertEqual(again.returncode, 73, again.stderr)
        self.assertRegex(again.stderr, r"sheets/review-\d+\.txt: File exists; the accounts are handed over")

    def test_what_is_no_review(self):
        """a prefix with nothing behind it is refused, and is no name that every account matches"""
        for empty in ("review:", "account:", "account: "):
            refused = self.ask("review", "show", empty, check=False)
            self.assertEqual(refused.returncode, 64, refused.stdout + refused.stderr)
            self.assertIn(f"`{empty}` names nothing", refused.stderr)
        unknown = self.ask("review", "show", "review:99", check=False)
        self.assertEqual(unknown.returncode, 66, unknown.stdout)
        self.assertIn("an account is meant by `account:99`", unknown.stderr)

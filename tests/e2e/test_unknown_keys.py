"""An export whose keys are not those of the accounts' file: nothing is lost, and nobody has to guess why scores fell."""

import json
import re
import unittest

import portfolio
from harness import Story

DAY = "2026-11-20"
EVENT = "import.unknown_keys"


class UnknownKeys(Story):
    def setUp(self):
        super().setUp()
        portfolio.write_tables(self)
        self.configuration = portfolio.write_configuration(self)
        self.purchases = self.directory / "data" / "purchases.csv"
        self.good = self.purchases.read_text(encoding="utf-8")

    def write_purchases(self, text):
        self.purchases.write_text(text, encoding="utf-8")

    def ask(self, *arguments):
        """Whatever its exit code: levels that the rows no longer hold up may be held."""
        return self.offline(*arguments, configuration=self.configuration, now=DAY, check=False)

    def unknown(self, answer, part):
        (source,) = [each for each in answer[part] if each.get("name", each.get("source")) == "purchases"]
        return source["unknown_accounts"]

    def ask_json(self, *arguments):
        return json.loads(self.ask("--json", *arguments).stdout)

    def test_keys_of_another_format(self):
        """rows with keys of another format are counted and shown until they are mended"""
        first = self.reviewd(self.configuration, "--once", "--now", DAY)
        self.assertNotIn(EVENT, first.stdout + first.stderr)
        self.assertNotIn("no source has", self.ask("status").stdout)

        self.write_purchases(re.sub(r"(?m)^(p[^,]*),", "\\1,CRM-\u202e-", self.good))
        rows = self.good.count("\n") - 1
        imported = self.ask("import", "purchases")
        words = f"in purchases, {rows} rows name accounts that no source has (such as "
        self.assertIn(words, imported.stdout + imported.stderr)
        self.assertIn(r"`CRM-\u202e-", imported.stdout + imported.stderr)
        self.assertNotIn("\u202e", imported.stdout + imported.stderr)
        self.assertIn(words, self.ask("status").stdout)
        answer = self.unknown(self.ask_json("status"), "sources")
        self.assertEqual((answer["rows"], answer["are_more"], len(answer["keys"])), (rows, False, 3))
        self.assertEqual(self.unknown(self.ask_json("import"), "imports"), answer)
        self.assertIsNone(self.unknown(self.ask_json("import", "--dry-run"), "imports"))

        self.write_purchases(self.good + "late,newcomer,product-1,2026-11-19,5\n")
        again = self.reviewd(self.configuration, "--once", "--now", "2026-11-21")
        told = "purchases: a row names an account that no source has (`newcomer`)"
        self.assertIn(told, again.stdout + again.stderr)
        third = self.reviewd(self.configuration, "--once", "--now", "2026-11-22")
        self.assertNotIn(EVENT, third.stdout + third.stderr)  # as many as were told

        accounts = self.directory / "data" / "accounts.csv"
        accounts.write_text(accounts.read_text(encoding="utf-8") + "newcomer,Newcomer,jo,1\n", encoding="utf-8")
        self.reviewd(self.configuration, "--once", "--now", "2026-11-23")
        known = self.offline_json("status", configuration=self.configuration, now="2026-11-23")
        self.assertEqual(self.unknown(known, "sources")["rows"], 0)
        self.assertEqual(self.rows("SELECT count(*) FROM purchases WHERE account_id IS NULL"), [(0,)])


if __name__ == "__main__":
    unittest.main()

"""A real sales pipeline, by configuration alone."""

import csv
import datetime
import email
import json
import unittest

from harness import SHARED, Story
from pipeline import crm_configuration

FIRST_DAY = datetime.date(2018, 1, 2)


@unittest.skipUnless((SHARED / "crm").is_dir(), "the pipeline's files are not there")
class Pipeline(Story):
    def run_day(self, configuration, day):
        self.reviewd(configuration, "--data", str(SHARED / "crm"), "--once", "--now", day.isoformat())

    def test_import(self):
        """the pipeline gives 85 accounts, 4,238 purchases, scores that add up and one review each"""
        mail = self.sink("smtp_sink")
        configuration = crm_configuration(self, mail.port)
        self.run_day(configuration, FIRST_DAY)
        self.assertEqual(self.rows("SELECT count(*) FROM accounts WHERE retired IS NULL"), [(85,)])
        self.assertEqual(self.rows("SELECT count(*) FROM purchases"), [(4238,)])
        self.assertEqual(self.rows("SELECT count(*) FROM purchases WHERE product = 'GTXPro'"), [(0,)])
        (pro,) = self.rows("SELECT count(*) FROM purchases WHERE product = 'GTX Pro'")[0]
        self.assertGreater(pro, 0)
        wrong_owners = self.rows(
            "SELECT a.name FROM accounts a JOIN people p ON p.id = a.owner_id WHERE p.key NOT IN"
            " (SELECT sold_by FROM purchases q WHERE q.account_id = a.id AND q.date ="
            "  (SELECT max(date) FROM purchases l WHERE l.account_id = a.id))"
        )
        self.assertEqual(wrong_owners, [])
        self.assertEqual(self.rows("SELECT count(*) FROM accounts WHERE owner_id IS NULL"), [(0,)])
        managers = dict(self.rows(
            "SELECT p.key, m.key FROM people p JOIN people m ON m.key = p.manager WHERE p.retired IS NULL"
        ))
        with open(SHARED / "crm" / "sales_teams.csv", encoding="utf-8", newline="") as file:
            teams = {row["sales_agent"]: row["manager"] for row in csv.DictReader(file)}
        self.assertEqual(managers, teams)
        reviews = self.rows("SELECT account_id, due FROM reviews WHERE state = 'planned'")
        self.assertEqual(len({account for account, _ in reviews}), 85)
        for _, due in reviews:
            self.assertLess((datetime.date(1970, 1, 1) + datetime.timedelta(days=due)).weekday(), 5)
        answer = self.offline_json(
            "--data", str(SHARED / "crm"), "score", "--explain", "--limit", "100",
            configuration=configuration, now=FIRST_DAY.isoformat(),
        )
        self.assertEqual(len(answer["scores"]), 85)
        for score in answer["scores"]:
            self.assertAlmostEqual(sum(line["points"] for line in score["lines"]), score["points"], places=3)

    def test_reminders(self):
        """over sixty simulated days the pipeline's reminders arrive by mail and web, once each"""
        mail = self.sink("smtp_sink")
        web = self.sink("http_sink")
        configuration = crm_configuration(self, mail.port, web.port)
        for number in range(60):
            self.run_day(configuration, FIRST_DAY + datetime.timedelta(days=number))
        states = dict(self.rows("SELECT state, count(*) FROM deliveries GROUP BY state"))
        self.assertEqual(set(states), {"accepted"})
        self.assertEqual(states["accepted"], len(mail.accepted()) + len(web.accepted()))
        identities = [email.message_from_string(each["content"])["Message-ID"] for each in mail.accepted()]
        self.assertEqual(len(identities), len(set(identities)))
        by_mail = {identity for identity, in self.rows(
            "SELECT m.message_id FROM messages m JOIN deliveries d ON d.id = m.delivery_id WHERE d.channel = 'mail'"
        )}
        self.assertEqual(set(identities), by_mail)
        keys = [item["reminder"] for a in web.accepted() for item in json.loads(a["body"]).get("items", [])]
        self.assertEqual(len(keys), len(set(keys)))
        planned = {key for key, in self.rows("SELECT key FROM reminders WHERE channel = 'hook' AND is_cancelled = 0")}
        self.assertEqual(set(keys), planned)


if __name__ == "__main__":
    unittest.main()

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

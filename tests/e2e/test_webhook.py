"""Webhooks as the library of Standard Webhooks' own authors reads them."""

import json
import os
import shutil
import subprocess
import unittest

import portfolio
from harness import BUILD, SOURCE, Story

DAYS = [f"2026-11-{day}" for day in range(20, 31)]
OLD_KEY = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
NEW_KEY = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5IQ=="
OTHER_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LIBRARY = "standardwebhooks@1"


def library_folder():
    """Where node finds the library; it is fetched once for a build."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise unittest.SkipTest("node and npm are not installed")
    folder = BUILD / "e2e-node"
    modules = folder / "node_modules"
    if not (modules / "standardwebhooks").exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            done = subprocess.run(
                ["npm", "install", "--no-audit", "--no-fund", "--prefix", folder, LIBRARY],
                capture_output=True, text=True, timeout=60, check=False,
            )
            reason = done.stderr.strip().splitlines()[-1:] if done.returncode else []
        except subprocess.TimeoutExpired:
            reason = ["no answer within 60 s"]
        if reason:
            raise unittest.SkipTest(f"npm cannot fetch {LIBRARY}: {reason[0]}")
    return modules


class Webhook(Story):
    def verdicts(self, modules, key, requests):
        done = subprocess.run(
            ["node", SOURCE / "tests/e2e/verify_webhooks.js", key],
            input=json.dumps(requests), capture_output=True, text=True, timeout=60, check=True,
            env={**os.environ, "NODE_PATH": str(modules)},
        )
        return done.stdout.splitlines()

    def test_library(self):
        """the library of Standard Webhooks accepts every webhook, with both keys while one is rotated"""
        modules = library_folder()
        portfolio.write_tables(self)
        web = self.sink("http_sink")
        configuration = portfolio.write_configuration(self, web_port=web.port)
        secret = self.directory / "webhook.secret"
        for number, day in enumerate(DAYS):
            if number == len(DAYS) // 2:
                secret.write_text(f"{NEW_KEY}\n{OLD_KEY}\n", encoding="utf-8")
                before = len(web.accepted())
            self.reviewd(configuration, "--once", "--now", day)
        requests = [{"headers": each["headers"], "body": each["body"]} for each in web.accepted()]
        self.assertGreater(before, 0)
        self.assertGreater(len(requests), before)
        every = ["ok"] * len(requests)
        self.assertEqual(self.verdicts(modules, OLD_KEY, requests), every)
        rotated = requests[before:]
        self.assertEqual(self.verdicts(modules, NEW_KEY, rotated), every[before:])
        self.assertNotIn("ok", self.verdicts(modules, NEW_KEY, requests[:before]))
        self.assertNotIn("ok", self.verdicts(modules, OTHER_KEY, requests))
        for each in rotated:
            each["body"] = each["body"].replace("{", "{ ", 1)
        self.assertNotIn("ok", self.verdicts(modules, OLD_KEY, rotated))


if __name__ == "__main__":
    unittest.main()

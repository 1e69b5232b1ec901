"""Webhooks as the library of Standard Webhooks' own authors reads them."""

import collections
import http.server
import json
import os
import shutil
import subprocess
import threading
import time
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


class Taker(http.server.ThreadingHTTPServer):
    """Takes every request after a moment, and counts how many it has at once."""

    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), TakerHandler)
        self.lock = threading.Lock()
        self.here = 0
        self.most = 0
        self.taken = collections.Counter()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class TakerHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    MOMENT_SECONDS = 0.05

    def do_POST(self):
        taker = self.server
        with taker.lock:
            taker.here += 1
            taker.most = max(taker.most, taker.here)
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.MOMENT_SECONDS)
        with taker.lock:
            taker.here -= 1
            taker.taken[self.headers["webhook-id"]] += 1
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Crowd(Story):
    """More deliveries at once than the store takes in one round, over two channels."""

    PEOPLE = 400
    AT_ONCE = 100

    def test_rounds(self):
        """many deliveries at once over two channels arrive once each, no more at a time than each endpoint bears"""
        takers = [Taker(), Taker()]
        secret = self.write("hook.key", f"{OLD_KEY}\n")
        secret.chmod(0o600)
        channels = "\n".join(
            f'  hook{i}: {{ type: webhook, url: "http://127.0.0.1:{taker.server_port}/", allow_http: true, '
            f"allow_hosts: [127.0.0.1], secret_file: {secret}, concurrency: {self.AT_ONCE}, per_day: 0 }}"
            for i, taker in enumerate(takers)
        )
        people = [f"p{i}" for i in range(self.PEOPLE)]
        self.write("data/people.csv", "key,name,email\n" + "".join(f"{p},{p},{p}@example.test\n" for p in people))
        self.write("data/accounts.csv", "key,name,owner,budget\n" + "".join(f"a{p},{p},{p},42000\n" for p in people))
        self.write(
            "rules/scoring.yaml",
            "---\nfacts: { budget: { type: money, from: accounts.budget } }\n"
            "rules: [ { id: room, when: budget > 20000, points: 45 } ]\nscore: { base: 20, min: 0, max: 100 }\n"
            "levels:\n  high: { from: 60, not_before: 1 day, review_every: 2 days, at_latest: 3 days }\n"
            "  low: { from: 0, not_before: 9 months, review_every: 11 months, at_latest: 12 months }\n...\n",
        )
        configuration = self.write(
            "reviewd.yaml",
            "---\ncompany: { name: Crowd, zone: UTC, currency: EUR }\ndata_directory: data\n"
            "rules: { directory: rules }\nsources:\n  people: { file: people.csv }\n  accounts: { file: accounts.csv }\n"
            'people: { defaults: { channels: [hook0, hook1], remind_at: "00:00", quiet_hours: none } }\n'
            f"channels:\n{channels}\n...\n",
        )
        self.reviewd(configuration, "--once", "--now", DAYS[0])
        for taker in takers:
            taker.shutdown()
            taker.server_close()
            self.assertEqual(len(taker.taken), self.PEOPLE)
            self.assertEqual(set(taker.taken.values()), {1})
            self.assertLessEqual(taker.most, self.AT_ONCE)
            self.assertGreater(taker.most, 1)


if __name__ == "__main__":
    unittest.main()

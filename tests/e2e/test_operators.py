"""What those who look after the service read of a morning, when a receiver takes nothing any more."""

import http.server
import json
import re
import threading
import unittest

import portfolio
from harness import Story

DAYS = ("2026-11-20", "2026-11-23", "2026-11-24", "2026-11-25")
LAST_DAY = "2026-11-26"  # on which the day before is told
WORDS = "this workspace was deleted"


class Refuser(http.server.ThreadingHTTPServer):
    """Refuses every request for good, and says why."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), RefuserHandler)
        self.signatures = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class RefuserHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.signatures.append(self.headers["webhook-signature"])
        self.send_response(404)
        self.send_header("Content-Length", str(len(WORDS)))
        self.end_headers()
        self.wfile.write(WORDS.encode())

    def log_message(self, *_):
        pass


class Operators(Story):
    def setUp(self):
        super().setUp()
        self.refuser = Refuser()
        self.addCleanup(self.refuser.server_close)
        self.addCleanup(self.refuser.shutdown)
        portfolio.write_tables(self)
        self.configuration = portfolio.write_configuration(self, web_port=self.refuser.server_port)
        self.lines = self.directory / "operators.jsonl"
        self.write(
            "conf.d/50-operators.yaml",
            "---\noperators: [kim]\npeople: { kim: { channels: [desk] } }\n"
            f"channels: {{ desk: {{ type: file, path: {self.lines} }} }}\n...\n",
        )

    def told(self):
        """The operators' messages so far; beside them the desk gets what its reader is told as a manager."""
        lines = self.lines.read_text(encoding="utf-8").splitlines() if self.lines.exists() else []
        return [each for each in map(json.loads, lines) if each["payload"]["kind"] == "operator"]

    def test_refused_for_good(self):
        """an operator reads of a morning what was refused for good, why, and what to type; of nobody's customers"""
        self.reviewd(self.configuration, "--once", "--now", DAYS[0])
        self.assertEqual(self.told(), [], "nothing was given up before the first morning")
        for day in DAYS[1:]:
            self.reviewd(self.configuration, "--once", "--now", day)
        failed = {number for (number,) in self.rows("SELECT id FROM deliveries WHERE state = 'failed'")}
        self.assertTrue(failed)
        self.reviewd(self.configuration, "--once", "--now", LAST_DAY)
        messages = self.told()
        for message in messages:
            self.check_words(message)
        groups = [group for message in messages for group in message["payload"]["groups"]]
        self.assertEqual(sum(group["deliveries"] for group in groups), len(failed), "each is told once")
        self.follow(groups[0], failed)

    def test_paused_channel(self):
        """an operator reads how much waits on a channel that somebody paused, and the command there lets it go"""
        self.reviewd(self.configuration, "--once", "--now", DAYS[0])
        where = {"configuration": self.configuration, "now": DAYS[0]}
        self.offline("notifier", "pause", "hook", "--because", "a new relay", **where)
        done = self.reviewd(self.configuration, "--once", "--now", DAYS[1], check=False)
        self.assertIn(done.returncode, (0, 75), "what waits is no failure")  # 75: not all went out
        (message,) = self.told()
        self.check_words(message, then="; 2 wait for you")
        words = "hook: 2 messages to 2 people, waiting since 20 Nov, because the channel is paused"
        self.assertIn(words, message["text"])
        self.assertIn("Reason:  a new relay", message["text"])
        command = re.search(r"when it may go on: reviewctl (.+)$", message["text"], re.MULTILINE).group(1)
        self.offline(*command.split(), configuration=self.configuration, now=DAYS[1])
        self.reviewd(self.configuration, "--once", "--now", DAYS[2])
        waiting = [group for message in self.told() for group in message["payload"]["waiting"]]
        self.assertEqual([group["why"] for group in waiting], ["paused"])
        # Of today's digests, which took in what had waited, nothing is left for another day.
        self.assertEqual(self.rows("SELECT id FROM deliveries WHERE state IN ('planned', 'ready', 'wait')"), [])

    def test_owner_gone(self):
        """an operator reads whose accounts belong to nobody any more, and the command there hands them over"""
        people = (self.directory / "data/people.csv").read_text(encoding="utf-8")
        people += "".join(f"p{number},Person {number},,kim\n" for number in range(4))
        self.write("data/people.csv", people)
        self.reviewd(self.configuration, "--once", "--now", DAYS[0])
        without = [line for line in people.splitlines(keepends=True) if not line.startswith("jo,")]
        self.write("data/people.csv", "".join(without))
        for day in DAYS[1:]:
            self.reviewd(self.configuration, "--once", "--now", day)
        told = [message for message in self.told() if message["payload"]["ownerless"]]
        self.assertTrue(told)
        (group,) = told[0]["payload"]["ownerless"]
        self.assertEqual((group["key"], group["name"], group["manager"]), ("jo", "Jo Marsh", "Kim Osei"))
        where = {"configuration": self.configuration, "now": DAYS[-1]}
        listed = self.offline_json("plan", "--owner", "none", **where)["reviews"]
        self.assertEqual(len(listed), group["accounts"])
        self.assertIn("--owner none", self.offline("status", **where, check=False).stdout)
        command = re.search(r"To do: +reviewctl (review reassign .+) PERSON$", told[0]["text"], re.MULTILINE).group(1)
        self.offline(*command.split(), "ana", **where)
        self.assertEqual(self.offline_json("plan", "--owner", "none", **where)["reviews"], [])
        self.reviewd(self.configuration, "--once", "--now", LAST_DAY)
        where["now"] = LAST_DAY
        self.assertEqual(self.offline_json("plan", "--owner", "none", **where)["reviews"], [])

    def check_words(self, message, then=""):
        text = message["text"]
        self.assertRegex(message["subject"], rf"^Not delivered: \d+ messages? on hook{then}$")
        self.assertIn("refused for good", text)
        self.assertIn(f"It said: {WORDS}", text)
        self.assertRegex(text, r"Look: +reviewctl outbox show \d+")
        self.assertIn("Nothing took over", text)
        self.assertEqual(message["payload"]["recipient"], "Kim Osei")
        whole = json.dumps(message, ensure_ascii=False)
        secret = (self.directory / "webhook.secret").read_text(encoding="utf-8").strip()
        customers = [words for account in portfolio.NAMES for words in (f'"{account[0]}"', account[1])]
        for private in (secret, secret[6:], *self.refuser.signatures, *customers, "Jo Marsh", "jo@", "ana@"):
            self.assertNotIn(private, whole)

    def follow(self, group, failed):
        """What the message says to type works."""
        where = {"configuration": self.configuration, "now": LAST_DAY}
        self.assertIn(group["delivery"], failed)
        shown = self.offline_json("outbox", "show", str(group["delivery"]), **where)
        self.assertEqual((shown["state"], shown["channel"]), ("failed", "hook"))
        listed = self.offline_json("outbox", "list", "--state", "failed", **where)
        self.assertLessEqual(failed, {each["id"] for each in listed["deliveries"]})


if __name__ == "__main__":
    unittest.main()

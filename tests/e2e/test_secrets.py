"""Secrets of a running service, looked for in everything that it writes or says."""

import base64
import secrets
import unittest

import portfolio
from harness import Story, free_port

DAYS = ("2026-11-20", "2026-11-23", "2026-11-24")
SIGNING_KEY = "whsec_" + base64.b64encode(b"canary-of-the-webhook-0123456789").decode()
PASSWORD = "canary-of-the-mail-password"
CHAT_PATH = "canary-of-the-chat-address"
LINK_SECRET = "canary-of-the-links-" + secrets.token_hex(16)
CANARIES = (SIGNING_KEY, SIGNING_KEY[6:], "canary-of-the-webhook", PASSWORD, CHAT_PATH, LINK_SECRET)


class Secrets(Story):
    def secret(self, name, content):
        path = self.write(name, content)
        path.chmod(0o600)
        return path

    def configure(self):
        portfolio.write_tables(self)
        web = self.sink("http_sink")
        configuration = portfolio.write_configuration(self, web_port=web.port)
        self.secret("webhook.secret", SIGNING_KEY + "\n")
        self.secret("password", PASSWORD + "\n")
        self.secret("chat.url", f"http://127.0.0.1:{web.port}/hook/{CHAT_PATH}\n")
        self.secret("links.secret", LINK_SECRET)
        text = configuration.read_text(encoding="utf-8")
        channels = (
            "channels:\n"
            # Nobody listens there, and nothing in clear text would be let through.
            "  mail: { type: smtp, host: 127.0.0.1, port: 1, from: reviews@reviews.example, user: reviews, "
            f"password_file: {self.directory / 'password'} }}\n"
            f"  chat: {{ type: slack, url_file: {self.directory / 'chat.url'}, allow_http: true, "
            "allow_hosts: [127.0.0.1] }\n"
        )
        text = text.replace("channels:\n", channels, 1).replace("channels: [hook]", "channels: [hook, chat, mail]")
        configuration.write_text(text, encoding="utf-8")
        self.write(
            "conf.d/50-links.yaml",
            "---\npublic_url: https://reviews.example\n"
            f'links: {{ listen: "127.0.0.1:{free_port()}", secret_file: {self.directory / "links.secret"} }}\n...\n',
        )
        return configuration

    def test_nowhere(self):
        """no command, log line, message of failure or table holds a secret [T20] [T35]"""
        configuration = self.configure()
        said = []

        def keep(done):
            said.append(done.stdout + done.stderr)
            return done

        for day in DAYS:
            done = keep(self.reviewd(configuration, "--once", "--now", day, check=False))
            self.assertIn(done.returncode, (0, 75), done.stderr)
        states = [state for (state,) in self.rows("SELECT DISTINCT state FROM deliveries")]
        self.assertIn("accepted", states)
        self.assertTrue({"wait", "ready"} & set(states), states)
        keep(self.reviewctl("check", "--config", str(configuration), check=False))
        where = {"configuration": configuration, "now": DAYS[-1], "check": False}
        for (delivery,) in self.rows("SELECT id FROM deliveries LIMIT 20"):
            keep(self.offline("outbox", "show", str(delivery), **where))
            keep(self.offline("--json", "outbox", "show", str(delivery), **where))
        for command in (["status"], ["outbox"], ["doctor"], ["audit"]):
            keep(self.offline(*command, **where))
            keep(self.offline("--json", *command, **where))
        for words in said:
            for canary in CANARIES:
                self.assertNotIn(canary, words)
        for file in self.state.iterdir():
            content = file.read_bytes()
            for canary in CANARIES:
                self.assertNotIn(canary.encode(), content, file.name)


if __name__ == "__main__":
    unittest.main()

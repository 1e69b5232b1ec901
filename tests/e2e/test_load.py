"""The running daemon while somebody takes all the room there is: it goes on answering, in good time."""

import json
import secrets
import socket
import statistics
import time
import unittest
import urllib.request

import portfolio
from harness import PATIENCE_SECONDS, Story, free_port

DAY = "2026-11-23"
IN_TIME_SECONDS = 1.0
# A command is a process of its own, which a busy machine starts late.
COMMAND_SECONDS = 3.0


class Load(Story):
    def start(self, configuration):
        daemon = self.start_reviewd(configuration, "--now", DAY)
        while "daemon.ready" not in daemon.stdout.readline():
            self.assertIsNone(daemon.poll())
        return daemon

    def status(self):
        """@returns what `reviewctl status` said, and how long it took"""
        begin = time.monotonic()
        done = self.reviewctl("--json", "--socket", str(self.state / "control.sock"), "status", check=False)
        self.assertIn(done.returncode, (0, 75), done.stderr)
        return json.loads(done.stdout), time.monotonic() - begin


class Links(Load):
    """Clients of the listener of links that only hold their connections."""

    def setUp(self):
        super().setUp()
        portfolio.write_tables(self)
        self.links = free_port()
        self.monitoring = free_port()
        configuration = portfolio.write_configuration(self)
        secret = self.directory / "links.secret"
        secret.write_bytes(secrets.token_bytes(32))
        secret.chmod(0o600)
        self.write(
            "conf.d/50-links.yaml",
            '---\npublic_url: "http://127.0.0.1"\n'
            f'links: {{ listen: "127.0.0.1:{self.links}", secret_file: {secret} }}\n'
            f'monitoring: {{ listen: "127.0.0.1:{self.monitoring}" }}\n...\n',
        )
        self.daemon = self.start(configuration)

    def connect(self, source):
        client = socket.create_connection(
            ("127.0.0.1", self.links), timeout=PATIENCE_SECONDS, source_address=(source, 0)
        )
        self.addCleanup(client.close)
        return client

    def ask(self, source):
        """@returns the first line of the answer to a page that does not exist, or nothing"""
        with self.connect(source) as client:
            try:
                client.sendall(b"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                return client.recv(64).decode(errors="replace")
            except ConnectionError:
                return ""

    def healthy_in(self):
        begin = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.monitoring}/healthz", timeout=PATIENCE_SECONDS) as answer:
            self.assertEqual(answer.status, 200)
        return time.monotonic() - begin

    def test_silent_clients(self):
        """a thousand clients that say nothing, or a byte a second, hold up neither health nor commands [T24]"""
        self.assertIn("404", self.ask("127.0.0.1"))
        # One address gets no more than its share; who comes from another is served meanwhile.
        crowd = [self.connect("127.0.0.2") for _ in range(200)]
        self.assertIn("404", self.ask("127.0.0.1"))
        # From many addresses all places are taken.
        crowd += [self.connect(f"127.0.1.{1 + number % 40}") for number in range(800)]
        begin = time.monotonic()
        self.assertEqual(self.ask("127.0.0.1"), "")
        health = []
        commands = []
        head = iter("GET /nothing HTTP/1.1")
        while self.ask("127.0.0.1") == "":
            self.assertLess(time.monotonic() - begin, 30, "silent clients keep their places")
            byte = next(head).encode()
            for client in crowd[::50]:
                try:
                    client.send(byte)
                except ConnectionError:
                    pass  # it was closed as one too many
            health.append(self.healthy_in())
            commands.append(self.status()[1])
            time.sleep(1)
        # Their ten seconds are counted from the connection, however often they say a byte.
        self.assertGreater(time.monotonic() - begin, 5)
        self.assertLess(statistics.median(health), IN_TIME_SECONDS)
        self.assertLess(statistics.median(commands), COMMAND_SECONDS)
        self.assertIsNone(self.daemon.poll())


class Programs(Load):
    """A channel that runs a program for each message."""

    people = 200
    # An endpoint begins with one delivery and gets one more for each success. From the fourth end on each program waits
    # until four are under way or the last one has begun, so that four meet however slow or fast the machine is.
    SCRIPT = """\
#!/bin/sh
echo "begin $REVIEWD_MESSAGE_ID" >> {log}
cat > /dev/null
while :; do
    begun=$(grep -c begin {log})
    ended=$(grep -c end {log})
    if [ "$ended" -lt 3 ] || [ $((begun - ended)) -ge 4 ] || [ "$begun" -ge {people} ]; then break; fi
    sleep 0.02
done
echo "end $REVIEWD_MESSAGE_ID" >> {log}
"""

    def write_people(self):
        names = [f"person-{number}" for number in range(self.people)]
        self.write(
            "data/people.csv",
            portfolio.csv(
                ["key", "name", "email", "manager"],
                [[name, name.title(), f"{name}@reviews.example", ""] for name in names],
            ),
        )
        self.write(
            "data/accounts.csv",
            portfolio.csv(
                ["key", "name", "owner", "budget"],
                [[f"account-{name}", f"Account of {name}", name, 30000] for name in names],
            ),
        )
        self.write(
            "data/purchases.csv",
            portfolio.csv(
                ["key", "account", "product", "date", "amount"],
                [[f"p-{name}", f"account-{name}", "product-1", "2026-02-15", 1000] for name in names],
            ),
        )

    def test_two_hundred(self):
        """of two hundred programs that are to run at once at most four do, each message once, and commands are answered [F35]"""
        self.write_people()
        log = self.directory / "programs.log"
        log.touch()
        program = self.write("program", self.SCRIPT.format(log=log, people=self.people))
        program.chmod(0o700)
        configuration = portfolio.write_configuration(self)
        text = configuration.read_text(encoding="utf-8")
        before, _, rest = text.partition("  lines: {")
        configuration.write_text(
            f"{before}  lines: {{ type: exec, command: [{program}], concurrency: 4 }}\n{rest.partition(chr(10))[2]}",
            encoding="utf-8",
        )
        self.start(configuration)
        times = []
        begin = time.monotonic()
        while log.read_text().count("end ") < self.people:
            self.assertLess(time.monotonic() - begin, PATIENCE_SECONDS, "not all were told")
            times.append(self.status()[1])
        under_way = most = 0
        begun = []
        for line in log.read_text().splitlines():
            what, identity = line.split()
            under_way += 1 if what == "begin" else -1
            most = max(most, under_way)
            begun += [identity] if what == "begin" else []
        self.assertEqual(most, 4)
        self.assertEqual(len(begun), self.people)
        self.assertEqual(len(set(begun)), self.people)
        self.assertLess(statistics.median(times), COMMAND_SECONDS)


if __name__ == "__main__":
    unittest.main()

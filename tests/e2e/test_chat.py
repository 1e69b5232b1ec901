"""Posts to chat services, read by what each service publishes of them: its types, or its parser."""

import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import portfolio
from harness import BUILD, SOURCE, Story, free_port

DAYS = [f"2026-11-{day}" for day in (20, 23)]
SERVICES = ["slack", "teams", "discord", "mattermost", "ntfy"]
PACKAGES = [
    "typescript@5.9.3",
    "@slack/webhook@8.0.2",
    "@slack/types@3.2.0",
    "adaptivecards@3.0.6",
    "discord-api-types@0.38.57",
    "@mattermost/types@11.9.0",
]
FETCH_SECONDS = 150
MEMBER = "U012AB3CD"
USER = "123456789012345678"
PEOPLE = f"""\
  jo: {{ addresses: {{ slack: {MEMBER}, discord: "{USER}", mattermost: "@jo.marsh", ntfy: jo-k3J9x }} }}
"""
CANARY = "Canary"
HOSTILE = [
    f"{CANARY} <!channel> & <@U0EVIL00> <https://evil.example|pay>",
    f"{CANARY} @everyone @here @channel @all <@876543210987654321> ||spoiler||",
    f"{CANARY} **bold** [pay](https://evil.example) `code` ~~gone~~ # > - |",
    f'{CANARY} </TextRun><b>&amp;"quoted" \\n \\u0040 \\',
    f"{CANARY} " + "x" * 3000,
    f"{CANARY} " + "ট্রেডার্স " * 200,
    f"{CANARY} " + "👩‍👩‍👧🚀" * 300,
    f"{CANARY} ${{env}} {{{{=<% %>=}}}} شركة النور %s @jo",
]
LEVELS = """\
levels:
  high: { from: 20, not_before: 1 day, review_every: 3 days, at_latest: 2 weeks }
  low:  { from: 0,  not_before: 1 day, review_every: 4 days, at_latest: 2 weeks }
...
"""
# One wrong thing at a time, each of which a service would refuse or not understand: where it stands, and its value.
WRONG = {
    "slack": [
        (["blocks", 0, "text", "colour"], "red"),
        (["blocks", 0, "type"], "heading"),
        (["blocks", -1, "text", "type"], "markdown"),
        (["unfurl_links"], "no"),
        (["webhook"], "reviews"),
    ],
    "teams": [
        (["type"], "card"),
        (["attachments", 0, "contentType"], "application/json"),
        (["attachments", 0, "content", "version"], "1.9"),
        (["attachments", 0, "content", "body", 0, "spacing"], "Huge"),
        (["attachments", 0, "content", "body", 0, "type"], "RichText"),
        (["attachments", 0, "content", "body", 0, "inlines", 0, "colour"], "red"),
        (["attachments", 0, "content", "body", 0, "inlines", 0, "text"], 7),
    ],
    "discord": [
        (["embeds", 0, "descriptions"], "more"),
        (["embeds", 0, "title"], 7),
        (["allowed_mentions", "parse"], ["nobody"]),
        (["text"], "reviews"),
    ],
    "mattermost": [(["icon"], "bell"), (["text"], None), (["attachments"], [{"heading": "reviews"}])],
    "ntfy": [(["priority"], 6), (["topic"], None), (["tags"], "reviews"), (["body"], "reviews")],
}


def fetch(packages, modules):
    """Brings these packages alone, without what they need to run; says why not."""
    with tempfile.TemporaryDirectory(dir=modules) as name:
        folder = pathlib.Path(name)
        patience = ["--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
        try:
            done = subprocess.run(
                ["npm", "pack", "--loglevel=error", *patience, "--pack-destination", folder, *packages],
                capture_output=True, text=True, timeout=FETCH_SECONDS, check=False,
            )
        except subprocess.TimeoutExpired:
            return f"no answer within {FETCH_SECONDS} s"
        if done.returncode != 0:
            return " ".join(done.stderr.split("\n")[:2])
        for archive in folder.glob("*.tgz"):
            unpacked = archive.with_suffix("")
            unpacked.mkdir()
            subprocess.run(["tar", "-xzf", archive, "-C", unpacked, "--strip-components=1"], check=True)
            manifest = json.loads((unpacked / "package.json").read_text(encoding="utf-8"))
            place = modules / manifest["name"]
            shutil.rmtree(place, ignore_errors=True)
            place.parent.mkdir(exist_ok=True)
            unpacked.rename(place)
    return ""


def is_there(package, modules):
    name, version = package.rsplit("@", 1)
    manifest = modules / name / "package.json"
    return manifest.exists() and json.loads(manifest.read_text(encoding="utf-8"))["version"] == version


def published_folder():
    """Where node finds what the services publish; it is fetched once for a build."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise unittest.SkipTest("node and npm are not installed")
    modules = BUILD / "e2e-chats" / "node_modules"
    modules.mkdir(parents=True, exist_ok=True)
    missing = [package for package in PACKAGES if not is_there(package, modules)]
    reason = fetch(missing, modules) if missing else ""
    if reason:
        raise unittest.SkipTest(f"npm cannot fetch {', '.join(missing)}: {reason}")
    return modules.parent


def changed(body, where, value):
    post = json.loads(body)
    inner = post
    for step in where[:-1]:
        inner = inner[step]
    inner[where[-1]] = value
    return json.dumps(post)


def characters(text):
    """As the services count them: an emoji beyond the first plane is two."""
    return len(text.encode("utf-16-le")) // 2


def lengths(service, body):
    """What no type can say: pairs of a length and the largest that the service's documentation allows."""
    post = json.loads(body)
    if service == "slack":
        limits = {"header": 150, "section": 3000}
        yield len(post["blocks"]), 50
        yield from ((characters(block["text"]["text"]), limits[block["type"]]) for block in post["blocks"])
    elif service == "teams":
        yield len(body.encode()), 28 * 1024
    elif service == "discord":
        [embed] = post["embeds"]
        yield characters(embed["title"]), 256
        yield characters(embed["description"]), 4096
    elif service == "mattermost":
        yield characters(post["text"]), 16383
    else:
        yield len(post["message"].encode()), 4096
        yield len(post["topic"]), 64


def called(service, body):
    """Whom the post calls, besides those who read it anyway."""
    post = json.loads(body)
    if service == "slack":
        marked = [block["text"]["text"] for block in post["blocks"] if block["text"]["type"] == "mrkdwn"]
        return re.findall("<[@!#]([^>]*)>", " ".join([post["text"], *marked]))
    if service == "discord":
        mentions = post["allowed_mentions"]
        return mentions["parse"] + mentions.get("users", []) + mentions.get("roles", [])
    if service == "mattermost":
        return re.findall(r"(?<!\w)@[a-z]\w*", post["text"])
    return []


class Chat(Story):
    def configure(self):
        """Each service with everything and, as NAME-minimal, with as little as it can say."""
        portfolio.write_tables(self, [(f"account-{number}", name) for number, name in enumerate(HOSTILE * 12)])
        web = self.sink("http_sink")
        self.write("link-key", base64.b64encode(os.urandom(32)).decode()).chmod(0o600)
        self.write("rules/scoring.yaml", portfolio.RULES.split("levels:")[0] + LEVELS)
        names = [service + content for service in SERVICES for content in ("", "-minimal")]
        blocks = []
        for name in names:
            service, _, content = name.partition("-")
            # ntfy takes JSON at its root alone, where the topic says which channel it was.
            place = f'/", topic: {name}' if service == "ntfy" else f'/{name}"'
            blocks.append(
                f'  {name}: {{ type: {service}, url: "http://127.0.0.1:{web.port}{place}, '
                f"content: {content or 'full'}, allow_http: true, allow_hosts: [127.0.0.1] }}"
            )
        text = portfolio.CONFIGURATION.format(channels=", ".join(names), channel_blocks="\n".join(blocks))
        links = f'links: {{ listen: "127.0.0.1:{free_port()}", secret_file: link-key }}\n'
        text = text.replace("retry:", f"public_url: https://reviews.example\n{links}retry:")
        text = text.replace('remind_at: "08:00"', 'remind_at: "08:00", capacity_per_day: 50, capacity_per_week: 50')
        return web, self.write("reviewd.yaml", text.replace("people:\n  defaults:", f"people:\n{PEOPLE}  defaults:"))

    def verdicts(self, folder, posts):
        """For each post "SERVICE: ok", or what is wrong with it."""
        done = subprocess.run(
            ["node", SOURCE / "tests/e2e/verify_chats.js", folder],
            input=json.dumps([{"service": service, "body": body} for service, body in posts]),
            capture_output=True, text=True, timeout=120, check=True,
        )
        reasons = done.stdout.splitlines()
        self.assertEqual(len(reasons), len(posts))
        return [f"{service}: {reason}" for (service, _), reason in zip(posts, reasons)]

    def posts(self):
        """What a few days post: of each channel its bodies."""
        web, configuration = self.configure()
        for day in DAYS:
            self.reviewd(configuration, "--once", "--now", day)
        posts = {}
        for each in web.accepted():
            self.assertEqual(each["headers"]["content-type"], "application/json")
            topic = json.loads(each["body"]).get("topic", "")
            name = each["target"][1:] or ("ntfy-minimal" if topic == "ntfy-minimal" else "ntfy")
            posts.setdefault(name, []).append(each["body"])
        return posts

    def test_published(self):
        """what is posted to Slack, Teams, Discord, Mattermost and ntfy has the shape that each of them publishes"""
        folder = published_folder()
        posts = self.posts()
        self.assertEqual(len(posts), 2 * len(SERVICES), posts.keys())
        every = [(name.partition("-")[0], body) for name, bodies in posts.items() for body in bodies]
        changes = [(service, where, value) for service, places in WRONG.items() for where, value in places]
        wrong = [(service, changed(posts[service][0], where, value)) for service, where, value in changes]
        verdicts = self.verdicts(folder, every + wrong)
        self.assertEqual(verdicts[: len(every)], [f"{service}: ok" for service, _ in every])
        refused = verdicts[len(every) :]
        self.assertEqual([change for change, said in zip(changes, refused) if said.endswith(": ok")], [])
        for service, body in every:
            for length, limit in lengths(service, body):
                self.assertLessEqual(length, limit, body)
            self.assertLessEqual(set(called(service, body)), {MEMBER, USER}, body)
        for service in ("slack", "discord", "ntfy"):
            self.assertTrue(any("[+" in body for body in posts[service]), f"nothing was too long for {service}")
        for service in SERVICES:
            self.assertTrue(any(CANARY in body for body in posts[service]), service)
            self.assertFalse(any(CANARY in body for body in posts[f"{service}-minimal"]), service)


if __name__ == "__main__":
    unittest.main()

"""The form behind the links, and mail, as people see them: in a real browser, narrow and wide, light and dark."""

import base64
import email
import email.policy
import json
import os
import pathlib
import re
import shutil
import unittest

from browser import Browser
from harness import PATIENCE_SECONDS, SOURCE, Story, free_port

FRIDAY = "2026-11-20"
MONDAY = "2026-11-23"
TUESDAY = "2026-11-24"
LOOKS = [(width, height, scheme) for width, height in ((360, 740), (1280, 800)) for scheme in ("light", "dark")]
THUMB_PIXELS = 40
SETTINGS = """\
---
channels:
  post: {{ type: smtp, host: 127.0.0.1, port: {mail_port}, tls: none, from: reviews@marlow.example }}
people:
  defaults: {{ channels: [post], invitations: appointments }}
  karim: {{ language: bn }}
public_url: http://127.0.0.1:{links_port}
links: {{ listen: "127.0.0.1:{links_port}", secret_file: link-key }}
...
"""


class Seen(Story):
    """The sample portfolio, whose people read English and Bengali, after a Friday and the Monday's weekly report."""

    def setUp(self):
        super().setUp()
        self.browser = Browser(self.directory)
        self.addCleanup(self.browser.close)
        self.mail = self.sink("smtp_sink")
        self.configuration = self.directory / "sample" / "reviewd.yaml"
        shutil.copytree(SOURCE / "config" / "example", self.configuration.parent)
        self.write("sample/link-key", base64.b64encode(os.urandom(32)).decode()).chmod(0o600)
        port = free_port()
        self.write("sample/conf.d/50-seen.yaml", SETTINGS.format(mail_port=self.mail.port, links_port=port))
        self.origin = f"http://127.0.0.1:{port}"
        for day in (FRIDAY, MONDAY):
            self.reviewd(self.configuration, "--once", "--now", day)

    def letters(self):
        """Every message that was accepted: to whom, its title, which differs by kind and language, and its HTML."""
        found = []
        for each in self.mail.accepted():
            message = email.message_from_string(each["content"], policy=email.policy.default)
            html = message.get_body(("html",)).get_content()
            kind = re.search("<title>(.*?)</title>", html).group(1)
            found.append((message["To"].addresses[0].username, kind, html))
        return found

    def look(self, name, **options):
        """What is shown is right as it is; a folder named by REVIEWD_SCREENSHOTS gets its picture."""
        where = f"{name}-{self.browser.width}-{self.browser.scheme}"
        if "REVIEWD_SCREENSHOTS" in os.environ:
            self.browser.screenshot(pathlib.Path(os.environ["REVIEWD_SCREENSHOTS"], f"{where}.png"))
        thumb = THUMB_PIXELS if self.browser.width < 600 else 0
        with self.subTest(page=where):
            self.assertEqual(self.browser.complaints(control_height=thumb, **options), [])

    def look_at_letters(self, letters):
        for kind, html in letters.items():
            for width, height, scheme in LOOKS:
                self.browser.look_like(width, height, scheme)
                self.browser.open_text(html)
                self.look("mail-" + kind, texts_at_least=3)


class Mail(Seen):
    def test_mail(self):
        """mail can be read on a phone and a desktop, light and dark, and loads nothing"""
        # The longest of each kind and language has the most in it.
        letters = {kind: html for _, kind, html in sorted(self.letters(), key=lambda each: len(each[2]))}
        self.assertEqual(len(letters), 4, f"digests and weekly reports in two languages: {list(letters)}")
        before = len(self.letters())
        appointment = ["oasis", TUESDAY, "--time", "10:30", "--because", "they are away"]
        self.offline("review", "appoint", *appointment, configuration=self.configuration, now=MONDAY)
        self.reviewd(self.configuration, "--once", "--now", TUESDAY)
        for _, kind, html in self.letters()[before:]:
            letters.setdefault(kind, html)
        self.assertEqual(len(letters), 5, f"those and an appointment: {list(letters)}")
        self.look_at_letters(letters)


class Form(Seen):
    def setUp(self):
        super().setUp()
        self.daemon = self.start_reviewd(self.configuration, "--now", MONDAY)
        while "daemon.ready" not in self.daemon.stdout.readline():
            self.assertIsNone(self.daemon.poll(), "it did not start")
        self.browser.origin = self.origin

    def ctl(self, *arguments):
        socket_file = str(self.state / "control.sock")
        return json.loads(self.reviewctl("--json", "--socket", socket_file, *arguments).stdout)

    def link_to(self, person, place=0):
        """A link of the last message that the person got."""
        html = [html for to, _, html in self.letters() if to == person][-1]
        return re.findall('class="button" href="([^"]+)"', html)[place]

    def review_behind(self, link):
        self.browser.open(link)
        name = self.browser.evaluate("document.querySelector('header h1').textContent")
        return next(row["id"] for row in self.ctl("plan")["reviews"] if row["account"]["name"] == name)

    def known(self, review):
        return self.ctl("review", "show", str(review)), self.ctl("audit")

    def look_at(self, name, link, **options):
        for width, height, scheme in LOOKS:
            self.browser.look_like(width, height, scheme)
            self.browser.open(link)
            for number in range(self.browser.evaluate("document.querySelectorAll('summary').length")):
                self.browser.click("summary", number)
            self.look(name, **options)

    def fill_in(self):
        """Answers everything that the form asks, as a person does it."""
        asked = self.browser.evaluate("[...document.querySelectorAll('form.card fieldset input')].map(e => e.name)")
        for name in dict.fromkeys(asked):
            last = asked.count(name) - 1
            self.browser.click(f'input[name="{name}"]', last)
        fields = self.browser.evaluate(
            "[...document.querySelectorAll('form.card textarea, form.card input[type=text]')].map(e => e.name)"
        )
        for name in fields:
            self.browser.write(f'form.card [name="{name}"]', f"words for {name}")
        self.assertGreater(len(fields), 2)
        return [name for name in dict.fromkeys(asked + fields) if name.startswith("answer.")]

    def answer(self, person, width, height, scheme):
        """Fills in the form of a person's message and sends it, and sees it recorded."""
        link = self.link_to(person)
        review = self.review_behind(link)
        before = self.known(review)
        self.look_at(f"form-{person}", link, texts_at_least=30)
        self.assertEqual(self.known(review), before, "looking at a form changed something")
        self.browser.look_like(width, height, scheme)
        self.browser.open(link)
        answered = self.fill_in()
        self.look(f"filled-{person}")
        self.assertEqual(self.known(review), before, "filling in a form changed something")
        self.browser.submit("button[value=done]")
        self.look(f"thanks-{person}")
        after = self.ctl("review", "show", str(review))
        self.assertEqual((after["state"], after["held_on"]), ("done", MONDAY))
        self.assertEqual(after["note"], "words for note")
        self.assertEqual({f"answer.{each['question']}" for each in after["answers"]}, set(answered))
        self.assertIn("words for promise", [each["text"] for each in after["promises"]])
        self.look_at(f"closed-{person}", link)
        self.assertEqual(self.ctl("review", "show", str(review)), after, "a second look changed something")

    def test_english_form(self):
        """the form of a link works in a browser without scripts, on a phone and a desktop, light and dark"""
        self.answer("omar.nasser", *LOOKS[1])
        self.look_at("unknown", self.link_to("ana.lima")[:-4])
        self.look_at("nothing-here", self.origin + "/nothing")

    def test_bengali_form(self):
        """the Bengali form of a link does so too, says what came between, and gives an account back"""
        link = self.link_to("farah.rahman")
        review = self.review_behind(link)
        self.browser.look_like(*LOOKS[0])
        self.browser.open(link)
        self.ctl("review", "snooze", str(review), TUESDAY)
        self.browser.submit("button[value=done]")
        self.look("changed-farah.rahman")
        self.assertIsNotNone(self.browser.evaluate("document.querySelector('.note')"), "it does not say so")
        self.answer("farah.rahman", *LOOKS[2])
        self.give_back(self.link_to("farah.rahman", 1))

    def give_back(self, link):
        review = self.review_behind(link)
        self.browser.click("summary", 3)
        self.browser.write("#whose", "a colleague's")
        self.browser.submit("button[value=not-mine]")
        self.look("given-back")
        self.assertIn("not-mine", [each["what"] for each in self.ctl("review", "show", str(review))["history"]])
        self.daemon.terminate()
        self.daemon.wait(timeout=PATIENCE_SECONDS)
        self.reviewd(self.configuration, "--once", "--now", TUESDAY)
        notices = [html for to, _, html in self.letters() if to == "karim.haddad" and "colleague" in html]
        self.assertEqual(len(notices), 1, "their manager is told")
        self.look_at_letters({"notice": notices[0]})


if __name__ == "__main__":
    unittest.main()

"""Versions of the rules: publish, hold, confirm, roll back, export, backtest; with a daemon and without."""

import hashlib
import json
import random
import shutil
import time
import unittest

import portfolio
from harness import PATIENCE_SECONDS, SHARED, SOURCE, Story

DAY = "2026-11-20"


class Rules(Story):
    def published(self):
        """The small portfolio with published rules, scored once; its ten accounts suffice for the guard."""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.write("conf.d/50-rules.yaml", "---\nrules: { authority: published }\n...\n")
        self.reviewd(configuration, "--once", "--now", DAY)
        return configuration

    def draft(self, old, new):
        (file,) = (self.directory / "rules").glob("*.yaml")
        text = file.read_text(encoding="utf-8")
        self.assertIn(old, text)
        return self.write(f"draft/{file.name}", text.replace(old, new))

    def rules(self, *arguments, configuration, check=True):
        return self.offline("rules", *arguments, configuration=configuration, now=DAY, check=check)

    def test_publish_and_roll_back(self):
        """drafts are published, held, confirmed, rolled back and exported without a daemon"""
        configuration = self.published()
        small = self.draft("base: 20", "base: 21")
        refused = self.rules("publish", str(small), configuration=configuration, check=False)
        self.assertEqual(refused.returncode, 64)
        done = self.rules("publish", str(small), "--note", "a little more", configuration=configuration)
        self.assertIn("rules v2 are in force", done.stdout)
        status = self.offline("status", configuration=configuration, now=DAY).stdout
        self.assertIn("differs from the rules in force", status)
        big = self.draft("base: 20", "base: 60")
        held = self.rules("publish", str(big), "--note", "much more", configuration=configuration, check=False)
        self.assertEqual(held.returncode, 75)  # a script must not believe that they are in force
        self.assertIn("rules v3 are held", held.stdout)
        self.assertIn("rules v2 stay in force", held.stdout)
        status = self.offline_json("status", configuration=configuration, now=DAY)
        self.assertEqual(status["rules_version"], "v2")
        self.assertEqual(status["rules"]["waiting"]["version"], "v3")
        self.assertGreater(status["rules"]["waiting"]["moving"], 2)
        diff = self.rules("diff", "current", "held", configuration=configuration).stdout
        self.assertIn("score base", diff)
        scores = self.offline_json("score", configuration=configuration, now=DAY)["scores"]
        self.assertEqual({score["rules_version"] for score in scores}, {"v2"})
        self.rules("confirm", configuration=configuration)
        scores = self.offline_json("score", configuration=configuration, now=DAY)["scores"]
        self.assertEqual({score["rules_version"] for score in scores}, {"v3"})
        held = self.rules("rollback", "2", configuration=configuration, check=False)
        self.assertEqual(held.returncode, 75)
        self.assertIn("rules v2 are held", held.stdout)
        self.assertIn("rules v3 are in force", self.rules("drop", configuration=configuration).stdout)
        exported = self.rules("export", configuration=configuration).stdout
        self.assertIn("wrote", exported)
        (file,) = (self.directory / "rules").glob("*.yaml")
        self.assertIn("base: 60", file.read_text(encoding="utf-8"))
        (old,) = (self.directory / "rules").glob("*.old")
        self.assertIn("base: 20", old.read_text(encoding="utf-8"))
        status = self.offline_json("status", configuration=configuration, now=DAY)
        self.assertEqual(status["rules"]["drift"], [])
        history = self.offline_json("rules", "history", configuration=configuration, now=DAY)
        self.assertEqual([version["version"] for version in history["versions"]], ["v3", "v2", "v1"])
        text = file.read_bytes()
        self.assertEqual(history["versions"][0]["files"][0]["hash"], hashlib.sha256(text).hexdigest())
        self.assertEqual(history["versions"][0]["note"], "much more")

    def test_mistakes(self):
        """mistakes in rules commands are named, and change nothing"""
        configuration = self.published()
        wrong = self.draft("points:", "pionts:")
        wrong = wrong.rename(wrong.with_name("my-try.yaml"))
        for arguments, code, words in [
            (["publish", str(wrong), "--note", "a slip"], 65, "did you mean `points`"),
            (["publish", str(wrong), "--note", "a slip"], 65, "my-try.yaml:"),
            (["publish", "/nowhere.yaml", "--note", "x"], 66, "nowhere.yaml"),
            (["rollback", "9"], 66, "there are no rules v9"),
            (["rollback", "newest"], 64, "is no version of the rules"),
            (["rollback", "1"], 65, "in force already"),
            (["confirm"], 66, "no rules are held"),
            (["drop"], 66, "no rules are held"),
            (["diff", "v1", "v7"], 66, "there are no rules v7"),
            (["publsh"], 64, "did you mean `publish`"),
            (["backtest", "--as-of", "2026-11-20"], 64, "past day"),
            (["backtest", "--as-of", "soon"], 64, "2026-11-20"),
            (["backtest", "--as-of", "2026-05-01", "--horizon", "long"], 64, "horizon"),
            (["backtest", "--as-of", "2026-05-01", "--outcome", "is_nwe"], 64, "is_new"),
        ]:
            done = self.rules(*arguments, configuration=configuration, check=False)
            self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
            self.assertIn(words, done.stderr, arguments)
        history = self.offline_json("rules", "history", configuration=configuration, now=DAY)
        self.assertEqual([version["version"] for version in history["versions"]], ["v1"])
        (file,) = (self.directory / "rules").glob("*.yaml")
        shutil.copyfile(wrong, file)  # where published rules are the truth, the files are drafts
        checked = self.reviewctl("check", "--config", str(configuration))
        self.assertIn("did you mean `points`", checked.stderr)
        self.assertIn("drafts with mistakes", checked.stdout)

    def test_files_are_the_truth(self):
        """where files are the truth a daemon holds what moves too many, across kill -9"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.reviewd(configuration, "--once", "--now", DAY)
        refused = self.rules("rollback", "1", configuration=configuration, check=False)
        self.assertEqual(refused.returncode, 65)
        self.assertIn("are the truth", refused.stderr)
        (file,) = (self.directory / "rules").glob("*.yaml")
        file.write_text(file.read_text(encoding="utf-8").replace("base: 20", "base: 60"), encoding="utf-8")
        for _ in range(2):
            process = self.start_reviewd(configuration, "--now", DAY)
            waiting = self.waiting(lambda held: held and held["state"] == "held")
            self.assertEqual(waiting["version"], "v2")
            process.kill()
            process.wait(timeout=PATIENCE_SECONDS)
        self.start_reviewd(configuration, "--now", DAY)
        self.waiting(lambda held: held and held["state"] == "held")
        answer = self.reviewctl("--socket", str(self.state / "control.sock"), "rules", "confirm").stdout
        self.assertIn("rules v2 are in force", answer)
        scores = json.loads(
            self.reviewctl("--socket", str(self.state / "control.sock"), "--json", "score").stdout
        )["scores"]
        self.assertEqual({score["rules_version"] for score in scores}, {"v2"})

    def waiting(self, is_awaited):
        """What the daemon's status says of rules that wait, once it is as awaited."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            done = self.reviewctl(
                "--socket", str(self.state / "control.sock"), "--json", "status", check=False
            )
            if done.returncode == 0:
                held = json.loads(done.stdout)["rules"]["waiting"]
                if is_awaited(held):
                    return held
            time.sleep(0.1)
        return self.fail("the daemon's status never came to that")

    def test_override(self):
        """a level is set with a reason, shown, and ends by itself"""
        portfolio.write_tables(self)
        configuration = portfolio.write_configuration(self)
        self.reviewd(configuration, "--once", "--now", DAY)
        for missing in (["--until", "2026-12-01"], ["--because", "a tender"], ["--until", "2026-01-01", "--because", "x"]):
            done = self.offline("override", "plain", "low", *missing, configuration=configuration, now=DAY, check=False)
            self.assertEqual(done.returncode, 64, done.stderr)
        self.assertIn("2026-01-01 has passed", done.stderr)
        done = self.offline(
            "override", "hartly", "low", "--until", "2026-12-01", "--because", "x",
            configuration=configuration, now=DAY, check=False,
        )
        self.assertEqual(done.returncode, 66)
        self.assertIn("did you mean", done.stderr)
        self.offline(
            "override", "hartley", "high", "--until", "2026-11-25", "--because", "a tender",
            configuration=configuration, now=DAY,
        )
        explained = self.offline("score", "hartley", "--explain", configuration=configuration, now=DAY).stdout
        self.assertIn("until 25 Nov 2026: a tender", explained)
        self.reviewd(configuration, "--once", "--now", "2026-11-26")
        after = self.offline_json("score", "hartley", configuration=configuration, now="2026-11-26")["scores"][0]
        self.assertIsNone(after["override"])
        self.assertNotEqual(after["level"], "high")
        history = self.offline("score", "hartley", "--history", configuration=configuration, now="2026-11-26").stdout
        self.assertIn("override", history)
        self.assertIn("ended 2026-11-26 by reviewd", history)

    def test_override_of_a_level_that_is_gone(self):
        """rules without a level that a person set say so, before and after they come into force"""
        configuration = self.published()
        top = "  top:    { from: 90, not_before: 1 week,   review_every: 3 weeks, at_latest: 4 weeks }\n"
        self.rules("publish", str(self.draft("  high:", top + "  high:")), "--note", "a top", configuration=configuration)
        self.offline(
            "override", "quote", "top", "--until", "2026-12-25", "--because", "a tender",
            configuration=configuration, now=DAY,
        )
        moves_many = self.draft("base: 20", "base: 70")
        held = self.rules("publish", str(moves_many), "--note", "no top", configuration=configuration, check=False)
        self.assertEqual(held.returncode, 75)
        self.assertIn(
            "rules v3 do not have a level that was set, so the score would decide once they are in force: ", held.stderr
        )
        self.assertIn("quote (top until 2026-12-25)", held.stderr)
        self.rules("drop", configuration=configuration)
        self.assertNotIn(
            "do not have a level", self.offline("status", configuration=configuration, now=DAY).stdout
        )
        done = self.rules(
            "publish", str(self.draft("base: 20", "base: 21")), "--note", "no top", configuration=configuration
        )
        self.assertIn("the rules in force do not have a level that was set", done.stderr)
        status = self.offline_json("status", configuration=configuration, now=DAY)
        (idle,) = status["overrides_idle"]
        self.assertEqual((idle["account"]["key"], idle["level"]), ("quote", "top"))
        page = self.offline("status", configuration=configuration, now=DAY).stdout
        self.assertIn(
            'so the score decides: quote (top until 2026-12-25); `reviewctl override ACCOUNT LEVEL --until DAY '
            '--because "…"` sets another, `reviewctl override ACCOUNT --remove` takes it back', page
        )
        explained = self.offline("score", "quote", "--explain", configuration=configuration, now=DAY).stdout
        self.assertIn("the rules have no such level", explained)


@unittest.skipUnless((SHARED / "crm").is_dir(), "the pipeline's files are not there")
class Backtest(Story):
    def backtest(self, configuration, data, *more):
        return self.offline_json(
            "--data", str(data), "rules", "backtest", "--as-of", "2017-06-30", *more,
            configuration=configuration, now="2018-01-02",
        )

    def test_pipeline(self):
        """the pipeline is scored as of 2017-06-30 alike, whatever happened afterwards"""
        configuration = self.directory / "crm" / "reviewd.yaml"
        shutil.copytree(SOURCE / "config" / "example" / "crm", configuration.parent)
        data = self.directory / "data"
        shutil.copytree(SHARED / "crm", data, copy_function=shutil.copyfile)
        self.reviewd(configuration, "--data", str(data), "--once", "--now", "2018-01-02")
        before = self.backtest(configuration, data)
        self.assertEqual(before["all"]["accounts"], 85)
        self.assertEqual(before["until"], "2017-12-27")
        self.assertEqual(sum(band["accounts"] for band in before["bands"]), 85)
        self.assertEqual(sum(level["hits"] for level in before["levels"]), before["all"]["hits"])
        for rate in [before["all"], *before["bands"], *before["levels"]]:
            if rate["accounts"]:
                self.assertLessEqual(rate["low"], rate["rate"])
                self.assertLessEqual(rate["rate"], rate["high"])
        self.assertTrue(any(warning.startswith("few cases") for warning in before["warnings"]))
        page = self.offline(
            "--data", str(data), "rules", "backtest", "--as-of", "2017-06-30",
            configuration=configuration, now="2018-01-02",
        ).stdout
        self.assertIn("ready-for-gtk", page)
        # Another future: what happened after the day is shuffled, column by column.
        pipeline = data / "sales_pipeline.csv"
        lines = pipeline.read_text(encoding="utf-8").splitlines()
        header = lines[0].split(",")
        rows = [line.split(",") for line in lines[1:]]
        future = [row for row in rows if row[header.index("close_date")] > "2017-06-30"]
        self.assertGreater(len(future), 1000)
        chance = random.Random(20170630)
        for name in ("account", "product", "deal_stage", "close_value"):
            column = header.index(name)
            values = [row[column] for row in future]
            chance.shuffle(values)
            for row, value in zip(future, values):
                row[column] = value
        changed = [",".join(row) for row in rows]
        pipeline.write_text("\n".join([lines[0], *changed, ""]), encoding="utf-8")
        shutil.rmtree(self.state)
        self.state.mkdir(mode=0o700)
        self.reviewd(configuration, "--data", str(data), "--once", "--now", "2018-01-02")
        after = self.backtest(configuration, data)
        scores = [{account["key"]: account["points"] for account in one["accounts"]} for one in (before, after)]
        self.assertEqual(scores[0], scores[1])
        self.assertNotEqual(before["all"]["hits"], after["all"]["hits"])


if __name__ == "__main__":
    unittest.main()

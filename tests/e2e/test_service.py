"""What IT relies on: the manual, the unit and its sandbox, as they are installed."""

import re
import shutil
import subprocess
import unittest

from harness import BUILD, REVIEWD, SOURCE


class Manual(unittest.TestCase):
    def test_options_of_the_daemon(self):
        """reviewd(8) names every option of reviewd"""
        page = (SOURCE / "systemd" / "manual" / "reviewd.8.in").read_text().replace("\\-", "-")
        shown = subprocess.run([REVIEWD, "--help"], capture_output=True, text=True, check=True).stdout
        options = set(re.findall(r"(--[a-z][a-z-]*)", shown))
        self.assertGreater(len(options), 5)
        for option in options:
            self.assertIn(option, page)


class Unit(unittest.TestCase):
    def test_exposure(self):
        """the unit's exposure is at most 1.2 by systemd's own measure"""
        analyze = shutil.which("systemd-analyze")
        if analyze is None:
            self.skipTest("systemd-analyze is not installed")
        unit = BUILD / "systemd" / "reviewd.service"
        ran = subprocess.run(
            [analyze, "security", "--offline=yes", "--no-pager", "--threshold=12", str(unit)],
            capture_output=True,
            text=True,
        )
        self.assertEqual(ran.returncode, 0, ran.stdout[-2000:] + ran.stderr)
        self.assertIn("Overall exposure level", ran.stdout)


if __name__ == "__main__":
    unittest.main()

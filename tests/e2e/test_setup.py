"""What daemon/setup.sh installs, on distributions that are played by programs in front of the real ones."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from harness import SOURCE

# What is installed stands in `have`, what the archive has in `archive`, and what apt-get was told goes to `ran`.
PROGRAMS = {
    "dpkg-query": 'for name; do :; done; if grep -qx -- "$name" "$PLAYED/have"; then printf "ii "; else exit 1; fi',
    "apt-cache": 'if grep -qx -- "$2" "$PLAYED/archive"; then echo "  Candidate: 1"; else echo "  Candidate: (none)"; fi',
    "apt-get": 'echo "$*" >>"$PLAYED/ran"',
    "id": "echo 0",
}
WANTED = "g++ libboost1.81-dev tzdata tzdata-legacy"


class Distribution(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name, body in PROGRAMS.items():
            program = self.folder / name
            program.write_text(f"#!/bin/sh\n{body}\n")
            program.chmod(0o755)

    def installed(self, have, archive, old_zones):
        """The words after `install`, or None when apt-get was not run at all."""
        (self.folder / "have").write_text("".join(f"{name}\n" for name in have.split()))
        (self.folder / "archive").write_text("".join(f"{name}\n" for name in archive.split()))
        zone = self.folder / "US" / "Central"
        if old_zones:
            zone.parent.mkdir()
            zone.touch()
        path = f"{self.folder}:{os.environ['PATH']}"
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"cd '{SOURCE}'; . daemon/setup.sh; install_packages {WANTED}"],
            env={"PATH": path, "PLAYED": str(self.folder), "TZDIR": str(self.folder)},
            capture_output=True,
            text=True,
        )
        self.assertEqual(ran.returncode, 0, ran.stderr)
        log = self.folder / "ran"
        if not log.exists():
            return None
        update, install = log.read_text().splitlines()
        self.assertTrue(update.startswith("update"), update)
        return [word for word in install.split()[1:] if not word.startswith("-")]

    def test_older_names(self):
        """the packages of Debian 12 are installed by the names that they have there"""
        archive = "g++ libboost1.81-dev libboost-dev tzdata"
        self.assertEqual(self.installed("", archive, old_zones=False), ["g++", "libboost1.81-dev", "tzdata"])

    def test_newer_names(self):
        """a newer distribution's names are taken, and the zones' old names where they are a package of their own"""
        archive = "g++ libboost-dev tzdata tzdata-legacy"
        expected = ["libboost-dev", "tzdata-legacy"]
        self.assertEqual(self.installed("g++ tzdata", archive, old_zones=False), expected)

    def test_nothing_twice(self):
        """where everything is installed, under whichever name, nothing is asked of the archive"""
        self.assertIsNone(self.installed("g++ libboost1.81-dev tzdata", "", old_zones=True))

    def test_nothing_twice_where_names_are_newer(self):
        """a newer distribution that has everything under its own names is not asked again"""
        self.assertIsNone(self.installed("g++ libboost-dev tzdata tzdata-legacy", "", old_zones=False))


if __name__ == "__main__":
    unittest.main()

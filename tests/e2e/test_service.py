"""What IT relies on: the manual, the unit and its sandbox, as they are installed."""

import datetime
import fcntl
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import termios
import unittest

import portfolio
from harness import BUILD, PATIENCE_SECONDS, REVIEWCTL, REVIEWD, SOURCE, Story


class Manual(unittest.TestCase):
    def test_options_of_the_daemon(self):
        """reviewd(8) names every option of reviewd"""
        page = (SOURCE / "systemd" / "manual" / "reviewd.8.in").read_text().replace("\\-", "-")
        shown = subprocess.run([REVIEWD, "--help"], capture_output=True, text=True, check=True).stdout
        options = set(re.findall(r"(--[a-z][a-z-]*)", shown))
        self.assertGreater(len(options), 5)
        for option in options:
            self.assertIn(option, page)


    def test_exit_codes_of_the_daemon(self):
        """reviewd(8) and reviewd --help name the same exit codes, and the unit's are among them"""
        page = (SOURCE / "systemd" / "manual" / "reviewd.8.in").read_text()
        listed = page[page.index('.SH "EXIT STATUS"') : page.index(".SH FILES")]
        codes = set(re.findall(r"^\.B (\d+)$", listed, re.MULTILINE))
        shown = subprocess.run([REVIEWD, "--help"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(codes, set(re.findall(r"\b(0|[67]\d)\b", shown[shown.index("Exit codes") :])))
        unit = (SOURCE / "systemd" / "reviewd.service.in").read_text()
        final = re.search(r"^RestartPreventExitStatus=(.*)$", unit, re.MULTILINE)[1].split()
        self.assertLessEqual(set(final), codes)

    def test_wrong_command_lines(self):
        """reviewd says in words of its own what is wrong with its command line, and where its commands are"""
        for words, said in (
            (["foo"], "there is no place for `foo`: reviewd takes nothing but options"),
            (["--confg", "x"], "there is no option `--confg`; did you mean `--config`?"),
            (["--config"], "--config wants a value behind it; write `--config TEXT`"),
            (["--once=maybe"], "--once takes no value; write `--once` without `=maybe`"),
            (["--state", "a", "--state", "b"], "--state was given 2 times; once is enough"),
        ):
            with self.subTest(words=words):
                refused = subprocess.run([REVIEWD, *words], capture_output=True, text=True)
                self.assertEqual((refused.returncode, refused.stdout), (64, ""))
                self.assertIn(f"reviewd: error: {said}\n", refused.stderr)
                self.assertIn("reviewctl", refused.stderr)


class Completion(unittest.TestCase):
    def test_shells_accept_the_scripts(self):
        """each shell that is installed accepts its completion script"""
        reviewctl = str(BUILD / "bin" / "reviewctl")
        for shell in ("bash", "zsh", "fish"):
            script = subprocess.run([reviewctl, "completion", shell], capture_output=True, text=True, check=True).stdout
            self.assertIn("reviewctl", script)
            if shutil.which(shell) is None:
                continue
            with tempfile.NamedTemporaryFile("w", suffix=f".{shell}") as file:
                file.write(script)
                file.flush()
                ran = subprocess.run([shell, "-n", file.name], capture_output=True, text=True)
                self.assertEqual((ran.returncode, ran.stderr), (0, ""), shell)


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


    def exposure_with(self, drop_in, change, threshold):
        """the unit with a drop-in, its text changed, stays below the threshold"""
        analyze = shutil.which("systemd-analyze")
        if analyze is None:
            self.skipTest("systemd-analyze is not installed")
        with tempfile.TemporaryDirectory() as root:
            units = pathlib.Path(root, "etc/systemd/system")
            drop_ins = units / "reviewd.service.d"
            drop_ins.mkdir(parents=True)
            for program in ("reviewd", "reviewctl"):
                path = pathlib.Path(root, "usr/bin", program)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch(mode=0o755)
            shutil.copy(BUILD / "systemd" / "reviewd.service", units)
            text = (SOURCE / "systemd" / "drop-ins" / drop_in).read_text()
            (drop_ins / drop_in).write_text(change(text))
            ran = subprocess.run(
                [analyze, "security", "--offline=yes", "--no-pager", f"--root={root}",
                 f"--threshold={threshold}", "reviewd.service"],
                capture_output=True, text=True,
            )
        self.assertEqual(ran.returncode, 0, ran.stdout[-2000:] + ran.stderr)

    def test_exposure_with_drop_ins(self):
        """with the drop-in for a relay the exposure is at most 1.1, wherever the relay is"""
        self.exposure_with("10-relay-only.conf", lambda text: text, 11)
        self.exposure_with("10-relay-only.conf", lambda text: text.replace("#IPAddressAllow", "IPAddressAllow"), 11)
        self.exposure_with("20-programs.conf", lambda text: text, 19)


class Backup(Story):
    def setUp(self):
        super().setUp()
        portfolio.write_tables(self)
        self.configuration = portfolio.write_configuration(self)
        self.reviewd(self.configuration, "--once", "--now", "2026-11-20")
        self.backups = self.directory / "backups"
        self.backups.mkdir(mode=0o700)

    def ctl(self, *arguments, check=True):
        where = ["--config", str(self.configuration), "--state", str(self.state)]
        return self.reviewctl(*where, "--socket", str(self.state / "control.sock"), *arguments, check=check)

    def accounts(self, database):
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT count(*) FROM accounts").fetchone()[0]

    def test_offline_backup_drill_and_restore(self):
        """[T41] a backup is drilled and restored, what there was is kept, and nothing is sent until resumed"""
        (self.backups / ".reviewd-backup.part").write_text("left by a crash")
        made = json.loads(self.ctl("--offline", "--json", "backup", str(self.backups)).stdout)
        self.assertEqual([path.name for path in self.backups.iterdir()], [pathlib.Path(made["file"]).name])
        self.assertEqual(self.accounts(made["file"]), len(portfolio.NAMES))
        drilled = json.loads(self.ctl("--json", "restore", "--drill", str(self.backups)).stdout)
        self.assertEqual(drilled["accounts"], len(portfolio.NAMES))
        self.assertEqual(len(list(self.backups.iterdir())), 1)
        restored = json.loads(self.ctl("--json", "restore", made["file"]).stdout)
        self.assertEqual(self.accounts(pathlib.Path(restored["kept"]) / "reviewd.db"), len(portfolio.NAMES))
        status = self.offline_json("status", configuration=self.configuration, now="2026-11-20")
        self.assertIsNotNone(status["restored"])
        self.offline("resume", configuration=self.configuration, now="2026-11-20")
        status = self.offline_json("status", configuration=self.configuration, now="2026-11-20")
        self.assertIsNone(status["restored"])

    def test_drill_after_an_interrupted_one(self):
        """[F50] what an interrupted drill left is removed by the next one, and nothing else"""
        self.ctl("--offline", "backup", str(self.backups))
        left = self.backups / ".drill-Ab12Cd"
        left.mkdir(mode=0o700)
        (left / "reviewd.db").write_text("a whole database")
        (self.backups / "notes").mkdir()
        self.ctl("restore", "--drill", str(self.backups))
        self.assertEqual([path.name for path in self.backups.iterdir() if path.is_dir()], ["notes"])

    def test_backup_by_root(self):
        """a backup that root makes belongs to whom the directory belongs, whose drill has to read it"""
        if os.geteuid() != 0:
            self.skipTest("only root can make a file for another user")
        nobody = 65534
        os.chown(self.backups, nobody, nobody)
        made = json.loads(self.ctl("--offline", "--json", "backup", str(self.backups)).stdout)
        about = os.stat(made["file"])
        self.assertEqual((about.st_uid, about.st_gid, about.st_mode & 0o777), (nobody, nobody, 0o600))

    def test_directory_in_the_place_of_a_backup(self):
        """a directory is no backup to restore, and the newest one in it is named"""
        made = json.loads(self.ctl("--offline", "--json", "backup", str(self.backups)).stdout)
        refused = self.ctl("restore", str(self.backups), check=False)
        self.assertEqual(refused.returncode, 64, refused.stderr)
        self.assertIn(pathlib.Path(made["file"]).name, refused.stderr)

    def test_damaged_backup(self):
        """[T40][F50] a damaged backup fails the drill and the restore, and the database stays"""
        made = json.loads(self.ctl("--offline", "--json", "backup", str(self.backups)).stdout)
        path = pathlib.Path(made["file"])
        content = bytearray(path.read_bytes())
        content[4096 * 5 : 4096 * 6] = b"\x5a" * 4096
        path.write_bytes(content)
        before = self.database().read_bytes()
        for arguments in (("restore", "--drill", str(self.backups)), ("restore", str(path))):
            refused = self.ctl(*arguments, check=False)
            self.assertEqual(refused.returncode, 65, refused.stdout + refused.stderr)
        self.assertEqual(self.database().read_bytes(), before)

    def test_drill_beside_a_daemon(self):
        """a drill that fails is seen in `status` until one succeeds [F50]"""
        daemon = self.start_reviewd(self.configuration, "--now", "2026-11-20")
        while "daemon.ready" not in daemon.stdout.readline():
            self.assertIsNone(daemon.poll())
        made = pathlib.Path(json.loads(self.ctl("--json", "backup", str(self.backups)).stdout)["file"])
        good = made.read_bytes()
        for content, code in ((good[:8192], 65), (good, 0)):
            made.write_bytes(content)
            drilled = self.ctl("restore", "--drill", str(self.backups), check=False)
            self.assertEqual(drilled.returncode, code, drilled.stderr)
            status = json.loads(self.ctl("--json", "status").stdout)
            self.assertIsNotNone(status["last_drill"])
            self.assertEqual(status["drill_problem"] is None, code == 0)
            # Of another file than the newest nobody asked.
            made.write_bytes(good[:8192])
            self.ctl("restore", "--drill", str(made), check=False)
            self.assertEqual(json.loads(self.ctl("--json", "status").stdout)["last_drill"], status["last_drill"])

    def test_backup_without_a_name(self):
        """a copy that cannot be given its name is no backup, also for monitoring [F50]"""
        daemon = self.start_reviewd(self.configuration, "--now", "2026-11-20")
        while "daemon.ready" not in daemon.stdout.readline():
            self.assertIsNone(daemon.poll())
        made = json.loads(self.ctl("--json", "backup", str(self.backups)).stdout)
        last = json.loads(self.ctl("--json", "status").stdout)["last_backup"]
        self.assertEqual(last, made["taken"])
        file = pathlib.Path(made["file"])
        file.unlink()
        form = "reviewd-%Y%m%dT%H%M%SZ.db"
        taken = datetime.datetime.strptime(file.name, form)
        for second in range(180):
            later = taken + datetime.timedelta(seconds=second)
            (self.backups / later.strftime(form)).mkdir()
        refused = self.ctl("backup", str(self.backups), check=False)
        self.assertEqual(refused.returncode, 74, refused.stderr)
        self.assertEqual(json.loads(self.ctl("--json", "status").stdout)["last_backup"], last)

    def test_two_at_once(self):
        """of two backups at once into one directory each is sound or says that the other is at work"""
        daemon = self.start_reviewd(self.configuration, "--now", "2026-11-20")
        while "daemon.ready" not in daemon.stdout.readline():
            self.assertIsNone(daemon.poll())
        command = [REVIEWCTL, "--config", self.configuration, "--socket", self.state / "control.sock"]
        for _ in range(5):
            running = [
                subprocess.Popen([*command, "backup", self.backups], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for _ in range(2)
            ]
            ended = [(*each.communicate(timeout=PATIENCE_SECONDS), each.returncode) for each in running]
            self.assertIn(0, [code for *_, code in ended], ended)
            for said, trouble, code in ended:
                if code == 0:
                    self.assertEqual(self.accounts(said[: said.index(",")]), len(portfolio.NAMES))
                else:
                    self.assertEqual(code, 75, trouble)
                    self.assertIn(f"another `reviewctl backup` is at work in {self.backups}", trouble)
        self.assertEqual([file.name for file in self.backups.iterdir() if not file.name.endswith("Z.db")], [])

    def test_running_daemon(self):
        """[F36][F50] a running daemon is backed up while it works, and not restored into"""
        daemon = self.start_reviewd(self.configuration, "--now", "2026-11-20")
        while "daemon.ready" not in daemon.stdout.readline():
            self.assertIsNone(daemon.poll())
        made = json.loads(self.ctl("--json", "backup", str(self.backups)).stdout)
        self.assertEqual(self.accounts(made["file"]), len(portfolio.NAMES))
        refused = self.ctl("restore", made["file"], check=False)
        self.assertEqual(refused.returncode, 73, refused.stderr)
        self.assertEqual(self.ctl("backup", str(self.backups / "none"), check=False).returncode, 66)
        self.assertEqual(self.ctl("--json", "status").returncode, 0)


class End(Story):
    """A daemon that is told to end while a reader holds up one of its threads."""

    def setUp(self):
        super().setUp()
        portfolio.write_tables(self)
        self.configuration = portfolio.write_configuration(self)
        self.write("conf.d/paper.yaml", "channels: { paper: { type: journal } }\n")
        self.read_end, self.write_end = os.pipe()
        self.addCleanup(os.close, self.read_end)
        self.addCleanup(os.close, self.write_end)

    def leave_room(self, room):
        """Fills the pipe but for that many bytes."""
        os.write(self.write_end, b"." * (fcntl.fcntl(self.write_end, fcntl.F_SETPIPE_SZ, 4096) - room))

    def waiting(self):
        return int.from_bytes(fcntl.ioctl(self.read_end, termios.FIONREAD, b"\0" * 4), sys.byteorder)

    def test_terminal_that_nobody_reads(self):
        """a daemon whose terminal takes no more ends all the same, with its code, its database closed"""
        self.leave_room(100)  # enough for the first line of a message, and not for the second
        where = ["--config", self.configuration, "--socket", self.state / "control.sock"]
        daemon = subprocess.Popen(
            [REVIEWD, *where, "--state", self.state, "--now", "2026-11-20"],
            stdout=self.write_end,
            stderr=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if name != "JOURNAL_STREAM"},
        )
        self.addCleanup(self._kill, daemon)
        while "daemon.ready" not in daemon.stderr.readline():
            self.assertIsNone(daemon.poll())
        before = self.waiting()
        test = subprocess.Popen(
            [REVIEWCTL, *where, "notifier", "test", "paper", "--to", "ana"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(test.wait)
        while self.waiting() == before:
            self.assertIsNone(test.poll())
        daemon.terminate()
        while "daemon.stopping" not in daemon.stderr.readline():
            self.assertIsNone(daemon.poll())
        with self.assertRaises(subprocess.TimeoutExpired):
            daemon.wait(timeout=1.1)
        daemon.terminate()  # whoever asks again after a second does not want to wait
        self.assertEqual(daemon.wait(timeout=PATIENCE_SECONDS), 0)
        said = daemon.stderr.read()
        self.assertIn("daemon.gave_up_waiting", said)
        self.assertIn("daemon.left_thread", said)
        self.assertFalse((self.state / "reviewd.db-wal").exists(), "the database was closed")
        self.assertFalse((self.state / "control.sock").exists())
        self.reviewd(self.configuration, "--once", "--now", "2026-11-20")

    @staticmethod
    def _kill(daemon):
        daemon.kill()
        daemon.wait(timeout=PATIENCE_SECONDS)
        daemon.stderr.close()


class BillOfMaterials(unittest.TestCase):
    def test_covers_what_is_loaded(self):
        """[T44] the bill of materials names every library that the programs load, with its version"""
        programs = [str(REVIEWD), str(BUILD / "bin" / "reviewctl")]
        script = SOURCE / "systemd" / "package" / "sbom"
        written = subprocess.run([str(script), "1.2.3", *programs], capture_output=True, text=True, check=True)
        bill = json.loads(written.stdout)
        self.assertEqual(bill["bomFormat"], "CycloneDX")
        self.assertEqual(bill["metadata"]["component"]["version"], "1.2.3")
        versions = {each["name"]: each["version"] for each in bill["components"]}
        for start in ("libsqlite3-0", "libcurl", "libyaml-cpp", "libssl", "libgmime", "libre2", "libboost1."):
            self.assertTrue([name for name in versions if name.startswith(start)], start)
        for name, version in versions.items():
            self.assertRegex(version, r"^[0-9]", name)

    def included_headers(self):
        """What the sources of the programs take from /usr/include."""
        headers = set()
        for folder in ("scoring", "config", "daemon"):
            for source in (SOURCE / folder).rglob("*.[ch]pp"):
                names = re.findall(r"^ *# *include <([^>]+)>", source.read_text(), re.MULTILINE)
                headers.update(f"/usr/include/{name}" for name in names)
        return {header for header in headers if pathlib.Path(header).is_file()}

    def query(self, *arguments):
        ran = subprocess.run(["dpkg-query", *arguments], capture_output=True, text=True)
        return ran.stdout.splitlines()

    def test_covers_what_is_included(self):
        """[T44] the bill of materials names the source of every header that the programs are made of"""
        owners = {line.split(": ")[0].split(":")[0] for line in self.query("-S", *self.included_headers())}
        owners -= {"linux-libc-dev"}  # words of the kernel, no code
        self.assertGreater(len(owners), 12)
        script = SOURCE / "systemd" / "package" / "sbom"
        program = str(BUILD / "bin" / "reviewd")
        bill = json.loads(subprocess.run([str(script), "1", program], capture_output=True, check=True).stdout)
        sources = {
            each["value"].split()[0]
            for component in bill["components"]
            for each in component.get("properties", [])
            if each["name"] == "reviewd:source"
        }
        for line in self.query("-W", "-f", "${Package} ${source:Package}\\n", *owners):
            package, source = line.split()
            self.assertIn(source, sources, package)


if __name__ == "__main__":
    unittest.main()

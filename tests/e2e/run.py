"""Runs one story for ctest: `run.py MODULE.CLASS.METHOD`. Exits with 77, and says why, when the story skips itself."""

import sys
import unittest

SKIPPED = 77  # the SKIP_RETURN_CODE of CMakeLists.txt

if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromName(sys.argv[1])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    for story, reason in result.skipped:
        print(f"skipped: {story.shortDescription() or story.id()}: {reason}")
    if not result.wasSuccessful() or result.testsRun == 0:
        sys.exit(1)
    sys.exit(SKIPPED if len(result.skipped) == result.testsRun else 0)

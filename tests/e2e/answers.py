"""Compares answers of `reviewctl --json` with what the manual says of them: daemon/ctl/manual/answers.json."""

import json
import os
import pathlib
import re

SOURCE = pathlib.Path(os.environ.get("REVIEWD_SOURCE", pathlib.Path(__file__).parents[2]))
DOCUMENT = json.loads((SOURCE / "daemon" / "ctl" / "manual" / "answers.json").read_text(encoding="utf-8"))
COMMANDS = DOCUMENT["commands"]
SHAPES = DOCUMENT["shapes"]
DAY = r"\d{4}-\d\d-\d\d"
FORMS = {
    "day": DAY,
    "moment": DAY + r"T\d\d:\d\d:\d\d\.\d{3}Z",
    "period": r"\d+ (working )?(hour|day|week|month|year)s?",
}
SCALARS = {
    "text": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "any": lambda value: True,
    "null": lambda value: value is None,
}


def command_of(arguments):
    """The key of COMMANDS that a command line asks for, or None."""
    words = [str(word) for word in arguments]
    found = None
    for key in COMMANDS:
        route = [word for word in key.split() if not word.startswith("--")]
        flags = [word for word in key.split() if word.startswith("--")]
        places = [at for at in range(len(words)) if words[at : at + len(route)] == route]
        if places and all(flag in words for flag in flags):
            # The first word that is a command is the command; the longest route and its flags say which.
            rank = (-places[0], len(route), len(flags))
            found = max(found, (rank, key)) if found else (rank, key)
    return found[1] if found else None


def fields_of(shape):
    """The fields of a shape, those of a shape that it continues included: {path: type}."""
    fields = {path: kind for path, (kind, _) in SHAPES[shape].items() if path != "*"}
    return {**fields_of(SHAPES[shape]["*"][0]), **fields} if "*" in SHAPES[shape] else fields


class Checker:
    """Collects what differs from the document, and which fields were there with something in them."""

    def __init__(self):
        self.problems = []
        self.seen = set()

    def check(self, command, answer):
        self._shape(answer, COMMANDS[command], command)

    def _problem(self, where, text):
        self.problems.append(f"{where}: {text}")

    def _shape(self, value, shape, where):
        if not isinstance(value, dict):
            return self._problem(where, f"{value!r} is no {shape}")
        self.seen.add((shape, ""))
        return self._map(value, fields_of(shape), shape, "", where)

    def _map(self, value, fields, shape, prefix, where):
        own = {path[len(prefix):]: kind for path, kind in fields.items() if path.startswith(prefix)}
        own = {name: kind for name, kind in own.items() if re.fullmatch(r"\w+", name)}
        for name in value.keys() - own.keys():
            self._problem(f"{where}.{name}", f"the shape `{shape}` has no such field")
        for name, kind in own.items():
            if name in value:
                self._value(value[name], kind, (fields, shape, prefix + name), f"{where}.{name}")
            elif "absent" not in kind.split(" | "):
                self._problem(f"{where}.{name}", f"is missing, and the shape `{shape}` has it")

    def _value(self, value, kinds, place, where):
        fields, shape, path = place
        if value is not None:
            self.seen.add((shape, path))
        choices = [kind for kind in kinds.split(" | ") if kind != "absent"]
        literals = [kind.strip("`") for kind in choices if kind.startswith("`")]
        if value is None and "null" in choices or isinstance(value, str) and value in literals:
            return
        for kind in choices:
            if kind == "null" or kind.startswith("`"):
                continue
            if kind.startswith("["):
                if isinstance(value, list):
                    for index, each in enumerate(value):
                        self._value(each, kind[1:-1], (fields, shape, path + "[]"), f"{where}[{index}]")
                    return
            elif kind.startswith("{"):
                if isinstance(value, dict):
                    for name, each in value.items():
                        self._value(each, kind[1:-1], (fields, shape, path + "{}"), f"{where}.{name}")
                    return
            elif kind == "map":
                if isinstance(value, dict):
                    self._map(value, fields, shape, path + ".", where)
                    return
            elif kind in SHAPES:
                if isinstance(value, dict):
                    self._shape(value, kind, where)
                    return
            elif kind in FORMS:
                if isinstance(value, str) and re.fullmatch(FORMS[kind], value):
                    return
            elif SCALARS[kind](value):
                return
        self._problem(where, f"{value!r} is no {kinds}")

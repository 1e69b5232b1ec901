#!/usr/bin/env python3
"""Validates the shipped YAML files against their schemas with an independent validator.

Usage: validate_shipped.py SOURCE_DIR. Scalars are resolved as YAML 1.2's core schema does, as editors do.
"""
import json
import pathlib
import re
import sys

import jsonschema
import yaml


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2: no dates, no base 60, only true and false are booleans."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:~|null|)$", "~n\0"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)$", "-+.0123456789"),
]:
    CoreLoader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))


INSTALLED = "/usr/share/reviewd/schema/"  # where the package puts config/schema


def schema_of(source: pathlib.Path, file: pathlib.Path, name: str) -> pathlib.Path:
    return source / "config/schema" / name.removeprefix(INSTALLED) if name.startswith(INSTALLED) else file.parent / name


def main() -> int:
    source = pathlib.Path(sys.argv[1])
    failures = seen = 0
    for folder in ["config", "tests/data/full"]:
        for file in sorted((source / folder).rglob("*.yaml")):
            text = file.read_text(encoding="utf-8")
            schema_name = re.match(r"# yaml-language-server: \$schema=(\S+)", text).group(1)
            schema = json.loads(schema_of(source, file, schema_name).read_text(encoding="utf-8"))
            jsonschema.Draft7Validator.check_schema(schema)
            seen += 1
            for error in jsonschema.Draft7Validator(schema).iter_errors(yaml.load(text, Loader=CoreLoader)):
                failures += 1
                print(f"{file}: {'.'.join(map(str, error.absolute_path))}: {error.message}")
    print(f"{seen} files, {failures} failures")
    return 1 if failures or seen < 8 else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Reads an iCalendar file with two parsers and compares what both see with what was meant.

read_calendar.py FILE 'METHOD SEQUENCE START STATUS'; START in UTC, or a day.
"""
import datetime
import sys

import icalendar
import vobject


def moment(value):
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    return value.isoformat()


def by_icalendar(text):
    calendar = icalendar.Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    assert not event.errors, event.errors
    return calendar["METHOD"], event["SEQUENCE"], moment(event["DTSTART"].dt), event["STATUS"], str(event["SUMMARY"])


def by_vobject(text):
    calendar = vobject.readOne(text)
    event = calendar.vevent
    return (calendar.method.value, int(event.sequence.value), moment(event.dtstart.value), event.status.value,
            event.summary.value)


with open(sys.argv[1], encoding="utf-8", newline="") as file:
    content = file.read()
seen = [by_icalendar(content), by_vobject(content)]
for each in seen:
    found = " ".join(str(part) for part in each[:4])
    if found != sys.argv[2]:
        print(f"expected {sys.argv[2]}, found {found}")
        sys.exit(1)
if seen[0][4] != seen[1][4] or "Hartley, Print; \"& co\"" not in seen[0][4]:
    print(f"the summaries differ: {seen[0][4]!r}, {seen[1][4]!r}")
    sys.exit(1)

"""Typed values in a text: dates, amounts of money, durations, percentages.

A value that the words do not settle is None: `3/4/2025` may be March or April, `31 February` is no
day. `written` is always the text's own words.
"""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from docanalyze.language.lexical import spelled_numbers
from docanalyze.model import FieldKind, Span


@dataclass(frozen=True, slots=True)
class Value:
    """One value: where it stands, as written, normalised or None, and its unit if it has one."""

    kind: FieldKind
    span: Span
    written: str
    value: str | None
    unit: str = ""


# -- dates -----------------------------------------------------------------------------------------

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower()[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_ORDINAL = r"(?:\s?(?:s\s?t|n\s?d|r\s?d|t\s?h)\b)?"
"""Raised letters come apart where a text is taken out of a page: `16t h`."""
_YEAR = r"(?:1[89]|20)\d{2}"
_DATE = re.compile(
    rf"(?<![^\W_])(?<![/.-])(?:"
    rf"(?P<m1>{_MONTH})\s{{1,3}}(?P<d1>{_DAY}){_ORDINAL}(?:\s?,\s{{0,3}}|\s{{1,3}})(?P<y1>{_YEAR})"
    rf"|(?P<d2>{_DAY}){_ORDINAL}\s{{1,3}}(?:day\s{{1,3}}of\s{{1,3}})?(?P<m2>{_MONTH})(?:\s?[,.]\s{{0,3}}|\s{{1,3}})(?P<y2>{_YEAR})"
    rf"|(?P<iso>{_YEAR}-(?:0[1-9]|1[0-2])-{_DAY})"
    # With dots, a year of two figures is more often the last part of a clause number.
    rf"|(?P<a>\d{{1,2}})(?P<mark>[/.])(?P<b>\d{{1,2}})(?P=mark)(?P<y3>{_YEAR}|(?<=/)\d{{2}})"
    rf"|(?P<m4>{_MONTH})\s{{1,3}}(?P<y4>{_YEAR})"
    rf")(?![\w/-])",
    re.IGNORECASE,
)
_CENTURY_TURN = 50


def dates(text: str) -> list[Value]:
    """Calendar dates; a month with its year counts as one. Values are ISO, to the month if need be.

    Numbers alone are taken as day and month only where just one reading is a date, or, with dots,
    in the continental order.
    """
    found = []
    for match in _DATE.finditer(text):
        if match["m4"] and match["m4"].lower() == "may" and not match["m4"][0].isupper():
            continue
        found.append(_value(FieldKind.DATE, match, _iso(match)))
    return found


def _iso(match: re.Match[str]) -> str | None:
    if match["iso"]:
        year, month, day = match["iso"].split("-")
        return _valid(int(year), int(month), int(day))
    if match["m1"]:
        return _valid(int(match["y1"]), _month(match["m1"]), int(match["d1"]))
    if match["m2"]:
        return _valid(int(match["y2"]), _month(match["m2"]), int(match["d2"]))
    if match["m4"]:
        return f"{match['y4']}-{_month(match['m4']):02d}"
    return _numeric(int(match["a"]), int(match["b"]), match["mark"], match["y3"])


def _numeric(first: int, second: int, mark: str, written_year: str) -> str | None:
    year = int(written_year)
    if len(written_year) == 2:
        year += 2000 if year < _CENTURY_TURN else 1900
    if mark == ".":
        return _valid(year, second, first)
    readings = {date for date in (_valid(year, first, second), _valid(year, second, first)) if date}
    return readings.pop() if len(readings) == 1 else None


def _month(name: str) -> int:
    return _MONTHS[name.lower().rstrip(".")]


def _valid(year: int, month: int, day: int) -> str | None:
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return f"{year:04d}-{month:02d}-{day:02d}"


# -- amounts ---------------------------------------------------------------------------------------

_CURRENCIES = {
    "us$": "USD", "usd": "USD", "u.s. dollars": "USD", "us dollars": "USD", "united states dollars": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "gbp": "GBP",
    "pounds sterling": "GBP", "¥": "JPY", "jpy": "JPY", "yen": "JPY", "rmb": "CNY", "cny": "CNY",
    "c$": "CAD", "cad": "CAD", "ca$": "CAD", "a$": "AUD", "aud": "AUD", "chf": "CHF", "₹": "INR",
    "rs.": "INR", "inr": "INR", "hk$": "HKD", "hkd": "HKD", "s$": "SGD", "sgd": "SGD", "sek": "SEK",
    "nok": "NOK", "dkk": "DKK", "$": "$", "dollars": "$",
}  # fmt: skip
_BEFORE = (
    r"(?:US\$|CA\$|HK\$|[CAS]\$|\$|€|£|¥|₹|Rs\.|"
    r"\b(?:USD|EUR|GBP|JPY|RMB|CNY|CAD|AUD|CHF|INR|HKD|SGD|SEK|NOK|DKK))"
)
_AFTER = (
    r"(?:(?:U\.S\.|US|United\sStates)\s)?(?:dollars|euros?|pounds\ssterling|yen)"
    r"|USD|EUR|GBP|JPY|RMB|CNY|CAD|AUD|CHF|INR"
)
_FIGURE = r"\d{1,3}(?:[,.'\u00a0 ]\d{3}){1,5}(?:[.,]\d{1,2})?(?!\d)|\d{1,15}(?:[.,]\d{1,4})?(?!\d)"
_SCALE = r"(?:\s?(?:thousand|million|billion|mio|mn|bn|[kmb])\b)"
_AMOUNT = re.compile(
    rf"(?P<before>{_BEFORE})\s?(?P<f1>{_FIGURE})(?P<s1>{_SCALE})?"
    rf"|(?<![\w.,$€£])(?P<f2>{_FIGURE})(?P<s2>{_SCALE})?\s(?P<after>{_AFTER})\b",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    r"\b(?:(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|"
    r"thousand|million|billion|and)[\s-]{1,2}){1,12}"
    rf"(?P<unit>{_AFTER})\b(?:\s?(?:and\s(?:no|00)/100)?)?(?:\s?\()?",
    re.IGNORECASE,
)
_SCALES = {
    "thousand": 10**3, "k": 10**3, "million": 10**6, "m": 10**6, "mio": 10**6, "mn": 10**6,
    "billion": 10**9, "b": 10**9, "bn": 10**9,
}  # fmt: skip


def amounts(text: str) -> list[Value]:
    """Amounts of money: plain decimals with the ISO code of their currency.

    A bare `$` stays `$`: many countries have dollars. An amount in words with its figures in
    brackets is one amount, that of the figures.
    """
    figures = [_value(FieldKind.AMOUNT, m, _decimal(m), _currency(m)) for m in _AMOUNT.finditer(text)]
    worded = [_worded(match, text, figures) for match in _IN_WORDS.finditer(text)]
    return _longest([*figures, *worded])


def _worded(match: re.Match[str], text: str, figures: Iterable[Value]) -> Value:
    """The amount in words, with the figures in brackets after it where there are any."""
    end = match.end()
    if text[:end].endswith("("):
        for figure in figures:
            if figure.span.start == end and text[figure.span.end : figure.span.end + 1] == ")":
                span = Span(match.start(), figure.span.end + 1)
                return Value(FieldKind.AMOUNT, span, text[span.start : span.end], figure.value, figure.unit)
    words = match[0].rstrip("( ")
    spelled = spelled_numbers(words)
    unit = _CURRENCIES.get(" ".join(match["unit"].lower().split()), match["unit"].upper())
    span = Span(match.start(), match.start() + len(words))
    return Value(FieldKind.AMOUNT, span, words, str(spelled[0]) if len(spelled) == 1 else None, unit)


def _currency(match: re.Match[str]) -> str:
    sign = " ".join((match["before"] or match["after"]).lower().split())
    return _CURRENCIES.get(sign, sign.upper())


def _decimal(match: re.Match[str]) -> str | None:
    number = _plain_number(match["f1"] or match["f2"])
    if number is None:
        return None
    scale = (match["s1"] or match["s2"] or "").strip().lower()
    value = number * _SCALES.get(scale, 1)
    whole = value.to_integral_value()
    return str(whole) if value == whole else str(value.normalize())


def _plain_number(written: str) -> Decimal | None:
    """The number that figures mean with either sign for decimals; None where both are possible."""
    plain = re.sub(r"['\u00a0 ]", "", written)
    marks = [mark for mark in plain if mark in ",."]
    if not marks:
        return Decimal(plain)
    last = marks[-1]
    after = len(plain) - plain.rindex(last) - 1
    if len(set(marks)) == 2:
        other = "," if last == "." else "."
        return Decimal(plain.replace(other, "").replace(last, "."))
    if len(marks) > 1 or (after == 3 and last == ","):
        return Decimal(plain.replace(last, ""))
    if after == 3 and last == ".":
        return None
    return Decimal(plain.replace(last, "."))


# -- durations and shares --------------------------------------------------------------------------

_SMALL = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)"
)
_COUNT = (
    rf"(?:{_SMALL}(?:[\s-](?:and[\s-])?{_SMALL}){{0,4}}\s?(?:\(\s?(?P<n1>\d{{1,4}})\s?\))?"
    rf"|(?P<n2>\d{{1,4}})(?:\s?\({_SMALL}(?:[\s-]{_SMALL})?\))?)"
)
_DURATION = re.compile(
    rf"(?<![\w.,$-]){_COUNT}[\s-]{{0,3}}"
    r"(?P<kind>(?:(?:consecutive|full|successive|additional)\s)?(?:business|calendar|working|banking)?)\s{0,2}"
    r"(?P<unit>hour|day|week|month|quarter|year)s?\b['’]?",
    re.IGNORECASE,
)
_PER_CENT = re.compile(
    r"(?<![\w.,])(?:(?P<n1>\d{1,3}(?:[.,]\d{1,4})?)\s?(?:%|per\s?cent\b)"
    rf"|{_SMALL}(?:[\s-]{_SMALL})?(?:\s(?:and\s)?one[\s-](?:half|quarter))?\s(?:percent|per\scent)"
    r"(?:\s?\(\s?(?P<n2>\d{1,3}(?:\.\d{1,4})?)\s?%\s?\))?)",
    re.IGNORECASE,
)


def durations(text: str) -> list[Value]:
    """Lengths of time: a count, and a unit such as `days`, `business days`, `months`."""
    found = []
    for match in _DURATION.finditer(text):
        written = match["n1"] or match["n2"]
        spelled = [] if written else spelled_numbers(match[0])
        number = written or (str(spelled[0]) if len(spelled) == 1 else None)
        business = "business " if match["kind"].lower().endswith(("business", "working", "banking")) else ""
        found.append(_value(FieldKind.DURATION, match, number, f"{business}{match['unit'].lower()}s"))
    return found


def percentages(text: str) -> list[Value]:
    """Shares in per cent: plain decimals with the unit `%`."""
    found = []
    for match in _PER_CENT.finditer(text):
        written = match["n1"] or match["n2"]
        spelled = [] if written else spelled_numbers(match[0])
        half = "one-half" in match[0].lower() or "one half" in match[0].lower()
        number = written.replace(",", ".") if written else None
        if number is None and len(spelled) == 1 and not half:
            number = str(spelled[0])
        found.append(_value(FieldKind.NUMBER, match, number, "%"))
    return found


def measures(text: str) -> list[Value]:
    """Shares in per cent, decimals, numbers with commas, and any before a unit or after a name ("N=20"), in order."""
    found = percentages(text)
    for match in _MEASURE.finditer(text):
        number, unit = match["n"], " ".join((match["unit"] or "").split())
        if unit and _NO_UNIT.fullmatch(match[0]):
            # Of a year, a decade or a number that touches one letter nobody knows a unit.
            continue
        if unit or match["name"] or not number.strip("-\u2212").isdigit():
            # "p<0.01" names no value, only a bound.
            bound = (match["name"] or "").endswith(("<", ">"))
            value = None if bound else number.replace(",", "").replace("\u2212", "-")
            found.append(_value(FieldKind.NUMBER, match, value, unit))
    return _longest(found)


_UNIT = (
    r"[a-z]{3,12}\s(?:per|a)\s(?:second|minute|hour|day|week|month|year)|times\s(?:faster|slower|higher|lower|more|less)"
    r"|[kKMGTP]i?B(?:/s)?|[kMG]bps|[kMGT]?Hz|[kMG]?W|°C|percentage\spoints?"
    r"|(?:[nµmkc]m|[nµm]s|[mkµ]g|[mk]?V|s|m|g)(?:\s(?:a|per)\s(?:second|minute|hour|day|week|month|year)|/s)?"
    r"|seconds?|minutes?|hours?|bytes?|bits?|tokens?|[x×]"
)
_NO_UNIT = re.compile(r"(?:1[89]|20)\d\d\s?(?:s|m|g|V|[a-z]+\sa\s\w+)|\d*0s|\d+\s?[x×]")
_MEASURE = re.compile(
    r"(?<!(?:Table|igure)\s)(?<!(?:ection|ersion|hapter|Tables|igures)\s)(?<!(?:ections|ppendix)\s)"
    r"(?<!Equation\s)(?<!Fig\.\s)(?<!Python\s)"
    r"(?:(?<![\w.=<>])(?P<name>[A-Za-z][A-Za-z.]{0,5}[=<>])|(?<![\w.,$€£/§:=<>-]))(?P<n>[-\u2212]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)"
    rf"(?:[\s-]?(?P<unit>{_UNIT})(?![\w/]))?(?![\w.,]?\d|\s?%|[^\W\d_]|\s?[ap]\.?m\b)"
)


# -- shared ----------------------------------------------------------------------------------------


def _value(kind: FieldKind, match: re.Match[str], value: str | None, unit: str = "") -> Value:
    return Value(kind, Span(match.start(), match.end()), match[0], value, unit)


def _longest(values: Iterable[Value]) -> list[Value]:
    """In order, none overlapping another: the longer one stays."""
    kept: list[Value] = []
    for value in sorted(values, key=lambda value: (-len(value.span), value.span)):
        if not any(value.span.overlaps(other.span) for other in kept):
            kept.append(value)
    return sorted(kept, key=lambda value: value.span)

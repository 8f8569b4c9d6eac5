"""Passwords and keys in a file: what looks like one is replaced before anything else sees it.

Each stays as long as it was and keeps its line ends, so that every place behind it stays where it is.
"""

import math
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from docanalyze.model import Secret, Span

_MARK = "[secret removed]"
_FILL = "*"


class _Form(NamedTuple):
    """What it is, what must stand in a text for it to be looked for, and how it looks; group 1 is the secret.

    Each hint holds the character `rare`. To look for one character is ten times faster than for a few, and that
    again than for an expression that does not begin with some.
    """

    what: str
    rare: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]


def _form(what: str, rare: str, hints: str, pattern: str) -> _Form:
    return _Form(what, rare, tuple(hints.split()), re.compile(pattern))


_FORMS = (
    _form("AWS access key", "I", "AKIA ASIA", r"\b((?:AKIA|ASIA)[0-9A-Z]{16})\b"),
    _form("Google API key", "I", "AIza", r"\b(AIza[0-9A-Za-z_-]{35})(?![0-9A-Za-z_-])"),
    _form("Google client secret", "-", "GOCSPX-", r"\b(GOCSPX-[0-9A-Za-z_-]{20,60})"),
    _form("GitHub token", "_", "gho_ ghp_ ghu_ ghs_ ghr_", r"(gh[opusr]_[0-9A-Za-z]{30,255})\b"),
    _form("GitHub token", "_", "github_pat_", r"\b(github_pat_[0-9A-Za-z_]{22,255})\b"),
    _form("GitLab token", "-", "glpat-", r"\b(glpat-[0-9A-Za-z_-]{20,60})"),
    _form("Slack token", "-", "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs-", r"\b(xox[abeoprs]-[0-9A-Za-z-]{10,250})"),
    _form("Slack webhook", "k", "hooks.slack.com", r"hooks\.slack\.com/services/(T\w{6,20}/B\w{6,20}/\w{16,40})"),
    _form("Stripe key", "_", "k_live_ k_test_", r"\b([srp]k_(?:live|test)_[0-9A-Za-z]{16,200})\b"),
    _form("OpenAI or Anthropic key", "-", "sk-", r"\b(sk-(?:proj-|ant-|svcacct-)?[0-9A-Za-z_-]{32,220})"),
    _form("npm token", "_", "npm_", r"\b(npm_[0-9A-Za-z]{36})\b"),
    _form("PyPI token", "-", "pypi-AgE", r"\b(pypi-AgE[0-9A-Za-z_-]{50,250})"),
    _form("Hugging Face token", "_", "hf_", r"\b(hf_[0-9A-Za-z]{30,60})\b"),
    _form("SendGrid key", "G", "SG.", r"\b(SG\.[0-9A-Za-z_-]{16,32}\.[0-9A-Za-z_-]{32,64})"),
    _form("Telegram token", "A", ":AA", r"\b(\d{8,10}:AA[0-9A-Za-z_-]{32,34})(?![0-9A-Za-z_-])"),
    _form("Azure account key", "K", "AccountKey=", r"AccountKey=([0-9A-Za-z+/=]{40,120})"),
    _form(
        "JSON web token",
        "J",
        "eyJ",
        r"\b(eyJ[0-9A-Za-z_-]{10,2000}\.eyJ[0-9A-Za-z_-]{10,8000}\.[0-9A-Za-z_-]{10,1000})",
    ),
    _form(
        "password in a connection string",
        ":",
        "://",
        r"://[^\s:/@'\"<>]{0,80}:([^\s:/@'\"<>{}$%*]{3,100})@[\w.\[-]",
    ),
)


def _any(rare: str, hints: Iterable[str]) -> re.Pattern[str]:
    """Any of these hints, all with this character. It begins with that alone: what stands before is looked back for."""
    before: dict[tuple[int, str], list[str]] = {}
    for hint in hints:
        start, _, rest = hint.partition(rare)
        before.setdefault((len(start), rest), []).append(re.escape(start + rare))
    ways = (f"(?<={'|'.join(starts)}){re.escape(rest)}" for (_, rest), starts in before.items())
    return re.compile(f"{re.escape(rare)}(?:{'|'.join(ways)})")


_HINTS = {
    rare: _any(rare, (hint for form in _FORMS if form.rare == rare for hint in form.hints))
    for rare in dict.fromkeys(form.rare for form in _FORMS)
}
_BLOCK = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_BLOCK_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_MOST_BLOCK = 20_000

_WORDS = {
    "passw": "w",
    "secret": "",
    "_key": "k",
    "-key": "k",
    "apikey": "k",
    "token": "k",
    "pwd": "w",
    "credential": "",
}
_WORD_HINTS = {rare: _any(rare, (word for word in _WORDS if _WORDS[word] == rare)) for rare in "kw"}
_ASSIGNED = re.compile(
    r"(?i)(?:passw(?:or)?d|passwd|pwd|secret|api[_-]?key|token|access[_-]?key|private[_-]?key|credentials?)"
    r"(?:[_-]?(?:key|id|value|default|hash|base|prod|dev|live))?"
    r"[\"'`\])]{0,2}(?:\s{0,4}:\s{0,4}[A-Za-z][\w.]{0,30})?\s{0,20}(?P<sign>:=|=>|=|:|,)\s{0,20}"
    r"[rbuf]{0,2}(?:(?P<quote>[\"'`])(?P<quoted>[^\"'`\r\n]{6,250})(?P=quote)|(?P<bare>[^\s\"'`#,;(){}\[\]<>$]{8,250})\s*$)"
)
_MOST_LINE = 2_000
_BEFORE = 120
_PLACEHOLDER = re.compile(
    r"(?i)example|change.?me|placeholder|dummy|redacted|your[_-]|^(?:fake|sample|foobar)|replace[_-]?(?:me|this|with)|insert[_-]|\bxxx|<[^>]{1,60}>|\{[^}]{0,60}\}|^\$|\$[({]|\$[A-Z][A-Z_]{2}"
    r"|%\(|%s|\*\*\*|\.\.\.|_here\b|^/|://|\s"
)
_LEAST_BITS = 2.8
_LEAST_BITS_PLAIN = 3.3
_PLAIN = re.compile(r"[A-Za-z_.:/ -]+|[A-Z0-9_.-]+|[\d.:,-]+")
_NAMED = re.compile(
    r"(?i)[a-z]*(?:[_.-][a-z]+)+[_-]?\d{0,2}|[a-z_.-]*(?:passw(?:or)?d|passphrase|secret|token|pwd|credential|apikey)[a-z_.-]*\d{0,3}"
)
"""Names of fields and of settings: words, with a number behind at most."""
_KEY_BEFORE = re.compile(r"[(\[]\s{0,20}[rbu]?[\"'`][\w.-]{0,60}$")
_PAIR_ENDS = re.compile(r"[\"'`]\s{0,20},?\s{0,20}[)\]]")
_STANDING = frozenset("password pass passwd pwd secret user username token".split())


def mask(text: str, *, is_configuration: bool = False) -> tuple[str, tuple[Secret, ...]]:
    """The text with what looks like a secret replaced at equal length, and where that was.

    In a configuration file a value needs no quotes to count as one.
    """
    found: list[Secret] = []
    at = 0
    for secret in sorted(_found(text, is_configuration), key=lambda one: (one.span.start, -one.span.end)):
        if secret.span.start >= at:
            found.append(secret)
            at = secret.span.end
    if not found:
        return text, ()
    pieces: list[str] = []
    at = 0
    for secret in found:
        pieces += (text[at : secret.span.start], _filled(text[secret.span.start : secret.span.end]))
        at = secret.span.end
    return "".join((*pieces, text[at:])), tuple(found)


def _filled(secret: str) -> str:
    """The mark, cut or padded to the length of what it replaces, every line on its own."""
    parts = re.split(r"(\r?\n|\r)", secret)
    parts[::2] = [_MARK[: len(part)].ljust(len(part), _FILL) for part in parts[::2]]
    return "".join(parts)


def _found(text: str, is_configuration: bool) -> Iterator[Secret]:
    hinted = {rare for rare, pattern in _HINTS.items() if pattern.search(text)}
    for form in _FORMS:
        if form.rare in hinted and any(hint in text for hint in form.hints):
            for match in form.pattern.finditer(text):
                if match[1].lower() not in _STANDING and not _PLACEHOLDER.search(match[1]):
                    yield Secret(Span(*match.span(1)), form.what)
    if "PRIVATE KEY" in text:
        yield from _blocks(text)
    yield from _assigned(text, is_configuration)


def _blocks(text: str) -> Iterator[Secret]:
    for match in _BLOCK.finditer(text):
        end = _BLOCK_END.search(text, match.end(), match.end() + _MOST_BLOCK)
        stop = end.start() if end else min(len(text), match.end() + _MOST_BLOCK)
        if len(text[match.end() : stop].strip()) > 40 or end is None:
            yield Secret(Span(match.end(), stop), "private key")


def _assigned(text: str, is_configuration: bool) -> Iterator[Secret]:
    """Literals that are given to something called a password, a secret, a key."""
    low = text if text.islower() else text.lower()
    if len(low) != len(text):
        # A few letters become two when they are made small.
        low = text
    seen: set[int] = set()
    absent = {rare for rare, pattern in _WORD_HINTS.items() if not pattern.search(low)}
    for word, rare in _WORDS.items():
        at = low.find(word) if rare not in absent else -1
        while at >= 0:
            start = max(low.rfind("\n", 0, at) + 1, at - _BEFORE)
            end = low.find("\n", at, at + _MOST_LINE)
            end = end if end >= 0 else min(len(low), at + _MOST_LINE)
            for match in _ASSIGNED.finditer(text, start, end):
                group = "quoted" if match["quoted"] else "bare"
                if match.start(group) in seen or not _is_secret(match[group], group == "quoted", is_configuration):
                    continue
                if match["sign"] == "," and not _is_pair(text, match):
                    continue
                seen.add(match.start(group))
                yield Secret(Span(*match.span(group)), "password or key in a literal")
            at = low.find(word, max(at + 1, end))


def _is_pair(text: str, match: re.Match[str]) -> bool:
    """Whether a comma stands between a key and its value, as in `set("password", "…")`, not in a list of names."""
    before = _KEY_BEFORE.search(text, max(0, match.start() - _BEFORE), match.start())
    return (
        match["quoted"] is not None and before is not None and _PAIR_ENDS.match(text, match.end("quoted")) is not None
    )


def _is_secret(value: str, is_quoted: bool, is_configuration: bool) -> bool:
    if not (is_quoted or is_configuration) or _PLACEHOLDER.search(value):
        return False
    if _PLAIN.fullmatch(value):
        # Words, names of settings and numbers: only what no name looks like is taken for a secret.
        return is_quoted and len(value) >= 20 and _bits(value) >= _LEAST_BITS_PLAIN + 0.6 and "_" not in value
    return not _NAMED.fullmatch(value) and _bits(value) >= (_LEAST_BITS if is_quoted else _LEAST_BITS_PLAIN)


def _bits(value: str) -> float:
    """Shannon's entropy, bits a character."""
    counts = (value.count(one) / len(value) for one in set(value))
    return -sum(share * math.log2(share) for share in counts)

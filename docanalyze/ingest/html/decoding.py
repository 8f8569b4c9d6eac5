"""From bytes to a tree: the encoding, the wrapper of a filing, what the parser would stumble over."""

import codecs
import re
from typing import Any

from lxml import etree

from docanalyze.errors import SourceDamaged
from docanalyze.ingest.decoding import decode as decode_plain
from docanalyze.ingest.parts import Fact
from docanalyze.model import Note

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{2,40})""", re.IGNORECASE)
_LOOKED_AT = 4096
# What browsers read under these names.
_REALLY = dict.fromkeys(("iso8859-1", "ascii", "latin-1"), "cp1252")
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)

_SUBMISSION = re.compile(r"\A\s*<(?:SEC-DOCUMENT|SUBMISSION|IMS-DOCUMENT)>.*?(?=<DOCUMENT>)", re.IGNORECASE | re.DOTALL)
_WRAPPER = re.compile(
    r"<DOCUMENT>\s*(?=<(?:TYPE|SEQUENCE|FILENAME|DESCRIPTION|TEXT)>)"
    r"(?P<head>(?:<(?:TYPE|SEQUENCE|FILENAME|DESCRIPTION)>[^\n<]*\s*)*)<TEXT>",
    re.IGNORECASE,
)
_WRAPPER_LINE = re.compile(r"<(TYPE|FILENAME|DESCRIPTION)>([^\n<]*)", re.IGNORECASE)
_WRAPPER_END = re.compile(r"</(?:TEXT|DOCUMENT|SEC-DOCUMENT|SUBMISSION|XBRL)>|<XBRL>", re.IGNORECASE)
_CALLED = {"type": "filed as", "filename": "file name", "description": "description"}

# The parser reads nothing after the end of the first page, but filings put several into one file.
_PAGE_ENDS = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_XML = re.compile(r"<\?xml\b[^>]{0,200}\?>|<!DOCTYPE[^<>\[]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_EMPTY = re.compile(r"""<([A-Za-z][\w:.-]*+)((?:[^<>"'/]|/(?!>)|"[^"<]*"|'[^'<]*')*+)/>""")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_FORMATTING = re.compile(r"</?(?:font|b|i|u|em|strong|span|a|small|big|sup|sub|tt|ins|del|s)\b[^<>]*>", re.IGNORECASE)
_MOST_TAGS = re.compile(r"</?(?!(?:p|br|hr|h[1-6]|li|td|th|tr|table|script|style|title)\b)[a-z][^<>]*>", re.IGNORECASE)
_TOO_DEEP = "XML_PARSE_HUGE"


def decode(data: bytes) -> tuple[str, list[Note]]:
    """A page's text: by its mark, as UTF-8 if it is that, as it declares itself, else as a guess."""
    if data.startswith(_MARKS):
        return decode_plain(data)
    match = _DECLARED.search(data[:_LOOKED_AT])
    declared = _codec(match[1].decode("ascii")) if match else ""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        differs = declared not in ("", "utf-8", "cp1252") or (declared == "cp1252" and not text.isascii())
        said = match[1].decode("ascii") if match else ""
        if "\x00" in text:
            return decode_plain(data)
        return text, [Note("encoding", f"read as utf-8, though it says {said}")] if differs else []
    if declared and declared != "utf-8":
        text = data.decode(declared, errors="replace")
        if text.count("\ufffd") * 1000 < len(text):
            return text.replace("\x00", "\ufffd"), []
    return decode_plain(data)


def _codec(name: str) -> str:
    try:
        known = codecs.lookup(name).name
        "".encode(known)
    except (LookupError, ValueError):
        return ""
    return _REALLY.get(known, known)


def unwrapped(text: str) -> tuple[str, list[Fact]]:
    """A filing without the lines around it, which become facts."""
    if "<document>" not in text[:200_000].lower():
        return text, []
    text = _SUBMISSION.sub("", text)
    facts: list[Fact] = []
    for match in _WRAPPER.finditer(text):
        for name, value in _WRAPPER_LINE.findall(match["head"]):
            facts.append(Fact(_CALLED[name.lower()], value.strip()))
    return _WRAPPER_END.sub("", _WRAPPER.sub("", text)), [fact for fact in facts if fact.value]


def tree(text: str, name: str) -> tuple[Any, list[Note]]:
    """The elements of a page. What is nested too deeply to be parsed loses its formatting, not its words."""
    if text[:200].lstrip().startswith("<?xml") or "http://www.w3.org/1999/xhtml" in text[:3000]:
        text = _XML.sub("", text, count=2)
        text = _EMPTY.sub(_unfolded, text)
    text = _PAGE_ENDS.sub("", text)
    for tried, drop in enumerate((None, None, _FORMATTING, _MOST_TAGS)):
        text = drop.sub(" " if drop is _MOST_TAGS else "", text) if drop else text
        root, cut = _parsed(text, huge=tried > 0)
        if not cut:
            notes = [Note("nested", "nested so deeply that its formatting had to be passed over")] if tried > 1 else []
            return root, notes
    raise SourceDamaged(f"{name} is nested too deeply to be read", "the file may be made to do that")


def _unfolded(match: "re.Match[str]") -> str:
    """An empty element of XHTML as HTML writes it: `<a id="x"/>` would be taken to be open."""
    return match[0] if match[1].lower() in _VOID else f"<{match[1]}{match[2]}></{match[1]}>"


def _parsed(text: str, *, huge: bool) -> tuple[Any, bool]:
    """The tree, and whether the parser gave up before the end."""
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=huge, recover=True
    )
    root = etree.fromstring(text.encode("utf-8", errors="replace"), parser)
    return root, any(_TOO_DEEP in error.message for error in parser.error_log)

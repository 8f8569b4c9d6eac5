"""Fields of forms: what they are called and what stands in them."""

from typing import Any

FIELDS = frozenset(("input", "select", "textarea"))
_WITHOUT_WORDS = frozenset(("hidden", "password", "submit", "button", "image", "reset", "file"))
_TICKED = {True: "[x]", False: "[ ]"}
_LONGEST_LABEL = 200


def labels(root: Any) -> dict[str, str]:
    """The words of labels by the field that they name."""
    found = {}
    for label in root.iter("label"):
        if name := label.get("for"):
            found[name] = " ".join("".join(label.itertext()).split())[:_LONGEST_LABEL]
    return found


def said(element: Any, known: dict[str, str]) -> str:
    """A field as `label: value`; empty where it says nothing."""
    kind = element.get("type", "text").lower() if element.tag == "input" else ""
    if kind in _WITHOUT_WORDS:
        return ""
    if kind in ("checkbox", "radio"):
        value = _TICKED["checked" in element.attrib]
    elif element.tag == "select":
        value = _chosen(element)
    elif element.tag == "textarea":
        value = " ".join("".join(element.itertext()).split())
    else:
        value = element.get("value", "").strip()
    if not value:
        return ""
    label = _label(element, known).rstrip(": ")
    return f"{label}: {value}" if label else value


def _chosen(element: Any) -> str:
    options = list(element.iter("option"))
    chosen = [option for option in options if "selected" in option.attrib] or options[:1]
    return ", ".join(" ".join("".join(option.itertext()).split()) for option in chosen)


def _label(element: Any, known: dict[str, str]) -> str:
    if label := known.get(element.get("id", "")):
        return label
    around = next(element.iterancestors("label"), None)
    if around is not None and around.text and around.text.strip():
        return " ".join(around.text.split())[:_LONGEST_LABEL]
    return next((element.get(name) for name in ("aria-label", "title", "placeholder", "name") if element.get(name)), "")

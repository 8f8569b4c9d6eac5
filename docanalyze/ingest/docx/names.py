"""Names of WordprocessingML, in the form that lxml gives them, and how an element says yes or no."""

from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

VAL = f"{W}val"
ID = f"{W}id"

NO = frozenset({"0", "false", "off", "no"})


def value(element: Any, child: str, otherwise: str = "") -> str:
    """The `val` of a child; `otherwise` where there is none."""
    found = element.find(child) if element is not None else None
    return otherwise if found is None else found.get(VAL, otherwise)


def switched(element: Any, child: str) -> bool | None:
    """Whether a child says yes; None where it is not there. One without a value says yes."""
    found = element.find(child) if element is not None else None
    return None if found is None else found.get(VAL, "1").lower() not in NO

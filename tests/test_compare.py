"""What differs between two runs: gained, lost, changed; never what only moved."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze import compare as comparing
from docanalyze.cli.diff import _summary
from docanalyze.compare import Difference, FileChange, SymbolChange, Told, compare
from docanalyze.model import (
    Document,
    Evidence,
    Field,
    FieldKind,
    Finding,
    Label,
    Match,
    Quote,
    Role,
    Run,
    Verdict,
)
from tests.conftest import CONTRACT, PAPER, Command
from tests.library_material import AFTER, BEFORE, code_after, code_before, the_library
from tests.store_material import a_document, a_run, found
from tests.tree_material import a_run_of

WORDS = "alpha beta gamma delta epsilon zeta eta theta".split()
PARTS = tuple((Role.PARAGRAPH, f"{one} {two} shall pay", "") for one in WORDS for two in WORDS)
DOCUMENT = a_document(PARTS)


def run_of(document: Document, *findings: Finding) -> tuple[Run, Document]:
    """A Run over a Document with these Findings, numbered."""
    numbered = tuple(replace(one, number=number) for number, one in enumerate(findings, 1))
    return replace(a_run(document, whole=False), findings=numbered), document


def said(statement: str, quote: str = "", section: str = "payment", **more: object) -> Finding:
    evidence = (found(DOCUMENT, quote),) if quote else ()
    quotes = (Quote(quote),) if quote else ()
    return replace(Finding(section, statement, quotes, evidence=evidence), **more)  # type: ignore[arg-type]


def told(side: tuple[Told, ...]) -> list[str]:
    return [one.finding.statement for one in side]


# -- findings --------------------------------------------------------------------------------------


def test_gained_lost_and_changed_are_told_apart() -> None:
    kept = said("Alpha pays beta.", "alpha beta shall pay")
    before = run_of(
        DOCUMENT, kept, said("Gamma pays 5 euros to delta.", "gamma delta shall pay"), said("Only once.", section="law")
    )
    after = run_of(
        DOCUMENT, said("Gamma pays 6 euros to delta.", "gamma delta shall pay"), kept, said("Quite new, this.")
    )
    made = compare(before, after)
    assert told(made.gained) == ["Quite new, this."]
    assert told(made.lost) == ["Only once."]
    assert [(c.before.finding.number, c.after.finding.number, c.what) for c in made.changed] == [(2, 1, ("statement",))]
    assert made.same == 1


def test_what_only_moved_is_not_changed() -> None:
    longer = a_document(((Role.HEADING, "A NEW BEGINNING", ""), *PARTS), "longer.pdf")
    quote = "alpha beta shall pay"
    moved = Finding("payment", "It pays.", (Quote(quote),), evidence=(found(longer, quote),))
    made = compare(run_of(DOCUMENT, said("It pays.", quote)), run_of(longer, moved))
    assert (made.is_empty, made.same) == (True, 1)


def test_lines_broken_otherwise_are_not_changed() -> None:
    made = compare(run_of(DOCUMENT, said("It pays\nsoon.")), run_of(DOCUMENT, said("It  pays soon.")))
    assert made.is_empty


def test_two_versions_show_quotes_of_both_sides() -> None:
    old = a_document(((Role.PARAGRAPH, "The total liability shall not exceed EUR 3,000,000.", "9"),), "v1.pdf")
    new = a_document(((Role.PARAGRAPH, "The total liability shall not exceed EUR 5,000,000.", "10"),), "v2.pdf")
    sides = []
    for document, amount in ((old, "3,000,000"), (new, "5,000,000")):
        quote = f"shall not exceed EUR {amount}"
        cap = Field("cap", FieldKind.AMOUNT, f"EUR {amount}", amount.replace(",", ""), "EUR")
        sides.append(
            run_of(document, Finding("liability", "Capped.", (Quote(quote),), (cap,), (found(document, quote),)))
        )
    (change,) = compare(*sides).changed
    assert change.what == ("quotes", "fields")
    assert change.before.shown_quotes == ("shall not exceed EUR 3,000,000",)
    assert change.after.shown_quotes == ("shall not exceed EUR 5,000,000",)
    assert (change.before.places, change.after.places) == (("p. 1, §9",), ("p. 1, §10",))


def test_another_verdict_is_a_change() -> None:
    def judged(label: Label) -> Finding:
        return said("It pays.", "alpha beta shall pay", verdicts=(Verdict("judge", label),))

    (change,) = compare(run_of(DOCUMENT, judged(Label.SUPPORTED)), run_of(DOCUMENT, judged(Label.PARTLY))).changed
    assert (change.what, change.before.label, change.after.label) == (("verdict",), "supported", "partly")


def test_overlapping_quotes_make_one_finding_of_two_wordings() -> None:
    before = run_of(DOCUMENT, said("Alpha is liable for the whole price.", "alpha beta shall pay"))
    after = run_of(DOCUMENT, said("The whole price falls on alpha.", "beta shall pay"))
    assert [c.what for c in compare(before, after).changed] == [("statement", "quotes")]


def test_an_absence_is_never_the_same_as_a_finding() -> None:
    before = run_of(DOCUMENT, said("Liability is limited.", section="liability"))
    after = run_of(DOCUMENT, said("Liability is not limited.", section="liability", absence=True))
    made = compare(before, after)
    assert (len(made.gained), len(made.lost)) == (1, 1)


def test_sections_asked_once_and_runs_not_done_are_told() -> None:
    run, document = run_of(DOCUMENT)
    other = replace(run, sections=(*run.sections, ("law", "Law")), kind="paper")
    made = compare((run, document), (other, document))
    assert (made.only_before, made.only_after) == ((), ("law",))
    assert any("two kinds" in note for note in made.notes)
    assert sum("is not done" in note for note in made.notes) == 2


def test_refused_quotes_are_compared_by_the_analysts_words() -> None:
    refused = Evidence("stands nowhere", (), Match.MISSING, 0.0)
    finding = Finding("payment", "It pays.", (Quote("stands nowhere"),), evidence=(refused,))
    assert compare(run_of(DOCUMENT, finding), run_of(DOCUMENT, finding)).is_empty
    assert Told(finding, DOCUMENT).shown_quotes == ("stands nowhere",)


def findings_strategy() -> st.SearchStrategy[list[Finding]]:
    statement = st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)
    quote = st.sampled_from(["", *(f"{one} {two} shall pay" for one in WORDS[:3] for two in WORDS[:3])])
    label = st.sampled_from([Label.SUPPORTED, Label.PARTLY])
    one = st.builds(
        lambda s, q, section, lab, no: said(s, q, section, verdicts=(Verdict("judge", lab),), absence=no),
        statement,
        quote,
        st.sampled_from(["payment", "law"]),
        label,
        st.booleans(),
    )
    return st.lists(one, max_size=8)


@settings(deadline=None, max_examples=60)
@given(findings_strategy(), st.randoms())
def test_a_run_does_not_differ_from_itself_in_any_order(findings: list[Finding], chance: object) -> None:
    shuffled = list(findings)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    made = compare(run_of(DOCUMENT, *findings), run_of(DOCUMENT, *shuffled))
    assert (made.is_empty, made.same) == (True, len(findings))


@pytest.mark.parametrize("few", [comparing.FEW, 0])
@settings(deadline=None, max_examples=60)
@given(before=findings_strategy(), after=findings_strategy())
def test_exchanging_both_sides_exchanges_gained_and_lost(few: int, before: list[Finding], after: list[Finding]) -> None:
    def contents(side: tuple[Told, ...]) -> list[str]:
        return sorted(one.order for one in side)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparing, "FEW", few)
        forth = compare(run_of(DOCUMENT, *before), run_of(DOCUMENT, *after))
        back = compare(run_of(DOCUMENT, *after), run_of(DOCUMENT, *before))
    assert contents(forth.gained) == contents(back.lost)
    assert contents(forth.lost) == contents(back.gained)
    assert forth.same == back.same
    turned = sorted((c.after.order, c.before.order, c.what) for c in back.changed)
    assert sorted((c.before.order, c.after.order, c.what) for c in forth.changed) == turned
    assert len(before) == len(forth.lost) + len(forth.changed) + forth.same
    assert len(after) == len(forth.gained) + len(forth.changed) + forth.same


def test_long_sections_are_compared_by_rare_words() -> None:
    before = [said(f"Number {n} w{n}x is owed by x{n}y.") for n in range(300)]
    after = [said(f"Number {n} w{n}x was owed by x{n}y.") for n in range(299, -1, -1)]
    made = compare(run_of(DOCUMENT, *before), run_of(DOCUMENT, *after))
    assert len(made.changed) == 300
    assert all(c.before.finding.statement.split()[1] == c.after.finding.statement.split()[1] for c in made.changed)


# -- code bases ------------------------------------------------------------------------------------


def code() -> tuple[tuple[Run, Document], tuple[Run, Document]]:
    old, new = code_before(), code_after()
    return (a_run_of(old, (), BEFORE), old), (a_run_of(new, (), AFTER), new)


def test_files_and_definitions_of_code_bases_are_compared() -> None:
    old, new = code()
    made = compare(old, new)
    assert {(one.path, one.change) for one in made.files} == {("README.md", "removed"), ("app/store.py", "changed")}
    assert {(one.name, one.kind, one.change) for one in made.symbols if one.path == "app/store.py"} == {
        ("Store.open", "method", "changed"),
        ("open_store", "function", "removed"),
        ("close_store", "function", "added"),
    }


def test_code_bases_compared_the_other_way_round_are_turned_round() -> None:
    old, new = code()
    turn = {"added": "removed", "removed": "added", "changed": "changed"}
    forth, back = compare(old, new), compare(new, old)
    assert [(f.path, turn[f.change], f.lines[::-1]) for f in forth.files] == [
        (f.path, f.change, f.lines) for f in back.files
    ]
    assert {(s.name, turn[s.change]) for s in forth.symbols} == {(s.name, s.change) for s in back.symbols}
    assert compare(old, old).is_empty


def test_the_views_of_the_database_agree(docanalyze: Command, here: Path) -> None:
    the_library(here / "x.db")
    told = docanalyze("diff", BEFORE, AFTER, "--db", "x.db", "--json").json
    views = docanalyze("query", "--saved", "changes", "--db", "x.db", "--json").json["rows"]
    assert {(f["path"], f["change"]) for f in told["files"]} == {
        (r["path"], r["change"]) for r in views if r["what"] == "file"
    }
    assert {(d["path"], d["name"], d["change"]) for d in told["definitions"]} == {
        (r["path"], r["name"], r["change"]) for r in views if r["what"] != "file"
    }


# -- the command -----------------------------------------------------------------------------------


def test_the_command_compares_two_versions_of_a_contract(docanalyze: Command, here: Path, contract: Path) -> None:
    (here / "later.txt").write_text(CONTRACT.replace("$250,000", "$900,000"), encoding="utf-8")
    assert docanalyze(contract, here / "later.txt", "--quiet").code == 0
    later, first = (
        row["id"] for row in docanalyze("query", "SELECT id FROM runs ORDER BY started DESC", "--json").json["rows"]
    )
    shown = docanalyze("diff", first, later)
    assert shown.code == 0
    assert "$250,000" in shown.out and "$900,000" in shown.out
    assert "- " in shown.out and "+ " in shown.out
    told = docanalyze("diff", first, later, "--json").json
    assert (told["schema"], told["gained"], told["lost"]) == ("docanalyze.diff", [], [])
    assert any("fields" in one["what"] for one in told["changed"])
    table = docanalyze("diff", first, later, "--md").out
    assert table.startswith("# What differs") and "## Changed" in table


def test_documents_that_are_no_versions_of_one_are_told(docanalyze: Command, here: Path) -> None:
    (here / "a.txt").write_text(CONTRACT, encoding="utf-8")
    (here / "b.txt").write_text(CONTRACT.replace("thirty (30)", "sixty (60)"), encoding="utf-8")
    (here / "c.txt").write_text(PAPER, encoding="utf-8")
    runs = [
        docanalyze(name, "--kind", "contract", "--json").json["runs"][0]["id"] for name in ("a.txt", "b.txt", "c.txt")
    ]
    assert "two documents" not in docanalyze("diff", runs[0], runs[1]).out
    assert "0% of their text is the same: two documents" in " ".join(docanalyze("diff", runs[0], runs[2]).out.split())


def test_the_command_says_that_nothing_differs(docanalyze: Command, contract: Path) -> None:
    docanalyze(contract, "--quiet")
    assert "Nothing differs" in docanalyze("diff", "latest", "latest").out
    assert docanalyze("diff", "latest", "zzz").code == 1
    assert docanalyze("diff", "latest", "latest", "--json", "--md").code == 2


def test_the_command_shows_code_bases(docanalyze: Command, here: Path) -> None:
    the_library(here / "x.db")
    out = docanalyze("diff", BEFORE, AFTER, "--db", "x.db").out
    assert "- README.md" in out and "+ app/store.py:5 function close_store" in out
    assert "## Definitions" in docanalyze("diff", BEFORE, AFTER, "--db", "x.db", "--md").out


def test_one_of_a_thing_is_told_as_one() -> None:
    assert _summary(Difference(same=1)) == "Nothing differs: 1 finding the same"
    file, symbol = (
        FileChange("a.py", "added", (None, 1), (None, 1)),
        SymbolChange("a.py", "f", "function", "added", (1, 1)),
    )
    told = _summary(Difference(same=2, files=(file,), symbols=(symbol,)))
    assert told == "0 gained, 0 lost, 0 changed, 2 the same; 1 file and 1 definition differ"


def test_nothing_is_different_in_an_empty_difference() -> None:
    assert Difference().is_empty

"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const all = (selector, within) => [...(within || document).querySelectorAll(selector)];
  const root = document.documentElement, pane = find("source");
  const cards = all("article.finding"), parts = all("section.part");
  const marks = all("#source [id^='mark-']");
  const form = find("filter"), words = find("filter-words"), verdict = find("filter-verdict");
  const section = find("filter-section"), count = find("filter-count"), note = find("filter-note");
  // A word that a line's end divides is found whole, too.
  const wholly = (text) => text + " " + text.replace(/(\p{L})-(?=\p{Ll})/gu, "$1");
  const texts = new Map(cards.map((card) => [card, wholly(card.textContent.toLowerCase())]));
  let card = null, mark = null, size = 100;

  const numberOf = (one) => one.id.replace("finding-", "");
  const cardOf = (one) => find("finding-" + one.dataset.finding);
  const shown = () => cards.filter((one) => !one.hidden);
  const isBeside = () => pane && getComputedStyle(pane).position === "sticky";

  // -- filter

  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const one of cards) {
      one.hidden = !(wanted.every((word) => texts.get(one).includes(word))
        && (!verdict.value || one.dataset.verdict === verdict.value)
        && (!section.value || one.dataset.section === section.value));
    }
    const narrowed = Boolean(wanted.length || verdict.value || section.value);
    for (const part of parts) part.hidden = narrowed && !part.querySelector("article.finding:not([hidden])");
    for (const one of all(".refused")) one.hidden = narrowed;
    const left = new Set(shown().map(numberOf));
    for (const one of all("#source [data-finding]")) one.toggleAttribute("data-dim", !left.has(one.dataset.finding));
    for (const one of all("#source mark")) {
      one.toggleAttribute("data-dim", !one.dataset.findings.split(" ").some((number) => left.has(number)));
    }
    count.textContent = left.size + " of " + cards.length;
    note.textContent = "Filtered: " + count.textContent + " findings are shown.";
    note.hidden = !narrowed;
  };

  const clear = () => {
    words.value = verdict.value = section.value = "";
    filter();
  };

  // -- one finding, and its place

  const choose = (next) => {
    card = next;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  };

  const point = (next) => {
    for (const old of all("#source [data-current]")) old.removeAttribute("data-current");
    mark = next;
    if (!mark) return;
    const number = mark.dataset.finding;
    for (const one of all(`#source [data-finding="${number}"]`)) one.setAttribute("data-current", "");
    for (const one of all("#source mark")) {
      one.toggleAttribute("data-current", one.dataset.findings.split(" ").includes(number));
    }
  };

  const unfold = (one) => {
    for (let fold = one.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  };

  // Of the files beside one is open: that of the finding.
  const openFile = (one) => {
    const file = one.closest("details.file");
    if (!file || file.open) return;
    for (const other of all("details.file[open]", pane)) other.open = false;
    file.open = true;
  };

  // Long lines are scrolled to the quote where it begins out of sight.
  const scrollLines = (lines, number) => {
    const words = lines.querySelector(`mark[data-findings~="${number}"]`);
    lines.scrollLeft = 0;
    if (!words) return;
    const start = words.getClientRects()[0].left - lines.getBoundingClientRect().left;
    if (start > lines.clientWidth * 0.75) lines.scrollLeft = start - lines.clientWidth / 4;
  };

  const turnTo = (next) => {
    point(next);
    if (!mark) return;
    root.setAttribute("data-open", "");
    openFile(mark);
    if (card && !isBeside()) card.scrollIntoView({ block: "nearest" });
    const box = mark.getBoundingClientRect(), frame = pane.getBoundingClientRect();
    pane.scrollBy({ top: box.top - frame.top - frame.height / 3 });
    const sheet = mark.closest(".sheet");
    if (sheet) sheet.scrollLeft += box.left - frame.left - frame.width / 4;
    const lines = mark.closest(".lines");
    if (lines) scrollLines(lines, mark.dataset.finding);
  };

  const placeOf = (within) => {
    const link = within.querySelector("a.place");
    return link && find(link.hash.slice(1));
  };

  const go = (step) => {
    const left = shown();
    if (!left.length) return;
    const now = left.indexOf(card);
    choose(left[now < 0 ? 0 : Math.min(left.length - 1, Math.max(0, now + step))]);
    if (isBeside() || root.hasAttribute("data-open")) turnTo(placeOf(card));
    else point(placeOf(card));
  };

  const goInSource = (step) => {
    const left = marks.filter((one) => !cardOf(one).hidden);
    if (!left.length) return;
    const now = left.indexOf(mark);
    turnTo(left[now < 0 ? 0 : Math.min(left.length - 1, Math.max(0, now + step))]);
    choose(cardOf(mark));
  };

  // The numbers of the findings that quote the words under a click.
  const quotedAt = (event) => {
    const there = document.elementsFromPoint(event.clientX, event.clientY);
    const found = there.flatMap((one) => {
      const mark = one.closest("#source [data-finding]"), text = one.closest("#source mark");
      return mark ? [mark.dataset.finding] : text ? text.dataset.findings.split(" ") : [];
    });
    return [...new Set(found)].filter((number) => !find("finding-" + number).hidden);
  };

  // The beginning of the quote that was clicked, else of the first quote of that finding.
  const beginning = (number, clicked) => {
    let one = clicked;
    while (one && one.dataset.finding === number && !one.id) one = one.previousElementSibling;
    return one && one.dataset.finding === number && one.id ? one : find(`mark-${number}-1`);
  };

  // Of several findings that quote the same words, each click leads to the next.
  const goFrom = (event, clicked) => {
    const left = quotedAt(event);
    if (!left.length) return;
    const now = mark ? left.indexOf(mark.dataset.finding) : -1;
    const number = left[(now + 1) % left.length];
    point(beginning(number, clicked) || clicked);
    choose(find("finding-" + number));
  };

  const close = () => {
    root.removeAttribute("data-open");
    if (card) card.focus({ preventScroll: true });
  };

  const scale = (by) => {
    size = Math.min(400, Math.max(50, size + by));
    for (const sheet of all("svg", pane)) sheet.style.width = size + "%";
    if (pane.matches(".text, .code")) pane.style.fontSize = size + "%";
    turnTo(mark);
  };

  // -- keys and clicks

  const escape = (typing) => {
    if (root.hasAttribute("data-open") && !isBeside() && !typing) return close();
    clear();
    if (typing) document.activeElement.blur();
  };

  const keys = {
    j: () => go(1),
    k: () => go(-1),
    n: () => goInSource(1),
    p: () => goInSource(-1),
    "+": () => pane && scale(25),
    "-": () => pane && scale(-25),
    "/": () => words.focus(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "Escape") escape(typing);
    else if (typing) return;
    else if (event.key === "Enter" && event.target.matches("article.finding")) turnTo(placeOf(event.target));
    else if (Object.hasOwn(keys, event.key)) {
      event.preventDefault();
      keys[event.key]();
    }
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a"), figure = event.target.closest("article.finding figure");
    const inSource = event.target.closest("#source [data-finding], #source mark");
    if (inSource) {
      event.preventDefault();
      return goFrom(event, inSource);
    }
    card = event.target.closest("article.finding") || card;
    if (figure && (!link || link.matches(".place")) && (link || getSelection().isCollapsed)) {
      const place = placeOf(figure);
      if (!place) return;
      event.preventDefault();
      turnTo(place);
    }
    const target = link && link.hash && find(link.hash.slice(1));
    // What a link leads to is shown, whatever the filter says.
    if (target && target.closest("[hidden]")) clear();
    if (target && pane && pane.contains(target)) root.setAttribute("data-open", "");
    if (target) unfold(target);
  });

  if (pane) {
    const press = (id, action) => find(id).addEventListener("click", action);
    press("source-before", () => goInSource(-1));
    press("source-after", () => goInSource(1));
    press("zoom-out", () => scale(-25));
    press("zoom-in", () => scale(25));
    press("source-close", close);
    find("tools").hidden = false;
  }

  // -- the tree of a code base

  const tree = find("tree");
  if (tree) {
    const path = find("tree-words"), level = find("tree-level"), rows = all("li.row", tree);
    const folders = all("li.folder", tree), more = all("li.more", tree);
    const nameOf = (row) => {
      const above = row.parentElement.closest("li.folder");
      return (above ? nameOf(above) : "") + row.querySelector("bdi").textContent.toLowerCase();
    };
    const names = new Map();
    const narrow = () => {
      if (!names.size) for (const row of rows) names.set(row, nameOf(row));
      const wanted = path.value.toLowerCase().split(/\s+/).filter(Boolean);
      const narrowed = Boolean(wanted.length || level.value);
      for (const row of rows) {
        row.hidden = !(wanted.every((word) => names.get(row).includes(word))
          && (!level.value || row.classList.contains(level.value)));
      }
      for (const folder of folders) {
        folder.hidden = narrowed && !folder.querySelector("li.row:not([hidden])");
        if (narrowed && !folder.hidden) folder.firstElementChild.open = true;
      }
      for (const one of more) one.hidden = narrowed;
      find("tree-count").textContent = narrowed ? rows.filter((row) => !row.hidden).length + " of " + rows.length : "";
    };
    const fold = (open) => () => {
      for (const folder of folders) folder.firstElementChild.open = open;
    };
    for (const input of [path, level]) input.addEventListener("input", narrow);
    find("tree-filter").addEventListener("submit", (event) => event.preventDefault());
    find("tree-open").addEventListener("click", fold(true));
    find("tree-close").addEventListener("click", fold(false));
    find("tree-filter").hidden = false;
  }

  root.setAttribute("data-scripted", "");
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const input of [words, verdict, section]) input.addEventListener("input", filter);
  form.hidden = false;
  filter();
})();

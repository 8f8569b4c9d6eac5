"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const cards = [...document.querySelectorAll("article.finding")];
  const parts = [...document.querySelectorAll("section.part")];
  const form = find("filter"), words = find("filter-words"), verdict = find("filter-verdict");
  const section = find("filter-section"), count = find("filter-count");
  const texts = new Map(cards.map((card) => [card, card.textContent.toLowerCase()]));
  let at = -1;

  const shown = () => cards.filter((card) => !card.hidden);

  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const card of cards) {
      const fits = wanted.every((word) => texts.get(card).includes(word))
        && (!verdict.value || card.dataset.verdict === verdict.value)
        && (!section.value || card.closest("section.part").id === section.value);
      card.hidden = !fits;
    }
    const narrowed = Boolean(wanted.length || verdict.value || section.value);
    for (const part of parts) {
      part.hidden = narrowed && !part.querySelector("article.finding:not([hidden])");
    }
    const left = shown();
    for (const mark of document.querySelectorAll("#source [data-finding]")) {
      const card = find("finding-" + mark.dataset.finding);
      mark.toggleAttribute("data-dim", Boolean(card && card.hidden));
    }
    count.textContent = left.length + " of " + cards.length;
  };

  const clear = () => {
    words.value = verdict.value = section.value = "";
    filter();
  };

  const go = (step) => {
    const left = shown();
    if (!left.length) return;
    const now = left.indexOf(cards[at]);
    const next = left[Math.min(left.length - 1, Math.max(0, now < 0 ? 0 : now + step))];
    at = cards.indexOf(next);
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    show(next, false);
  };

  const show = (card, follow) => {
    const place = card.querySelector("a.place");
    const mark = place && find(place.hash.slice(1));
    for (const old of document.querySelectorAll("#source [data-current]")) old.removeAttribute("data-current");
    if (!mark) return;
    mark.setAttribute("data-current", "");
    const number = card.id.replace("finding-", "");
    for (const part of document.querySelectorAll(`#source [data-finding="${number}"]`)) part.setAttribute("data-current", "");
    const pane = find("source");
    if (follow || getComputedStyle(pane).position === "sticky") mark.scrollIntoView({ block: "center" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "Escape") {
      clear();
      if (typing) event.target.blur();
    } else if (typing) {
      return;
    } else if (event.key === "/") {
      event.preventDefault();
      words.focus();
    } else if (event.key === "j" || event.key === "k") {
      go(event.key === "j" ? 1 : -1);
    } else if (event.key === "Enter" && event.target.matches("article.finding")) {
      show(event.target, true);
    }
  });

  document.addEventListener("click", (event) => {
    const card = event.target.closest("article.finding");
    if (card) {
      at = cards.indexOf(card);
      if (event.target.closest("a.place")) show(card, true);
    }
  });

  const pane = find("source"), zoom = find("zoom");
  if (pane && zoom) {
    let size = 100;
    const scale = (by) => {
      size = Math.min(300, Math.max(50, size + by));
      for (const sheet of pane.querySelectorAll("svg")) sheet.style.width = size + "%";
    };
    find("zoom-in").addEventListener("click", () => scale(25));
    find("zoom-out").addEventListener("click", () => scale(-25));
    zoom.hidden = false;
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const input of [words, verdict, section]) input.addEventListener("input", filter);
  form.hidden = false;
  filter();
})();

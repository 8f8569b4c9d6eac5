"use strict";
// Sorts the grids by a click on a column, and shows the rows that the filter asks for.
(() => {
  const rows = [...document.querySelectorAll(".grid tbody tr")].map((row) => ({
    row,
    name: row.cells[0].textContent.toLowerCase(),
    bad: row.querySelector("td.bad") !== null,
    warn: row.querySelector("td.warn, td.none") !== null,
  }));
  if (!rows.length) return;
  const words = document.getElementById("words");
  const tone = document.getElementById("tone");
  const left = document.getElementById("left");

  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of rows) {
      const fits = wanted.every((word) => one.name.includes(word)) && (!tone.value || one[tone.value]);
      one.row.hidden = !fits;
      shown += fits;
    }
    left.textContent = `${shown} of ${rows.length} documents`;
  };

  // A number counts before its mark; a cell with nothing in it comes last, whichever way.
  const value = (cell) => {
    const text = cell.textContent.trim();
    const number = parseFloat(text.replaceAll(",", ""));
    return text === "∅" || text.startsWith("∅") ? 0.5 : Number.isNaN(number) ? null : number;
  };

  const sort = (table, column, button) => {
    const head = button.closest("th");
    const up = column === 0 ? head.ariaSort !== "ascending" : head.ariaSort === "descending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const order = new Intl.Collator(undefined, { numeric: true });
    const keyed = [...table.tBodies[0].rows].map((row) => {
      const cell = row.cells[column];
      return { row, key: column === 0 ? cell.textContent : value(cell) };
    });
    keyed.sort((a, b) => {
      if (column === 0) return (up ? 1 : -1) * order.compare(a.key, b.key);
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
      return up ? a.key - b.key : b.key - a.key;
    });
    table.tBodies[0].append(...keyed.map((one) => one.row));
  };

  for (const table of document.querySelectorAll(".grid")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(head.textContent);
      button.addEventListener("click", () => sort(table, column, button));
      head.replaceChildren(button);
    });
  }
  const form = document.getElementById("filter");
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();
})();

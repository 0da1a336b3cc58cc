(function () {
  "use strict";
  // One button opens and folds the code of the whole page.
  const toggle = document.querySelector("button.code");
  const folded = [...document.querySelectorAll("details.code")];
  if (toggle && folded.length) {
    let open = false;
    const name = () => { toggle.textContent = open ? toggle.dataset.hide : toggle.dataset.show; };
    toggle.hidden = false;
    document.body.classList.add("fold");
    name();
    toggle.addEventListener("click", () => {
      open = !open;
      document.body.classList.toggle("fold", !open);
      folded.forEach((part) => { part.open = open; });
      toggle.setAttribute("aria-pressed", open);
      name();
    });
  }
  // Headings sort: up, down, then as it was. Cells sort by their first number, else as text.
  const number = (text) => {
    const found = text.replace(/\u2212/g, "-").match(/^[^\d-]{0,8}(-?)[^\d]{0,4}(\d[\d,]*\.?\d*)/);
    return found ? parseFloat(found[1] + found[2].replace(/,/g, "")) : NaN;
  };
  const shown = (row, column) => row.cells[column].textContent.trim();
  document.querySelectorAll("table.data").forEach((table) => {
    const body = table.tBodies[0];
    const heads = [...table.querySelectorAll("thead tr:last-child th")];
    const rows = body ? [...body.rows] : [];
    if (rows.length < 3 || rows.some((row) => row.cells.length !== heads.length)) return;
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const way = { none: "ascending", ascending: "descending", descending: "none" }[
          head.getAttribute("aria-sort") || "none"];
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        if (way !== "none") head.setAttribute("aria-sort", way);
        const texts = rows.map((row) => shown(row, column));
        const said = texts.filter((text) => text && text !== "\u2013");
        const numeric = said.filter((text) => !isNaN(number(text))).length > said.length / 2;
        const missing = (text) => !text || text === "\u2013" || (numeric && isNaN(number(text)));
        const sign = way === "descending" ? -1 : 1;
        const sorted = way === "none" ? rows : [...rows].sort((one, two) => {
          const a = shown(one, column), b = shown(two, column);
          if (missing(a) || missing(b)) return missing(a) - missing(b);
          return sign * (numeric ? number(a) - number(b) : a.localeCompare(b, document.documentElement.lang));
        });
        body.append(...sorted);
      });
    });
  });
  // Figures: a mark says its value under the pointer, and the arrow keys walk from mark to mark.
  document.querySelectorAll("figure svg").forEach((svg) => {
    const marks = [...svg.querySelectorAll("title")].map((title) => {
      const mark = title.parentNode;
      mark.dataset.value = title.textContent;
      title.remove();
      return mark;
    });
    if (!marks.length) return;
    const figure = svg.closest("figure"), said = document.createElement("output");
    let at = -1;
    const tell = (mark) => {
      marks.forEach((other) => other.classList.toggle("on", other === mark));
      said.textContent = mark ? mark.dataset.value : "";
      if (!mark) return;
      const place = mark.getBoundingClientRect(), frame = figure.getBoundingClientRect();
      const half = said.offsetWidth / 2, middle = (place.left + place.right) / 2 - frame.left;
      said.style.left = `${Math.max(half, Math.min(frame.width - half, middle))}px`;
      said.style.top = `${place.top - frame.top}px`;
    };
    figure.append(said);
    svg.tabIndex = 0;
    svg.addEventListener("pointerover", (event) => {  // a number may lie on its mark
      tell(document.elementsFromPoint(event.clientX, event.clientY).find((part) => marks.includes(part)));
    });
    svg.addEventListener("pointerleave", () => tell(null));
    svg.addEventListener("blur", () => tell(null));
    svg.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const end = { Home: 0, End: marks.length - 1, Escape: -1 }[event.key];
      if (step === undefined && end === undefined) return;
      event.preventDefault();
      at = end ?? Math.max(0, Math.min(marks.length - 1, at + step));
      tell(marks[at]);
      marks[at]?.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  });
})();

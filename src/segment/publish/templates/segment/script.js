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
      if (open) document.querySelectorAll("details.page, details.more").forEach((part) => { part.open = true; });
      toggle.setAttribute("aria-pressed", open);
      name();
    });
  }
  // What is wider than its place is scrolled by the keyboard too.
  const reach = () => document.querySelectorAll(".scroll").forEach((part) => {
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0; else part.removeAttribute("tabindex");
  });
  reach();
  window.addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true);
  // Paper opens what is folded, but for the data of figures; contents mark where one is.
  window.addEventListener("beforeprint", () => document.querySelectorAll("details:not(.code, .data)").forEach((part) => { part.open = true; }));
  const places = [...document.querySelectorAll(".contents a")];
  if (places.length) {
    const headings = places.map((link) => document.getElementById(link.hash.slice(1)));
    const mark = () => {
      const at = headings.filter((head) => head && head.getBoundingClientRect().top < innerHeight / 3).length - 1;
      places.forEach((link, place) => (place === at ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
    };
    window.addEventListener("scroll", mark, { passive: true });
    mark();
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
    if (rows.length < 6 || rows.some((row) => row.cells.length !== heads.length)) return;
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
  // The plan: load, cost and break-even follow from the figures in its form.
  document.querySelectorAll("form.plan").forEach((form) => {
    const plan = JSON.parse(form.dataset.plan), field = form.elements;
    const value = (name) => (field[name].value === "" ? NaN : Number(field[name].value));
    const zero = (number) => (isNaN(number) ? 0 : number);
    const told = (name, number, write) => {
      field[name].value = isNaN(number) ? "–" : number === Infinity ? plan.endless : write(number);
    };
    const whole = (number) => number.toLocaleString("en", { maximumFractionDigits: number < 10 ? 1 : 0 });
    const compute = () => {
      const needed = {}, costs = plan.roles.map((role) => value(`w${role}`));
      const rows = [...Array(plan.rows).keys()], gifts = rows.some((row) => value(`g${row}`) > 0);
      for (let row = 0; row < plan.rows; row += 1) {
        let hours = 0, cost = 0;
        plan.roles.forEach((role, at) => {
          const worked = zero(value(`n${row}`)) * zero(value(`c${row}_${at}`)) * zero(value(`e${at}`)) / 12;
          hours += worked;
          cost += worked * zero(costs[at]);
          needed[role] = (needed[role] || 0) + worked;
        });
        if (!gifts && !costs.some((each) => !isNaN(each))) cost = NaN;
        cost += zero(value(`n${row}`)) * zero(value(`g${row}`)) / 12;
        const margin = value(`n${row}`) * value(`v${row}`) * value("rate");
        const uplift = isNaN(margin) || isNaN(cost) ? NaN : cost === 0 ? 0 : margin <= 0 ? Infinity : cost * plan.months / margin;
        told(`hours${row}`, hours, whole);
        told(`cost${row}`, cost, (number) => plan.sign + whole(number));
        told(`kept${row}`, 12 * cost / value("won"), whole);
        told(`uplift${row}`, uplift, (share) => `${(Math.ceil(1000 * share - 1e-6) / 10).toFixed(1)}%`);
      }
      Object.entries(needed).forEach(([role, hours]) => {
        const load = hours === 0 ? 0 : hours / (value(`p${role}`) * value(`h${role}`));
        told(`needed${role}`, hours, whole);
        told(`load${role}`, load, (share) => `${Math.round(100 * share)}%`);
        field[`load${role}`].classList.toggle("over", load > 1 + 1e-9);
      });
    };
    form.addEventListener("input", compute);
    form.addEventListener("submit", (event) => event.preventDefault());
    compute();
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
    const figure = svg.closest("figure");  // it holds a drawing for phones too
    const said = figure.querySelector("output") ?? document.createElement("output");
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

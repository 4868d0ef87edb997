"use strict";
// Language and filters live in the address after #, so that a view can be passed on as a link.
(() => {
  const page = document.documentElement;
  const wanted = new URLSearchParams(location.hash.slice(1));
  const remember = () => {
    const text = wanted.toString();
    try { history.replaceState(null, "", text ? "#" + text : location.pathname); } catch { location.hash = text; }
  };
  const speak = (language) => {
    page.lang = language;
    for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", button.dataset.language === language);
    for (const option of document.querySelectorAll("option[data-de]")) option.textContent = option.dataset[language];
    try { localStorage.setItem("hemtwin-language", language); } catch { /* a page from disk may have no memory */ }
  };
  let stored = null;
  try { stored = localStorage.getItem("hemtwin-language"); } catch { /* likewise */ }
  const asked = wanted.get("lang") || stored || page.lang;
  speak(asked === "de" ? "de" : "en");
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => { speak(button.dataset.language); wanted.set("lang", button.dataset.language); if (form || wanted.size) remember(); });
  }

  const form = document.querySelector("form.filters");
  if (form) {
    const rows = [...document.querySelectorAll("tr[data-row]")];
    const sections = [...document.querySelectorAll("tr.section")];
    const levels = [...form.elements.level.options].map((option) => option.value).slice(1);
    const fits = (row, filter) => {
      const data = row.dataset;
      for (const name of ["section", "maker", "protocol", "evidence", "standing"]) if (filter[name] && data[name] !== filter[name]) return false;
      const verdicts = data.verdicts.split(",");
      const seen = filter.level ? [verdicts[levels.indexOf(filter.level)]] : verdicts;
      if (filter.verdict && !seen.includes(filter.verdict)) return false;
      return !filter.search || data.text.includes(filter.search.toLowerCase());
    };
    const apply = () => {
      const filter = Object.fromEntries(new FormData(form));
      const shown = new Set();
      for (const row of rows) {
        row.hidden = !fits(row, filter);
        if (!row.hidden) shown.add(row.dataset.row + row.dataset.protocol);
      }
      for (const head of sections) {
        let next = head.nextElementSibling;
        while (next && next.hidden && !next.classList.contains("section")) next = next.nextElementSibling;
        head.hidden = !next || next.classList.contains("section");
      }
      for (const cell of document.querySelectorAll("[data-level]")) cell.hidden = Boolean(filter.level) && cell.dataset.level !== filter.level;
      document.getElementById("shown").textContent = shown.size;
      for (const [name, value] of Object.entries(filter)) value ? wanted.set(name, value) : wanted.delete(name);
    };
    for (const [name, value] of wanted) if (form.elements[name]) form.elements[name].value = value;
    form.addEventListener("input", () => { apply(); remember(); });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => { apply(); remember(); }));
    for (const tile of document.querySelectorAll("[data-standing-filter]")) {
      tile.addEventListener("click", () => { form.elements.standing.value = tile.dataset.standingFilter; apply(); remember(); });
    }
    apply();

    const views = [...document.querySelectorAll("[data-view]")];
    const show = (name) => {
      for (const view of views) view.hidden = view.dataset.view !== name;
      for (const tab of document.querySelectorAll("[data-tab]")) tab.setAttribute("aria-pressed", tab.dataset.tab === name);
    };
    for (const tab of document.querySelectorAll("[data-tab]")) {
      tab.addEventListener("click", () => { show(tab.dataset.tab); wanted.set("view", tab.dataset.tab); remember(); });
    }
    show(views.some((view) => view.dataset.view === wanted.get("view")) ? wanted.get("view") : "levels");
  }

  // Under a cursor over a plot: the time, and what everything was.
  const looked = document.getElementById("looked-at");
  if (looked) {
    const series = JSON.parse(looked.textContent);
    for (const figure of document.querySelectorAll("figure[data-left]")) {
      const line = document.createElement("i"), told = document.createElement("div");
      line.className = "cursor"; told.className = "told"; line.hidden = told.hidden = true;
      figure.append(line, told);
      figure.addEventListener("mousemove", (event) => {
        const box = figure.querySelector("svg").getBoundingClientRect(), own = figure.getBoundingClientRect();
        const left = figure.dataset.left * box.width, width = (figure.dataset.right - figure.dataset.left) * box.width;
        const share = (event.clientX - box.left - left) / width;
        line.hidden = told.hidden = share < 0 || share > 1;
        if (line.hidden) return;
        const at = Math.round(share * (series.times.length - 1));
        told.textContent = [series.times[at], ...series.order.filter((name) => series.columns[name][at] !== null)
          .map((name) => `${series.words[name]} ${series.columns[name][at]} ${series.units[name]}`)].join("\n");
        const x = box.left - own.left + left + share * width;
        line.style.left = x + "px";
        told.style.left = (share > 0.8 ? x - told.offsetWidth - 8 : x + 8) + "px";
      });
      figure.addEventListener("mouseleave", () => { line.hidden = told.hidden = true; });
    }
  }

  // Frames of a case stand in a file of their own, which calls `frames` when it is loaded.
  const waiting = new Map();
  window.frames = (told) => {
    const place = waiting.get(told.case);
    if (!place) return;
    for (const [at, way, hex, words] of told.frames) {
      const bytes = document.createElement("b");
      bytes.textContent = hex.length > 96 ? hex.slice(0, 96) + " ..." : hex;
      const short = words.length > 240 ? words.slice(0, 237) + "..." : words;
      place.append(at.toFixed(3).padStart(10) + (way === ">" ? " → " : " ← ") + short + "  ", bytes, "\n");
    }
  };
  const load = (details) => {
    for (const place of details.querySelectorAll("pre[data-frames]")) {
      if (place.closest("details") !== details || waiting.has(place.dataset.case)) continue;
      waiting.set(place.dataset.case, place);
      const script = document.createElement("script");
      script.src = place.dataset.frames;
      script.addEventListener("error", () => { place.textContent = "✗ " + place.dataset.frames; });
      document.head.append(script);
    }
  };
  document.addEventListener("toggle", (event) => { if (event.target.open) load(event.target); }, true);
  for (const details of document.querySelectorAll("details[open]")) load(details);

  const open = (name) => {
    const target = name && document.getElementById(name);
    if (!target || target.tagName !== "DETAILS") return;
    for (let each = target; each; each = each.parentElement) if (each.tagName === "DETAILS") { each.open = true; load(each); }
    target.scrollIntoView();
  };
  open(location.hash.slice(1));
  window.addEventListener("hashchange", () => open(location.hash.slice(1)));
  page.dataset.ready = "yes";
})();

// What the pages do beyond HTML. Menus open without it; formulas, figures and code need none.

const root = document.currentScript.dataset.root;

// Light or dark ----------------------------------------------------------------------------------

document.getElementById("switch-theme").addEventListener("click", () => {
  const html = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  html.dataset.theme = (html.dataset.theme || system) === "dark" ? "light" : "dark";
  try { localStorage.setItem("theme", html.dataset.theme); } catch { /* for this page only */ }
});

// Contents: mark the section on screen -----------------------------------------------------------

const contents = document.getElementById("contents");

function markSection() {
  const links = [...contents.querySelectorAll('a[href^="#"]')];
  const line = innerHeight / 3; // the section that reaches this line is the one being read
  const above = links.filter((link) =>
    document.getElementById(link.hash.slice(1)).getBoundingClientRect().top <= line);
  for (const link of links) link.removeAttribute("aria-current");
  const current = above.at(-1);
  if (!current) return;
  current.setAttribute("aria-current", "true");
  const { offsetTop, offsetHeight } = current;
  if (offsetTop < contents.scrollTop) contents.scrollTop = offsetTop;
  const below = offsetTop + offsetHeight - contents.clientHeight;
  if (below > contents.scrollTop) contents.scrollTop = below;
}

if (contents) {
  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; markSection(); });
  };
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later);
  later();
}

// A link in a drawer leads away from the drawer.
for (const drawer of document.querySelectorAll(".drawer")) {
  drawer.addEventListener("click", (event) => {
    if (event.target.closest("a") && drawer.matches(":popover-open")) drawer.hidePopover();
  });
}

// Code: copy it, and scroll it by keyboard -------------------------------------------------------

for (const pre of document.querySelectorAll(".cell_input pre, main > section > .highlight pre")) {
  const button = Object.assign(document.createElement("button"),
    { className: "copy", type: "button", textContent: "Copy" });
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(pre.textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  pre.after(button);
}

function reachScrollers() {
  const scrollers = document.querySelectorAll("pre, .formula math, .text_html, .pst-scrollable-table-container");
  const wide = [...scrollers].map((box) => box.scrollWidth > box.clientWidth);
  scrollers.forEach((box, i) => {
    if (wide[i]) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
}
addEventListener("load", reachScrollers);
addEventListener("resize", reachScrollers);
document.addEventListener("toggle", reachScrollers, true); // what was folded has its width now

// Previews: what a link leads to -----------------------------------------------------------------

const preview = document.getElementById("preview");

function showPreview(link) {
  if (link.dataset.source) preview.textContent = link.dataset.source;
  else preview.replaceChildren(document.getElementById(link.hash.slice(1)).firstElementChild.cloneNode(true));
  link.setAttribute("aria-describedby", "preview");
  preview.showPopover();
  const at = link.getBoundingClientRect();
  const { width, height } = preview.getBoundingClientRect();
  const above = at.top - height - 8;
  preview.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8))}px`;
  preview.style.top = `${above > 60 ? above : at.bottom + 8}px`;
}

function hidePreview(link) {
  link.removeAttribute("aria-describedby");
  if (preview.matches(":popover-open")) preview.hidePopover();
}

for (const link of document.querySelectorAll("a.eqref, a[data-source]")) {
  for (const event of ["mouseenter", "focus"]) link.addEventListener(event, () => showPreview(link));
  for (const event of ["mouseleave", "blur", "click"]) link.addEventListener(event, () => hidePreview(link));
  link.addEventListener("keydown", (event) => { if (event.key === "Escape") hidePreview(link); });
}

// Search -----------------------------------------------------------------------------------------

const dialog = document.getElementById("search");
const query = document.getElementById("query");

function openSearch() {
  if (!window.searchIndex && !document.getElementById("index")) {
    const script = Object.assign(document.createElement("script"),
      { id: "index", src: `${root}_static/search-index.js`, onload: showResults });
    document.head.append(script);
  }
  dialog.showModal();
  query.select();
}

// "RMS norm", "RMS-norm" and "RMSNorm" are one word to the search.
const joined = (text) => text.toLowerCase().replace(/[\s-]+/g, "");

function count(text, word) {
  return text.split(word).length - 1;
}

// How much a section is about the words: a word in its title counts most.
function score(entry, words) {
  const text = joined(entry.text);
  const title = joined(entry.section || entry.page);
  return words.reduce((sum, word) => {
    const times = count(text, word);
    return sum + 4 * Math.min(1, count(title, word)) + times / (times + 2);
  }, 0);
}

// What has the words side by side, or else all of them.
function find(asked) {
  const together = search([joined(asked)]);
  return together.length ? together : search(asked.toLowerCase().split(/[\s-]+/));
}

// Pages in the order of what all their sections have.
function search(words) {
  words = words.filter(Boolean);
  if (!words.length) return [];
  const pages = new Map();
  for (const entry of window.searchIndex) {
    const text = joined(`${entry.page} ${entry.section} ${entry.text}`);
    if (!words.every((word) => text.includes(word))) continue;
    const found = { ...entry, score: score(entry, words) };
    const page = entry.url.split("#")[0];
    if (!pages.has(page)) pages.set(page, { page: entry.page, url: page, score: 0, sections: [] });
    const of = pages.get(page);
    of.score += found.score * entry.weight;
    of.sections.push(found);
  }
  return [...pages.values()].sort((a, b) => b.score - a.score);
}

function excerpt(text, asked) {
  const word = asked.toLowerCase().split(/\s+/).find((word) => text.toLowerCase().includes(word));
  const at = word ? text.toLowerCase().indexOf(word) : 0;
  const start = at > 50 ? text.indexOf(" ", at - 50) + 1 : 0;
  const small = document.createElement("small");
  small.append(start ? "… " : "", text.slice(start, at));
  if (word) {
    const mark = document.createElement("mark");
    mark.textContent = text.slice(at, at + word.length);
    small.append(mark);
  }
  small.append(text.slice(at + (word || "").length, at + 90), "…");
  return small;
}

function result(url, title, kind) {
  const item = document.createElement("li");
  item.className = kind;
  const link = Object.assign(document.createElement("a"), { href: root + url });
  link.append(title);
  link.addEventListener("click", () => dialog.close());
  item.append(link);
  return item;
}

function showResults() {
  if (!window.searchIndex) return;
  const asked = query.value.trim();
  const pages = find(asked);
  const items = pages.flatMap((page) => [
    result(page.url, page.page, "of-page"),
    ...page.sections.sort((a, b) => b.score - a.score).slice(0, 3).map((section) => {
      const item = result(section.url, section.section || "Introduction", "in-page");
      item.firstChild.append(excerpt(section.text, asked));
      return item;
    }),
  ]);
  document.getElementById("results").replaceChildren(...items);
  document.getElementById("found").textContent =
    asked && `Found on ${pages.length} page${pages.length === 1 ? "" : "s"}`;
}

document.getElementById("open-search").addEventListener("click", openSearch);
query.addEventListener("input", showResults);
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
dialog.querySelector("button").addEventListener("click", () => dialog.close());
dialog.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault(); // Enter opens the first result
  document.querySelector("#results a")?.click();
});
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, [contenteditable]");
  const asked = (event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey));
  if (!asked || dialog.open) return;
  event.preventDefault();
  openSearch();
});

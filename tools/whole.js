// Runs in a page of the site; returns its text as XHTML, with its title, number and sections.
(options) => {
  const main = document.querySelector("main");
  const every = (selector) => [...main.querySelectorAll(selector)];

  const number = main.querySelector(".kicker .number")?.textContent.replace(/\D/g, "") ?? "";
  every(".kicker, .actions, .turn, .headerlink, .minutes, script, button, label:has(input), input, output")
    .forEach((element) => element.remove());

  // Nobody has written anything into an exercise here, so a check of it says nothing.
  every(".tag_exercise + .cell").filter((cell) => cell.textContent.includes("not written yet"))
    .forEach((cell) => cell.remove());

  // What is folded: imports and plotting code stay in the notebook, answers are opened.
  for (const fold of every("details.hide")) {
    const cell = fold.closest(".cell");
    if (cell.classList.contains("tag_hide-input")) {
      fold.remove();
      continue;
    }
    const shown = document.createElement("div");
    const label = document.createElement("p");
    label.className = "unfolded-title";
    if (cell.classList.contains("tag_solution")) label.textContent = "A solution";
    if (cell.classList.contains("tag_answer")) label.textContent = "The answer";
    if (label.textContent) {
      shown.className = "unfolded";
      shown.append(label);
    }
    shown.append(...[...fold.children].filter((child) => child.localName !== "summary"));
    fold.replaceWith(shown);
  }
  if (!options.oneFile) {
    // An EPUB allows no style within a text, so the drawings that had one get it as attributes.
    const shape = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity"];
    const letters = ["fill", "opacity", "font-size", "font-weight", "text-anchor"];
    const shapes = "path, line, circle, ellipse, rect, polyline, polygon";
    for (const svg of every(".lnlearn-explorable svg")) {
      for (const element of svg.querySelectorAll(`${shapes}, text, tspan`)) {
        const style = getComputedStyle(element);
        for (const name of element.matches(shapes) ? shape : letters)
          element.setAttribute(name, style.getPropertyValue(name));
      }
    }
    every("style").forEach((element) => element.remove());
  }
  for (const fold of every("details")) {
    fold.open = true;
  }
  every(".cell").filter((cell) => !cell.textContent.trim() && !cell.querySelector("svg, img"))
    .forEach((cell) => cell.remove());

  // Links and ids. A link in a drawing says where it leads.
  for (const link of every("svg a")) {
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = link.textContent.trim();
    link.prepend(title);
  }
  const home = (id) => (options.oneFile ? `${options.name}--${id}` : id);
  const away = (name, id) =>
    options.oneFile ? `#${name}${id ? `--${id}` : ""}` : `${name}.xhtml${id ? `#${id}` : ""}`;
  const target = (address) => {
    const [file, id] = address.split("#");
    const name = file.replace(/^(\.\/)?/, "").replace(/\.html$/, "");
    if (!file) return `#${home(id)}`;
    return options.names.includes(name) && file.endsWith(".html") ? away(name, id) : null;
  };
  for (const element of [main, ...every("*")]) {
    for (const { name, value } of [...element.attributes]) {
      if (name === "id") element.id = home(value);
      else if (name === "href" && !/^[a-z]+:/.test(value)) {
        const address = target(value);
        if (address) element.setAttribute(name, address);
        else element.removeAttribute(name); // it leads to a page that is not here
      }
      else if (/^aria-(labelledby|describedby)$|^for$/.test(name))
        element.setAttribute(name, value.split(" ").map(home).join(" "));
      else if (value.includes("url(#"))
        element.setAttribute(name, value.replace(/url\(#/g, `url(#${home("")}`));
    }
  }

  const heading = main.querySelector("h1");
  const words = (element) => element.textContent.replace(/\s+/g, " ").trim();
  const sections = every("h2, h3").map((element) =>
    [element.id || element.parentElement.id, words(element), Number(element.localName[1])]);
  const wrapper = document.createElement("section");
  wrapper.id = options.oneFile ? options.name : home("top");
  wrapper.className = "page";
  wrapper.append(...main.childNodes);
  return {
    title: words(heading),
    number,
    sections,
    xhtml: new XMLSerializer().serializeToString(wrapper),
  };
}

// Runs in the book before it is printed: what paper needs and a style sheet cannot do.
() => {
  // Of the package, the signatures and what each one is for; the rest is read beside a computer.
  for (const entry of document.querySelectorAll("dl.py > dd"))
    [...entry.children].filter((part, i) => !part.matches("dl.py, p") || (i && part.matches("p")))
      .forEach((part) => part.remove());

  // The drawing is what a figure's tag has to describe, not the frame around it and its caption.
  for (const figure of document.querySelectorAll("figure")) figure.role = "none";

  // Code lies in parts, which blank lines kept apart, and in pieces of at most 16 lines, which no
  // page cuts.
  const wrap = (name, children) => {
    const span = document.createElement("span");
    span.className = name;
    span.append(...children);
    return span;
  };
  const pieces = (lines) => {
    if (lines.length <= 16) return [wrap("piece", lines.flat())];
    const middle = Math.ceil(lines.length / 2);
    return [...pieces(lines.slice(0, middle)), ...pieces(lines.slice(middle))];
  };
  for (const pre of document.querySelectorAll("pre")) {
    const lines = [[]];
    for (const node of pre.childNodes) {
      for (const text of node.textContent.split(/(?<=\n)/)) {
        const part = node.cloneNode();
        part.textContent = text;
        lines.at(-1).push(part);
        if (text.endsWith("\n")) lines.push([]);
      }
    }
    const parts = [[]];
    for (const line of lines) {
      if (line.some((part) => part.textContent.trim())) parts.at(-1).push(line);
      else if (parts.at(-1).length) parts.push([]);
    }
    pre.replaceChildren(...parts.filter((part) => part.length).map((part) =>
      wrap(part.length > 3 ? "stretch" : "stretch short", pieces(part))));
  }
}

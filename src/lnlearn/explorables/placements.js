// Gradients by placement and depth. Where no script runs, its picture is the one of placements.py.
(() => {
  const [LOW, HIGH] = [-3, 3];
  const [LEFT, RIGHT, TOP, BOTTOM] = [56, 470, 14, 258];
  const BESIDE = "pre";

  function number(value) {
    if (value >= 1000) return value.toExponential(1).replace(/e\+(\d)$/, "e+0$1");
    return String(Number(value.toPrecision(3)));
  }

  const summary = (placement, depth, gradients) =>
    `${placement}, ${depth} blocks: gradient of the first block ${number(gradients[0])}, ` +
    `of the last block ${number(gradients.at(-1))}`;

  function place(block, gradient) {
    const power = Math.min(Math.max(Math.log10(gradient), LOW), HIGH);
    const left = LEFT + ((RIGHT - LEFT) * (block - 1)) / 23;
    return [left, BOTTOM - ((BOTTOM - TOP) * (power - LOW)) / (HIGH - LOW)];
  }

  function drawing(placement, chosen, beside) {
    const parts = [];
    for (let power = LOW; power <= HIGH; power++) {
      const [, height] = place(1, 10 ** power);
      const down = (height + 5).toFixed(1);
      parts.push(
        `<path d="M${LEFT},${height.toFixed(1)}H${RIGHT}" stroke="var(--band)"></path>`,
        `<text x="${LEFT - 8}" y="${down}" text-anchor="end">${10 ** power}</text>`,
      );
    }
    for (const block of [1, 6, 12, 18, 24]) {
      const left = place(block, 1)[0].toFixed(1);
      parts.push(`<text x="${left}" y="${BOTTOM + 22}" text-anchor="middle">${block}</text>`);
    }
    const middle = (LEFT + RIGHT) / 2;
    parts.push(`<text x="${middle}" y="${BOTTOM + 40}" text-anchor="middle">block</text>`);
    for (const [values, name, colour] of [[beside, BESIDE, "muted"], [chosen, placement, "blue"]]) {
      const points = values.map((g, i) => place(i + 1, g));
      const line = points.map((point) => point.map((v) => v.toFixed(1)).join(",")).join("L");
      parts.push(`<path d="M${line}" fill="none" stroke="var(--${colour})" stroke-width="2"></path>`);
      for (const [left, height] of points) {
        const at = `cx="${left.toFixed(1)}" cy="${height.toFixed(1)}"`;
        parts.push(`<circle ${at} r="4" fill="var(--${colour})"></circle>`);
      }
      const [left, height] = points[0];
      const down = name === BESIDE ? height + 20 : height - 10;
      parts.push(`<text x="${left.toFixed(1)}" y="${down.toFixed(1)}">${name}</text>`);
    }
    return parts.join("");
  }

  function start(root) {
    const svg = root.querySelector("svg");
    const said = root.querySelector(".summary");
    const gradients = JSON.parse(root.querySelector(".data").dataset.gradients);
    const state = { placement: "post", depth: "12" };

    const row = (label, names, kind) => {
      const buttons = names.map((name) => `<button type="button" data-${kind}="${name}">${name}</button>`);
      return `<div class="row" role="group" aria-label="${label}">${label}: ${buttons.join("")}</div>`;
    };
    svg.insertAdjacentHTML(
      "beforebegin",
      row("norms", Object.keys(gradients), "placement") +
        row("blocks", Object.keys(gradients.pre), "depth"),
    );
    said.setAttribute("role", "status");
    said.insertAdjacentHTML(
      "afterend",
      '<p class="hint">Norm of the gradient before training, mean of 5 seeds. What lies beyond the axis is drawn at its edge.</p>',
    );

    function draw() {
      const { placement, depth } = state;
      const chosen = gradients[placement][depth];
      svg.innerHTML = drawing(placement, chosen, gradients[BESIDE][depth]);
      said.textContent = summary(placement, depth, chosen);
      svg.setAttribute("aria-label", said.textContent);
      for (const button of root.querySelectorAll("button")) {
        const [[kind, name]] = Object.entries(button.dataset);
        button.setAttribute("aria-pressed", state[kind] === name);
      }
    }

    root.addEventListener("click", ({ target }) => {
      if (!target.matches("button")) return;
      Object.assign(state, target.dataset);
      draw();
    });
    draw();
  }

  const waiting = '.lnlearn-explorable[data-name="placements"]:not([data-live])';
  for (const root of document.querySelectorAll(waiting)) {
    root.dataset.live = "";
    start(root);
  }
})();

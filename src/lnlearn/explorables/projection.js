// The projection. Where no script runs, its picture is the one that projection.py draws.
(() => {
  const EPS = 1e-5;
  const PRESETS = {
    "g = 3, 1, 2": () => [3, 1, 2],
    "g = 1, 1, 1": () => [1, 1, 1],
    "g = 2x̂": ({ xHat }) => xHat.map((v) => 2 * v),
    "at right angles to both": ({ frame }) => frame[2].map((v) => 3 * v),
  };
  const ROWS = [
    ["x", "x, the token"],
    ["xHat", "x̂"],
    ["g", "g"],
    ["mean", "− mean(g)", "orange"],
    ["along", "− x̂ mean(g x̂)", "green"],
    ["rest", "s · dx", "blue"],
    ["dx", "dx"],
  ];
  // Where a step of length 1 in each direction of the frame leads in the drawing of 480 by 345.
  const VIEW = [[0, -32], [-19.84, 14.4], [32, 7.04]];
  const [CENTRE_X, CENTRE_Y] = [225, 172];

  const mean = (row) => row.reduce((sum, v) => sum + v) / row.length;
  const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);
  const length = (a) => Math.sqrt(dot(a, a));
  const cross = ([a, b, c], [d, e, f]) => [b * f - c * e, c * d - a * f, a * e - b * d];

  function backward({ x, g }) {
    const mu = mean(x);
    const s = Math.sqrt(mean(x.map((v) => (v - mu) ** 2)) + EPS);
    const xHat = x.map((v) => (v - mu) / s);
    const onXHat = mean(g.map((v, i) => v * xHat[i]));
    const meanStep = g.map(() => -mean(g));
    const alongStep = xHat.map((v) => -v * onXHat);
    const rest = g.map((v, i) => v + meanStep[i] + alongStep[i]);
    const up = [1, 1, 1].map((v) => v / Math.sqrt(3));
    const size = length(xHat);
    const along = size > 0 ? xHat.map((v) => v / size) : [0, -Math.SQRT1_2, Math.SQRT1_2];
    const frame = [up, along, cross(up, along)];
    return { xHat, mean: meanStep, along: alongStep, rest, dx: rest.map((v) => v / s), frame };
  }

  const minus = (text) => (Number(text) === 0 ? text.replace("-", "") : text.replace(/-/g, "−"));
  const cell = (v) => minus(v.toFixed(4));

  function place(vector, frame) {
    const parts = frame.map((direction) => dot(direction, vector));
    return [0, 1].map((i) => [CENTRE_X, CENTRE_Y][i] + dot(parts, VIEW.map((step) => step[i])));
  }

  function drawing({ g }, { mean: meanStep, rest, frame }) {
    const at = (vector) => place(vector, frame).map((v) => v.toFixed(1));
    const [up, along, across] = frame;
    const sum = (a, p, b, q) => a.map((v, i) => p * v + q * b[i]);
    const line = (from, to, look) => `<path d="M${at(from)}L${at(to)}" fill="none" ${look}/>`;
    const name = (vector, text) => {
      const [left, top] = place(vector, frame);
      return `<text x="${(left + 8).toFixed(1)}" y="${(top + 4).toFixed(1)}">${text}</text>`;
    };
    const tip = (vector, colour, text) => {
      const [left, top] = at(vector);
      const down = (Number(top) + 5).toFixed(1);
      return (
        `<circle cx="${left}" cy="${top}" r="13" fill="var(--${colour})" stroke="var(--paper)"/>` +
        `<text class="dot" x="${left}" y="${down}" text-anchor="middle">${text}</text>`
      );
    };
    const corners = [[3, 3], [3, -3], [-3, -3], [-3, 3]].map(([a, b]) => sum(along, a, across, b));
    const origin = [0, 0, 0];
    const level = sum(g, 1, meanStep, 1);
    const [axis, dashed] = ['stroke="var(--muted)"', 'stroke-width="2.5" stroke-dasharray="7 5"'];
    return (
      `<path d="M${corners.map(at).join("L")}Z" fill="var(--band)"/>` +
      line(origin, up.map((v) => 5 * v), axis) +
      name(up.map((v) => 5 * v), "all features alike") +
      line(origin, along.map((v) => 4 * v), axis) +
      name(along.map((v) => 4 * v), "along x̂") +
      line(g, level, `stroke="var(--orange)" ${dashed}`) +
      line(level, rest, `stroke="var(--green)" ${dashed}`) +
      line(origin, g, 'stroke="var(--ink)" stroke-width="2.5"') +
      line(origin, rest, 'stroke="var(--blue)" stroke-width="2.5"') +
      tip(rest, "blue", "dx") +
      tip(g, "ink", "g")
    );
  }

  function words({ g }, { rest, dx, xHat }) {
    const left = length(g) > 0 ? Math.round((100 * length(rest)) / length(g)) : 0;
    const sums = [dx.reduce((sum, v) => sum + v), dot(dx, xHat)].map(cell);
    return `Σ dx = ${sums[0]} · Σ dx x̂ = ${sums[1]} · ${left} % of the length of g is left`;
  }

  function start(root) {
    const svg = root.querySelector("svg");
    const summary = root.querySelector(".summary");
    const box = root.querySelector(".scroll");
    const state = { x: [0.2, 0.1, 0.3], g: [3, 1, 2] };
    let held = null; // while g is dragged: its part along x̂, which stays

    summary.setAttribute("role", "status");
    svg.classList.add("live");
    const buttons = Object.keys(PRESETS).map((name) => `<button type="button">${name}</button>`);
    const group = `<div class="row" role="group" aria-label="Examples">${buttons.join("")}</div>`;
    svg.insertAdjacentHTML("beforebegin", group);
    const hint = "Drag g, or type into the table.";
    summary.insertAdjacentHTML("afterend", `<p class="hint">${hint}</p>`);
    box.querySelectorAll("tr").forEach((row, n) => {
      const [name, title] = ROWS[n - 1] ?? [];
      row.querySelectorAll("td").forEach((element, i) => {
        if (!(name in state)) return;
        const label = `aria-label="${title}, feature ${i + 1}"`;
        element.innerHTML = `<input type="number" step="0.1" ${label} data-of="${name}" data-i="${i}">`;
      });
    });

    function draw(except) {
      const result = backward(state);
      svg.innerHTML = drawing(state, result);
      summary.textContent = words(state, result);
      svg.setAttribute("aria-label", `Three directions in space. ${summary.textContent}`);
      box.querySelectorAll("tr").forEach((row, n) => {
        const [name] = ROWS[n - 1] ?? [];
        row.querySelectorAll("td").forEach((element, i) => {
          const input = element.querySelector("input");
          if (!name || input === except) return;
          if (input) input.value = Number(state[name][i].toFixed(4));
          else element.textContent = cell(result[name][i]);
        });
      });
    }

    root.addEventListener("click", ({ target }) => {
      if (!target.matches("button")) return;
      state.g = PRESETS[target.textContent](backward(state));
      draw();
    });

    root.addEventListener("input", ({ target }) => {
      const wrong = !Number.isFinite(target.valueAsNumber);
      target.setAttribute("aria-invalid", wrong);
      if (wrong) return;
      state[target.dataset.of][target.dataset.i] = target.valueAsNumber;
      draw(target);
    });

    // Dragging: g moves in the plane of the drawing, which leaves its part along x̂ as it is.
    const units = (event) => {
      const { left, top, width } = svg.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top].map((v) => (v * 480) / width);
    };
    svg.addEventListener("pointerdown", (event) => {
      const { frame } = backward(state);
      const [across, down] = units(event);
      const [left, top] = place(state.g, frame);
      if (Math.hypot(left - across, top - down) > 26) return;
      held = { frame, along: dot(frame[1], state.g) };
      svg.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    svg.addEventListener("pointermove", (event) => {
      if (!held) return;
      const [left, top] = units(event);
      const [up, along, across] = held.frame;
      const right = (left - CENTRE_X - held.along * VIEW[1][0]) / VIEW[2][0];
      const high = (top - CENTRE_Y - held.along * VIEW[1][1] - right * VIEW[2][1]) / VIEW[0][1];
      state.g = up.map((v, i) => high * v + held.along * along[i] + right * across[i]);
      draw();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      svg.addEventListener(end, () => {
        held = null;
      });
    }
    draw();
  }

  const waiting = '.lnlearn-explorable[data-name="projection"]:not([data-live])';
  for (const root of document.querySelectorAll(waiting)) {
    root.dataset.live = "";
    start(root);
  }
})();

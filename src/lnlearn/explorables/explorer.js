// The explorer. Where no script runs, its picture is the one that token.py draws.
(() => {
  const PRESETS = {
    "classic token": { x: [0.2, 0.1, 0.3] },
    "constant row": { x: [0.5, 0.5, 0.5] },
    "an outlier": { x: [0.3, -0.5, 0.1, 0.4, 100, -0.2, 0.6, -0.1] },
    "large mean, float32": { x: [10000.2, 10000.1, 10000.3], float32: true },
  };
  const COLOURS = ["blue", "orange", "green", "purple"];
  const TYPED = [["x", "x"], ["weight", "γ, weight"], ["bias", "β, bias"], ["dy", "∂L/∂y"]];
  const [X, WEIGHT, BIAS, DY] = TYPED;
  const ROWS = [X, ["xHat", "x̂"], WEIGHT, BIAS, ["y", "y"], DY, ["dx", "∂L/∂x"]];
  const SLIDERS = { weight: [-3, 3], bias: [-3, 3] };

  // Layer norm and its gradient, as in lnlearn.scratch. Sums run from the first feature to the
  // last. In float32, `to` rounds every result.
  const exact = (v) => v;
  const mean = (row, to = exact) => to(row.reduce((sum, v) => to(sum + v)) / row.length);
  const times = (a, b, to = exact) => a.map((v, i) => to(v * b[i]));

  function moments(x, to = exact) {
    const rough = mean(x, to); // rounded: what it is off by is the mean of what is left
    const left = x.map((v) => to(v - rough));
    const rounding = mean(left, to);
    const mu = to(rough + rounding);
    const centred = left.map((v) => to(v - rounding));
    const variance = mean(times(centred, centred, to), to);
    return { mu, centred, variance, std: to(Math.sqrt(variance)) };
  }

  function layerNorm({ x, weight, bias, dy, eps, float32 }) {
    const to = float32 ? Math.fround : exact;
    [x, weight, bias, dy] = [x, weight, bias, dy].map((row) => row.map(to));
    const { mu, centred, variance, std } = moments(x, to);
    const rough = mean(x, to);
    const onePass = to(mean(times(x, x, to), to) - to(rough * rough));
    const rstd = to(1 / to(Math.sqrt(to(variance + to(eps)))));
    const xHat = centred.map((v) => to(v * rstd));
    const y = times(xHat, weight, to).map((v, i) => to(v + bias[i]));

    const g = times(dy, weight, to);
    const gMean = mean(g, to);
    const along = mean(times(g, xHat, to), to);
    const dx = g.map((v, i) => to(to(to(v - gMean) - to(xHat[i] * along)) * rstd));
    return { mu, std, variance, onePass, xHat, y, dx };
  }

  // Numbers as text.
  const minus = (text) => (Number(text) === 0 ? text.replace("-", "") : text.replace(/-/g, "−"));
  const named = (v) => (Number.isNaN(v) ? "NaN" : v > 0 ? "∞" : "−∞");
  const written = (v, text) => (Number.isFinite(v) ? minus(text) : named(v));
  const cell = (v) => written(v, Math.abs(v) < 1e5 ? v.toFixed(4) : v.toExponential(3));
  const short = (v) => written(v, v.toPrecision(6));

  // Number lines, in an SVG of 480 by 88 for each.
  function ends(values) {
    values = values.filter(Number.isFinite);
    let low = Math.min(...values);
    let high = Math.max(...values);
    if (!(high > low)) [low, high] = values.length ? [low - 1, high + 1] : [-1, 1];
    const room = 0.08 * (high - low);
    return [low - room, high + room];
  }

  function numberLine(n, title, values, [low, high], momentsToo) {
    const place = (v) => (14 + (452 * (v - low)) / (high - low)).toFixed(1);
    let out = `<g transform="translate(0 ${88 * n})"><text x="4" y="15">${title}</text>`;
    const { mu, std } = moments(values);
    if (momentsToo && Number.isFinite(std)) {
      const [left, right] = [place(mu - std), place(mu + std)];
      out += `<path d="M${left} 43H${right}" stroke="var(--band)" stroke-width="44"/>`;
      out += `<path d="M${place(mu)} 21v44" stroke="var(--ink)"/>`;
    }
    out += `<path d="M4 65H476" stroke="var(--muted)"/>`;
    let step = (high - low) / 4;
    const power = 10 ** Math.floor(Math.log10(step));
    step = power * [1, 2, 5, 10].find((nice) => nice * power >= step);
    const decimals = Math.max(0, -Math.floor(Math.log10(step)));
    for (let tick = Math.ceil(low / step); tick <= Math.floor(high / step); tick++) {
      const v = tick * step;
      const label = minus(step < 1e5 ? v.toFixed(Math.min(decimals, 20)) : v.toExponential(0));
      out += `<path d="M${place(v)} 65v5" stroke="var(--muted)"/>`;
      out += `<text x="${place(v)}" y="84" text-anchor="middle">${label}</text>`;
    }
    values.forEach((v, i) => {
      if (!Number.isFinite(v)) return;
      const height = 30 + (26 * i) / (values.length - 1);
      out +=
        `<circle cx="${place(v)}" cy="${height.toFixed(1)}" r="10" stroke="var(--paper)" ` +
        `fill="var(--${COLOURS[i % 4]})"/><text class="dot" x="${place(v)}" ` +
        `y="${(height + 5).toFixed(1)}" text-anchor="middle">${i + 1}</text>`;
    });
    return out + "</g>";
  }

  function start(root) {
    const svg = root.querySelector("svg");
    const summary = root.querySelector(".summary");
    const box = root.querySelector(".scroll");
    let state;
    let held = null; // the feature that is dragged, and the ends of its line meanwhile

    summary.setAttribute("role", "status");
    svg.classList.add("live");
    box.removeAttribute("tabindex"); // there are fields in it now
    const names = Object.keys(PRESETS);
    const buttons = names.map((name) => `<button type="button">${name}</button>`).join("");
    svg.insertAdjacentHTML(
      "beforebegin",
      `<div class="row" role="group" aria-label="Examples">${buttons}</div><div class="row">
      <label>features <input type="number" name="D" min="2" max="8"></label>
      <label>ε <input type="number" name="eps" step="any" min="0"></label>
      <input type="range" name="power" min="-12" max="1" step="any" aria-label="ε, as a slider">
      <label><input type="checkbox" name="float32"> in float32</label></div>`,
    );
    summary.insertAdjacentHTML(
      "afterend",
      `<p class="hint">Drag a dot of the first line, or type into the table.</p>`,
    );
    const field = (name) => root.querySelector(`[name="${name}"]`);

    function load(name) {
      const fill = (v) => PRESETS[name].x.map(() => v);
      const dy = PRESETS[name].x.map((_, i) => Number(i === 0));
      state = { weight: fill(1), bias: fill(0), dy, eps: 1e-5, float32: false, ...PRESETS[name] };
      state.x = [...state.x];
      build();
    }

    // Everything that the reader can type, from the state.
    function build() {
      const D = state.x.length;
      field("D").value = D;
      field("eps").value = state.eps;
      field("float32").checked = state.float32;
      const range = [...Array(D).keys()];
      const heads = range.map((i) => `<th scope="col">feature ${i + 1}</th>`).join("");
      const body = ROWS.map(([name, title]) => {
        const cells = range.map((i) => `<td>${content(name, title, i)}</td>`).join("");
        return `<tr><th scope="row">${title}</th>${cells}</tr>`;
      });
      box.innerHTML = `<table><tr><td></td>${heads}</tr>${body.join("")}</table>`;
      draw();
    }

    function content(name, title, i) {
      if (!(name in state)) return `<data data-of="${name}"></data>`;
      const place = `data-of="${name}" data-i="${i}" value="${state[name][i]}"`;
      const input = `<input type="number" step="0.1" aria-label="${title}, feature ${i + 1}" ${place}>`;
      if (!(name in SLIDERS)) return input;
      const [min, max] = SLIDERS[name]; // for the pointer; the keyboard has the field above it
      const slider = `min="${min}" max="${max}" step="0.1" tabindex="-1" aria-hidden="true"`;
      return `${input}<input type="range" ${slider} ${place}>`;
    }

    // Everything that is computed, from the state.
    function draw() {
      const result = layerNorm(state);
      const { mu, std, variance, onePass, xHat, y, dx } = result;
      const number = (name, v) => `${name} = <data value="${v}">${short(v)}</data>`;
      summary.innerHTML = [
        number("μ", mu),
        number("σ", std),
        number("σ² in two passes", variance),
        number("in one pass", onePass),
        `ε = ${state.eps.toExponential().replace(/e[+]?0$/, "")}`,
        ...(state.float32 ? ["float32, summed from feature 1 on"] : []),
      ].join(" · ");
      field("power").value = state.eps > 0 ? Math.log10(state.eps) : -12;
      field("power").setAttribute("aria-valuetext", state.eps);

      const shared = ends([...xHat, ...y, -1.5, 1.5]);
      const own = held?.ends ?? ends([...state.x, mu - std, mu + std]);
      svg.ends = own;
      svg.innerHTML =
        numberLine(0, "x, the token", state.x, own, true) +
        numberLine(1, "x̂, centred and scaled", xHat, shared, true) +
        numberLine(2, "y = γx̂ + β", y, shared, true) +
        numberLine(3, "∂L/∂x, the gradient", dx, ends([...dx, 0]), false);
      svg.setAttribute("aria-label", `Four number lines. ${summary.textContent}`);

      for (const name of ["xHat", "y", "dx"]) {
        box.querySelectorAll(`data[data-of="${name}"]`).forEach((element, i) => {
          element.value = result[name][i];
          element.textContent = cell(result[name][i]);
        });
      }
      for (const button of root.querySelectorAll("button")) {
        const same = PRESETS[button.textContent].x.join() === state.x.join();
        button.setAttribute("aria-pressed", same);
      }
    }

    function set(name, i, v, except) {
      state[name][i] = v;
      for (const input of box.querySelectorAll(`input[data-of="${name}"][data-i="${i}"]`)) {
        if (input !== except) input.value = v;
      }
      draw();
    }

    root.addEventListener("click", ({ target }) => {
      if (target.matches("button")) load(target.textContent);
    });

    root.addEventListener("input", ({ target }) => {
      const { name, dataset, valueAsNumber: v } = target;
      const wrong =
        target.type === "number" &&
        (!Number.isFinite(v) || target.validity.rangeUnderflow || target.validity.rangeOverflow);
      target.setAttribute("aria-invalid", wrong);
      if (wrong) return;
      if (dataset.of) return set(dataset.of, Number(dataset.i), v, target);
      if (name === "D") {
        const blank = { x: 0, weight: 1, bias: 0, dy: 0 };
        for (const [row] of TYPED) {
          state[row] = Array.from({ length: v }, (_, i) => state[row][i] ?? blank[row]);
        }
        return build();
      }
      if (name === "float32") state.float32 = target.checked;
      if (name === "eps") state.eps = v;
      if (name === "power") field("eps").value = state.eps = Number((10 ** v).toPrecision(2));
      draw();
    });

    // Dragging: the nearest dot of the first line follows the pointer.
    const units = (event) => {
      const { left, top, width } = svg.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top].map((v) => (v * 480) / width);
    };
    svg.addEventListener("pointerdown", (event) => {
      const [across, down] = units(event);
      const [low, high] = svg.ends;
      const off = state.x.map((v, i) => {
        const height = 30 + (26 * i) / (state.x.length - 1);
        return Math.hypot(14 + (452 * (v - low)) / (high - low) - across, height - down);
      });
      const i = off.indexOf(Math.min(...off));
      if (off[i] > 24) return;
      held = { i, ends: svg.ends };
      svg.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    svg.addEventListener("pointermove", (event) => {
      if (!held) return;
      const [low, high] = held.ends;
      const along = Math.min(1, Math.max(0, (units(event)[0] - 14) / 452));
      const digits = Math.max(0, 2 - Math.floor(Math.log10(high - low)));
      set("x", held.i, Number((low + along * (high - low)).toFixed(Math.min(digits, 20))));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      svg.addEventListener(end, () => {
        held = null;
        draw();
      });
    }

    load(names[0]);
  }

  const waiting = '.lnlearn-explorable[data-name="explorer"]:not([data-live])';
  for (const root of document.querySelectorAll(waiting)) {
    root.dataset.live = "";
    start(root);
  }
})();

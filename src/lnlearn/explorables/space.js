// Turns the scene that space.py draws, and moves the token along its way.
(() => {
  const places = (text) => text.split(" ").map((place) => place.split(",").map(Number));

  function project([x, y, z], turn, tilt) {
    const [a, b] = [turn, tilt].map((degrees) => (degrees * Math.PI) / 180);
    const near = x * Math.cos(a) + y * Math.sin(a);
    const right = y * Math.cos(a) - x * Math.sin(a);
    const up = z * Math.cos(b) - near * Math.sin(b);
    return [240 + 70 * right, 200 - 70 * up].map((v) => v.toFixed(1));
  }

  // The place on the way after `step` steps, 0 to 3: between two of its corners.
  function along(way, step) {
    const i = Math.min(Math.floor(step), way.length - 2);
    return way[i].map((v, k) => v + (step - i) * (way[i + 1][k] - v));
  }

  function start(root) {
    const svg = root.querySelector("svg");
    const rows = [...root.querySelectorAll("tr")].slice(1);
    const names = rows.map((row) => row.firstElementChild.textContent);
    const { turn, tilt } = svg.dataset;
    svg.classList.add("live");
    svg.insertAdjacentHTML(
      "afterend",
      `<div class="row">
      <label>step <input type="range" name="step" min="0" max="3" step="0.05" value="0"></label>
      <label>turn <input type="range" name="turn" min="-180" max="180" value="${turn}"></label>
      <label>tilt <input type="range" name="tilt" min="-90" max="90" value="${tilt}"></label>
      </div><p class="hint">Drag the picture sideways to turn it.</p>`,
    );
    const field = (name) => root.querySelector(`[name="${name}"]`);

    function draw() {
      const [step, turn, tilt] = ["step", "turn", "tilt"].map((name) => Number(field(name).value));
      field("step").setAttribute("aria-valuetext", names[Math.round(step)]);
      rows.forEach((row, i) => row.setAttribute("aria-current", i === Math.round(step) ? "step" : "false"));
      for (const element of svg.querySelectorAll("[data-from]")) {
        element.setAttribute("opacity", step > element.dataset.from - 1 ? 1 : 0.15);
      }
      for (const element of svg.querySelectorAll("[data-at], [data-way]")) {
        const { at, way } = element.dataset;
        const drawn = (way ? [along(places(way), step)] : places(at)).map((place) =>
          project(place, turn, tilt),
        );
        if (element.tagName === "path") {
          element.setAttribute("d", `M${drawn.map((place) => place.join(" ")).join("L")}`);
        } else {
          const names = element.tagName === "text" ? ["x", "y"] : ["cx", "cy"];
          names.forEach((name, i) => element.setAttribute(name, drawn[0][i]));
        }
      }
    }

    root.addEventListener("input", draw);
    svg.addEventListener("pointerdown", (event) => svg.setPointerCapture(event.pointerId));
    svg.addEventListener("pointermove", (event) => {
      if (!svg.hasPointerCapture(event.pointerId)) return;
      const turned = Number(field("turn").value) - event.movementX;
      field("turn").value = ((turned + 540) % 360) - 180;
      // A finger that moves up or down scrolls the page.
      if (event.pointerType === "mouse") field("tilt").value -= -event.movementY;
      draw();
    });
    draw();
  }

  const waiting = '.lnlearn-explorable[data-name="space"]:not([data-live])';
  for (const root of document.querySelectorAll(waiting)) {
    root.dataset.live = "";
    start(root);
  }
})();

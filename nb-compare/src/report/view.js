"use strict";
(() => {
  const data = JSON.parse(document.getElementById("pixels").textContent);
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const a = new Float32Array(bytes(data.a).buffer);
  const b = new Float32Array(bytes(data.b).buffer);
  // Which dots count; a pixel that is masked or not finite is shown but not compared.
  const counts = data.counts ? bytes(data.counts) : null;
  const left_out = (i) => (!counts || counts[i] ? "" : Number.isFinite(a[i]) && Number.isFinite(b[i]) ? "masked" : "not finite");
  const { fast, slow, block } = data;
  const byId = (id) => document.getElementById(id);
  const stage = byId("stage");
  // The stage takes the shape of the region, within limits: an empty part would look like dark pixels.
  stage.height = Math.round(stage.width * Math.max(0.25, Math.min(1.5, slow / fast)));
  stage.style.aspectRatio = `${stage.width} / ${stage.height}`;
  const pen = stage.getContext("2d");
  const state = { view: "a", log: false, split: 0.5, zoom: 1, left: 0, top: 0, at: null, timer: 0 };

  // Colours.
  const low = [59, 76, 192], middle = [242, 242, 242], high = [180, 4, 38];
  const diverging = (value) => {
    const t = data.limit > 0 ? Math.max(-1, Math.min(1, value / data.limit)) : 0;
    const end = t < 0 ? low : high;
    return middle.map((m, i) => m + (end[i] - m) * (Math.abs(t) || 0));
  };
  const grey = (value) => {
    const share = Math.max(0, Math.min(1, value / (data.white || 1)));
    return 255 * (state.log ? Math.log1p(share * 1000) / Math.log1p(1000) : share) || 0;
  };
  const paint = (colour) => {
    const canvas = document.createElement("canvas");
    canvas.width = fast;
    canvas.height = slow;
    const picture = new ImageData(fast, slow);
    for (let i = 0; i < fast * slow; i++) {
      const [r, g, bl] = colour(i);
      picture.data.set([r, g, bl, 255], 4 * i);
    }
    canvas.getContext("2d").putImageData(picture, 0, 0);
    return canvas;
  };
  let layers = {};
  const repaint = () => {
    const level = (side) => (i) => { const v = grey(side[i]); return [v, v, v]; };
    layers = { a: paint(level(a)), b: paint(level(b)), d: paint((i) => (left_out(i) ? [96, 96, 96] : diverging(b[i] - a[i]))) };
  };

  // Dots of the image to dots of the screen.
  const unit = () => Math.min(stage.width / fast, stage.height / slow) * state.zoom;
  const clamp = () => {
    const u = unit();
    const spare = (size, dots) => Math.max(0, dots - size / u);
    state.left = Math.max(0, Math.min(state.left, spare(stage.width, fast)));
    state.top = Math.max(0, Math.min(state.top, spare(stage.height, slow)));
  };
  const draw = () => {
    clamp();
    const u = unit();
    pen.imageSmoothingEnabled = false;
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, stage.width, stage.height);
    const put = (layer) => pen.drawImage(layer, -state.left * u, -state.top * u, fast * u, slow * u);
    if (state.view === "s") {
      put(layers.a);
      const x = state.split * stage.width;
      pen.save();
      pen.beginPath();
      pen.rect(x, 0, stage.width - x, stage.height);
      pen.clip();
      put(layers.b);
      pen.restore();
      pen.fillStyle = "#ffd33d";
      pen.fillRect(x - 1, 0, 2, stage.height);
    } else {
      put(layers[state.view]);
    }
    if (state.at) {
      pen.strokeStyle = "#ffd33d";
      pen.lineWidth = 2;
      pen.strokeRect((state.at[0] - state.left) * u - 1, (state.at[1] - state.top) * u - 1, u + 2, u + 2);
    }
  };

  const number = (v) => (Number.isFinite(v) ? String(Number(v.toPrecision(8))) : String(v));
  // The fewest digits that read back as the same 32-bit number: one unit in the last place must show.
  const pixel = (v) => {
    for (let digits = 6; digits < 9; digits++) if (Math.fround(Number(v.toPrecision(digits))) === v) return String(Number(v.toPrecision(digits)));
    return Number.isFinite(v) ? String(Number(v.toPrecision(9))) : String(v);
  };
  const tell = () => {
    const [f, s] = state.at;
    const i = s * fast + f;
    const range = (from, n) => (block === 1 ? `${from + n}` : `${from + n * block} and on`);
    byId("value").textContent =
      `fast ${range(data.roi[0], f)}\nslow ${range(data.roi[2], s)}\nA     ${pixel(a[i])}\nB     ${pixel(b[i])}\nB − A ${number(b[i] - a[i])}` +
      (left_out(i) ? `\n${left_out(i)}: not compared` : "");
  };
  const mark = (f, s) => {
    state.at = [Math.max(0, Math.min(fast - 1, f)), Math.max(0, Math.min(slow - 1, s))];
    tell();
    draw();
  };
  const reveal = () => {
    const u = unit(), [f, s] = state.at;
    const [w, h] = [stage.width / u, stage.height / u];
    if (f < state.left || f >= state.left + w) state.left = f - w / 2;
    if (s < state.top || s >= state.top + h) state.top = s - h / 2;
    draw();
  };
  const choose = (view) => {
    state.view = view;
    document.querySelectorAll("[data-view]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.view === view)));
    draw();
  };
  const stopBlinking = () => {
    clearInterval(state.timer);
    state.timer = 0;
    byId("blink").setAttribute("aria-pressed", "false");
  };
  const blink = () => {
    if (state.timer) return stopBlinking();
    byId("blink").setAttribute("aria-pressed", "true");
    state.timer = setInterval(() => choose(state.view === "a" ? "b" : "a"), 600);
  };
  const zoom = (factor, x = stage.width / 2, y = stage.height / 2) => {
    const before = unit();
    state.zoom = Math.max(1, Math.min(64, state.zoom * factor));
    const after = unit();
    state.left += x / before - x / after;
    state.top += y / before - y / after;
    draw();
  };
  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * stage.width, (event.clientY - box.top) / box.height * stage.height];
  };

  const slide = (share) => {
    state.split = Math.max(0, Math.min(1, share));
    byId("split").value = 100 * state.split;
    stopBlinking();
    choose("s");
  };

  // Pointer.
  let drag = null;
  const onDivider = (x) => state.view === "s" && Math.abs(x - state.split * stage.width) < 10;
  stage.addEventListener("pointerdown", (event) => {
    const from = place(event);
    drag = { from, left: state.left, top: state.top, divider: onDivider(from[0]) };
    stage.setPointerCapture(event.pointerId);
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => { drag = null; });
  stage.addEventListener("pointermove", (event) => {
    const [x, y] = place(event), u = unit();
    stage.style.cursor = (drag ? drag.divider : onDivider(x)) ? "col-resize" : "";
    if (drag && drag.divider) return slide(x / stage.width);
    if (drag) {
      state.left = drag.left - (x - drag.from[0]) / u;
      state.top = drag.top - (y - drag.from[1]) / u;
    }
    const f = Math.floor(x / u + state.left), s = Math.floor(y / u + state.top);
    if (f >= 0 && f < fast && s >= 0 && s < slow) mark(f, s);
    else draw();
  });
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.25 : 0.8, ...place(event));
  }, { passive: false });

  // Keyboard.
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const views = { 1: "a", 2: "b", 3: "d", 4: "s" };
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = steps[event.key];
    if (step) {
      const [f, s] = state.at || [fast >> 1, slow >> 1];
      const far = event.shiftKey ? 10 : 1;
      mark(f + step[0] * far, s + step[1] * far);
      reveal();
    } else if (views[event.key]) {
      stopBlinking();
      choose(views[event.key]);
    } else if (event.key === "," || event.key === ".") slide(state.split + (event.key === "," ? -0.02 : 0.02));
    else if (event.key === "b") blink();
    else if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-") zoom(0.8);
    else return;
    event.preventDefault();
  });

  // Buttons.
  document.querySelectorAll("[data-view]").forEach((button) =>
    button.addEventListener("click", () => { stopBlinking(); choose(button.dataset.view); }));
  byId("blink").addEventListener("click", blink);
  byId("split").addEventListener("input", (event) => slide(event.target.value / 100));
  byId("scale").addEventListener("change", (event) => { state.log = event.target.value === "log"; repaint(); draw(); });
  byId("in").addEventListener("click", () => zoom(1.25));
  byId("out").addEventListener("click", () => zoom(0.8));
  byId("fit").addEventListener("click", () => { state.zoom = 1; draw(); });
  byId("worst").hidden = !data.worst || !(data.limit > 0);
  byId("worst").addEventListener("click", () => {
    mark(Math.floor((data.worst[0] - data.roi[0]) / block), Math.floor((data.worst[1] - data.roi[2]) / block));
    reveal();
  });

  // The colour bar, and the place of the region in the whole.
  const bar = byId("bar"), stripes = bar.getContext("2d");
  for (let x = 0; x < bar.width; x++) {
    const [r, g, bl] = diverging((2 * x / (bar.width - 1) - 1) * (data.limit || 1));
    stripes.fillStyle = `rgb(${r},${g},${bl})`;
    stripes.fillRect(x, 0, 1, bar.height);
  }
  const colours = data.limit > 0 ? `B − A from −${number(data.limit)} to +${number(data.limit)}` : "No pixel differs";
  byId("limits").textContent = `${colours}; white of A and B is ${number(data.white)}${counts ? "; grey in B − A: not compared" : ""}`;
  if (data.whole) {
    const { size, dots, levels } = data.whole, shades = bytes(levels);
    const canvas = byId("overview");
    [canvas.width, canvas.height] = dots;
    const sketch = canvas.getContext("2d"), picture = new ImageData(dots[0], dots[1]);
    shades.forEach((v, i) => picture.data.set([v, v, v, 255], 4 * i));
    sketch.putImageData(picture, 0, 0);
    const across = dots[0] / size[0], down = dots[1] / size[1];
    sketch.strokeStyle = "#ffd33d";
    sketch.strokeRect(data.roi[0] * across, data.roi[2] * down, (data.roi[1] - data.roi[0] + 1) * across, (data.roi[3] - data.roi[2] + 1) * down);
    byId("where").hidden = false;
  }
  repaint();
  draw();
})();

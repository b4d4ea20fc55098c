// What a picture with a slider does once it has loaded. `this` is the <img>, and its source is an
// SVG that holds one group for each position of the slider, all but one of them hidden. The SVG
// takes the picture's place on the page, and a slider below it chooses the group that is shown.
// No ids, no globals, no network: any number of copies live side by side.
// Lines of comment are left out of the page.
(function (picture) {
  "use strict";
  const address = picture.getAttribute("src");
  const text = decodeURIComponent(address.slice(address.indexOf(",") + 1));
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const svg = document.importNode(parsed, true);
  const groups = Array.from(svg.querySelectorAll("[data-value]"));
  const label = svg.getAttribute("data-label");

  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = 0;
  slider.max = groups.length - 1;
  slider.step = 1;
  slider.value = svg.getAttribute("data-start");
  slider.setAttribute("aria-label", label);
  // Else JupyterLab takes the arrow keys, to move between cells.
  slider.setAttribute("data-lm-suppress-shortcuts", "true");
  slider.style.cssText = "flex:1 1 200px;min-width:120px;margin:0;padding:0;accent-color:#0072B2";

  // Both stand on the page for the eye; the slider itself tells them to a screen reader.
  const shown = document.createElement("span");
  shown.setAttribute("aria-hidden", "true");
  shown.style.cssText = "min-width:4em;font-weight:bold;color:#222;padding:0";
  const words = document.createElement("span");
  words.textContent = label;
  words.setAttribute("aria-hidden", "true");
  words.style.cssText = "color:#222";

  const row = document.createElement("div");
  row.style.cssText = "display:flex;flex-wrap:wrap;align-items:center;gap:4px 12px;padding:4px 24px 12px";
  row.append(words, slider, shown);

  function show() {
    groups.forEach(function (group, position) {
      const here = position === Number(slider.value);
      group.setAttribute("display", here ? "inline" : "none");
      if (!here) return;
      shown.textContent = group.getAttribute("data-value");
      // A screen reader says the value and the message that goes with it.
      slider.setAttribute(
        "aria-valuetext", group.getAttribute("data-value") + ". " + group.getAttribute("data-title"));
      svg.setAttribute("aria-label", group.getAttribute("data-alt"));
    });
  }
  slider.addEventListener("input", show);

  const card = document.createElement("div");
  card.className = "unrolled-slider";
  card.setAttribute("role", "group");
  card.setAttribute("aria-label", "Figure with a slider: " + label);
  card.style.cssText = "display:inline-block;max-width:100%;margin:0;background:#fff;color:#222;"
    + "color-scheme:light;font:15px/1.4 system-ui,'DejaVu Sans',Arial,sans-serif;text-align:left";
  svg.style.cssText = "display:block;max-width:100%;height:auto";
  card.append(svg, row);
  show();
  picture.replaceWith(card);
})(this);

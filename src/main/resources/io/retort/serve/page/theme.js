// Runs before anything is drawn, so that the page never flashes in the other theme.
(function () {
  "use strict";
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try { chosen = localStorage.getItem("retort-theme"); } catch (e) { /* storage is off: the system's theme then */ }

  const SHAPES = {
    light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4",
    dark: "M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5z"
  };

  function now() { return chosen === "dark" || chosen === "light" ? chosen : dark.matches ? "dark" : "light"; }

  function show() {
    root.dataset.theme = now();
    const button = document.getElementById("theme");
    if (!button) return;
    const other = now() === "dark" ? "light" : "dark";
    button.setAttribute("aria-label", "Switch to the " + other + " theme");
    button.title = "Switch to the " + other + " theme";
    const ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg"),
      path = document.createElementNS(ns, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", SHAPES[other]);
    svg.append(path);
    button.replaceChildren(svg);
  }

  show();
  dark.addEventListener("change", show);
  document.addEventListener("DOMContentLoaded", function () {
    show();
    document.getElementById("theme").addEventListener("click", function () {
      chosen = now() === "dark" ? "light" : "dark";
      try { localStorage.setItem("retort-theme", chosen); } catch (e) { /* lasts as long as the page then */ }
      show();
    });
  });
})();

/** Makes elements. What people said is only ever set as text, never as markup. */

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  up: "M7 11v9H4v-9zM7 11l4-7c1.7 0 2.6 1.1 2.3 2.7L12.8 10H18a2 2 0 0 1 2 2.4l-1.2 6A2 2 0 0 1 16.8 20H7",
  down: "M17 13V4h3v9zM17 13l-4 7c-1.7 0-2.6-1.1-2.3-2.7l.5-3.3H6a2 2 0 0 1-2-2.4l1.2-6A2 2 0 0 1 7.2 4H17",
  again: "M4 12a8 8 0 0 1 13.7-5.6L20 9M20 4v5h-5M20 12a8 8 0 0 1-13.7 5.6L4 15M4 20v-5h5",
  why: "M9.2 9a3 3 0 1 1 4.3 2.7c-1 .5-1.5 1.1-1.5 2.3M12 17.5v.5M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18",
  close: "M6 6l12 12M18 6L6 18"
};

export function $(id) {
  return document.getElementById(id);
}

/** An element with attributes, listeners (names with "on") and children; null children are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** Says something to those who do not see the page. */
export function announce(text) {
  const news = $("news");
  news.textContent = "";
  requestAnimationFrame(() => { news.textContent = text; });
}

let hiding = 0;

/** Shows a line for a moment, with something to do about it if there is. */
export function toast(text, label, action) {
  const box = $("toast");
  const button = label ? h("button", { type: "button", class: "plain", onclick: () => { box.hidden = true; action(); } }, label) : null;
  box.replaceChildren(h("span", {}, text), ...(button ? [button] : []));
  box.hidden = false;
  announce(text);
  clearTimeout(hiding);
  hiding = setTimeout(() => { box.hidden = true; }, 8000);
}

export function number(value, digits = 3) {
  return Number(value).toFixed(digits);
}

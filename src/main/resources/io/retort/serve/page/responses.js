/** The response set: searched, added to, disabled and enabled while the server runs. */

import { $, h, toast } from "/page/dom.js";
import { ask } from "/page/api.js";

let mayChange = false, next = null, wasOpened = false;

export function prepare() {
  $("search-form").addEventListener("submit", event => { event.preventDefault(); list(true); });
  $("state").addEventListener("change", () => list(true));
  $("more").addEventListener("click", () => list(false));
  $("add-form").addEventListener("submit", event => { event.preventDefault(); add(); });
}

/** Takes note of what the server lets people do. */
export function server(facts) {
  mayChange = facts.may_change;
  $("add-form").hidden = !mayChange;
  if (wasOpened) list(true);
}

export function open() {
  wasOpened = true;
  $("responses-title").focus();
  list(true);
}

async function list(anew) {
  const wanted = new URLSearchParams({ q: $("search").value, state: $("state").value, limit: "20" });
  if (!anew && next !== null) wanted.set("after", next);
  try {
    const found = await ask("GET", "/v1/responses?" + wanted);
    next = found.next;
    $("more").hidden = next === null;
    const items = found.responses.map(item);
    if (anew) $("found").replaceChildren(...(items.length ? items : [h("li", { class: "quiet" }, "There is no such response.")]));
    else {
      $("found").append(...items);
      items[0]?.querySelector("button")?.focus();
    }
    tell(found);
  } catch (refusal) {
    toast(refusal.message);
  }
}

/** Tells the numbers, here and at the top of the page. */
function tell(found) {
  const all = found.responses_in_all.toLocaleString("en") + " responses";
  $("responses-facts").textContent = all + ", " + found.added.toLocaleString("en") + " added here, " + found.disabled.toLocaleString("en") + " disabled"
    + (mayChange ? "" : ". Without an API key they cannot be changed.");
  $("serving").textContent = $("serving").textContent.replace(/[\d,]+ responses$/, all);
}

function item(response) {
  const isDisabled = response.state === "disabled";
  const tags = [response.source === "added" ? h("span", { class: "tag source" }, "added here") : null,
    isDisabled ? h("span", { class: "tag warn" }, "disabled") : null,
    response.withheld ? h("span", { class: "tag warn", title: response.withheld.reason }, "withheld: " + response.withheld.category) : null,
    ...Object.entries(response.metadata || {}).map(([name, value]) => h("span", { class: "tag" }, name + ": " + (typeof value === "string" ? value : JSON.stringify(value))))];
  const element = h("li", { class: isDisabled ? "is-disabled" : null, "data-id": response.id }, h("p", {}, response.text),
    mayChange ? h("button", { type: "button", class: "plain small", "aria-label": (isDisabled ? "Enable: " : "Disable: ") + response.text, onclick: () => change(response, element) }, isDisabled ? "Enable" : "Disable") : null,
    h("div", { class: "tags" }, tags));
  return element;
}

async function change(response, element) {
  const isDisabled = response.state === "disabled";
  try {
    if (isDisabled) await ask("POST", "/v1/responses", { text: response.text });
    else await ask("DELETE", "/v1/responses/" + response.id);
    const now = item(await ask("GET", "/v1/responses/" + response.id));
    element.replaceWith(now);
    now.querySelector("button").focus();
    tell(await ask("GET", "/v1/responses?limit=1"));
    toast(isDisabled ? "It may be given again." : "It is not given any more.");
  } catch (refusal) {
    toast(refusal.message);
  }
}

async function add() {
  const body = { text: $("add-text").value.trim() };
  if (!body.text) return;
  const metadata = $("add-metadata").value.trim();
  if (metadata) {
    try {
      body.metadata = JSON.parse(metadata);
    } catch (e) {
      toast("The metadata is not JSON; write an object such as {\"mood\": \"calm\"}.");
      $("add-metadata").focus();
      return;
    }
  }
  try {
    const { responses: [one] } = await ask("POST", "/v1/responses", body);
    toast({ added: "Added; it can be given from now on.", enabled: "It was there and disabled; it is enabled again.", exists: "It is there already." }[one.result]);
    $("add-text").value = $("add-metadata").value = "";
    $("search").value = body.text.slice(0, 256);
    $("state").value = "all";
    await list(true);
    $("add-text").focus();
  } catch (refusal) {
    toast(refusal.message);
  }
}

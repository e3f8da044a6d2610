/** Asks this server, and nobody else. */

import { $ } from "/page/dom.js";

let key = "";
try { key = sessionStorage.getItem("retort-key") || ""; } catch (e) { /* storage is off: asked for on each visit then */ }
let asking = null;

/** Why the server did not do what it was asked. */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Asks for the API key, once for all requests that wait for it. */
function askForKey() {
  if (asking) return asking;
  const dialog = $("key-dialog"), field = $("key");
  asking = new Promise(resolve => {
    dialog.addEventListener("close", () => {
      asking = null;
      const given = field.value.trim();
      field.value = "";
      if (given) {
        key = given;
        try { sessionStorage.setItem("retort-key", key); } catch (e) { /* kept in memory then */ }
      }
      resolve(Boolean(given));
    }, { once: true });
    dialog.showModal();
    field.focus();
  });
  return asking;
}

export async function ask(method, path, body) {
  for (;;) {
    const headers = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (key) headers["Authorization"] = "Bearer " + key;
    let answer;
    try {
      answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store" });
    } catch (e) {
      throw new Refusal(0, "unreachable", "The server does not answer. Try again in a moment.");
    }
    if (answer.status === 401 && await askForKey()) continue;
    let json;
    try {
      json = await answer.json();
    } catch (e) {
      throw new Refusal(answer.status, "unreadable", "The server's answer is not understood.");
    }
    if (!answer.ok) throw new Refusal(answer.status, json.error?.code, json.error?.message || "The server refused.");
    return json;
  }
}

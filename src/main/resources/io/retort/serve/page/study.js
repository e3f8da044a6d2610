/** Shows a judge the items of a study, one after the other. Which system said what is known to nobody on this side. */

import { $, announce, h } from "/page/dom.js";
import { ask } from "/page/api.js";

let judge = "", item = null, isSending = false;

function fault(message, retry) {
  $("fault").replaceChildren(message, ...(retry ? [" ", h("button", { type: "button", onclick: retry }, "Try again")] : []));
  $("fault").hidden = false;
}

function turn(said) {
  return h("p", { class: "bubble " + (said.judged ? "judged" : "other") }, said.text);
}

function option(turns, place, all) {
  const title = all > 1 ? String(place + 1) : "The reply";
  return h("section", { class: "card option", "aria-label": all > 1 ? "Number " + title : title }, h("h3", {}, title), turns.length === 1 ? h("p", {}, turns[0].text) : turns.map(turn));
}

function show(next) {
  $("fault").hidden = true;
  $("begin").hidden = true;
  item = next;
  $("item").hidden = item === null;
  $("end").hidden = item !== null;
  if (item === null) {
    $("bar").value = $("bar").max;
    $("place").textContent = "all done";
    $("end-title").focus();
    announce("That was all. Thank you!");
    return;
  }
  $("progress").hidden = false;
  $("bar").max = item.total;
  $("bar").value = item.done;
  $("place").textContent = (item.done + 1) + " of " + item.total;
  $("question").textContent = item.question;
  $("before").hidden = item.before.length === 0;
  $("before").replaceChildren(...item.before.map(turn));
  $("options").replaceChildren(...item.options.map((turns, place) => option(turns, place, item.options.length)));
  $("options").classList.toggle("pair", item.options.length === 2);
  $("choices").replaceChildren(...item.choices.map(choice => h("button", { type: "button", class: "choice", "data-answer": choice.answer, "aria-keyshortcuts": choice.key.toUpperCase(), onclick: () => vote(choice.answer) },
    h("kbd", { "aria-hidden": "true" }, choice.key), h("span", {}, choice.label))));
  $("keys").textContent = "Keys: " + item.choices.map(choice => choice.key).join(", ");
  $("question").focus({ preventScroll: true });
  scrollTo(0, 0);
  announce("Item " + (item.done + 1) + " of " + item.total);
}

async function next() {
  try {
    show((await ask("POST", "/v1/study/next", { judge })).item);
    try { sessionStorage.setItem("retort-judge", judge); } catch (e) { /* the name is typed again then */ }
  } catch (refusal) {
    fault(refusal.message, refusal.status === 0 ? next : null);
  }
}

async function vote(answer) {
  if (isSending || item === null) return;
  isSending = true;
  for (const button of $("choices").children) button.disabled = true;
  try {
    show((await ask("POST", "/v1/study/vote", { judge, item: item.id, answer })).item);
  } catch (refusal) {
    for (const button of $("choices").children) button.disabled = false;
    fault(refusal.message, () => vote(answer));
  } finally {
    isSending = false;
  }
}

$("begin").addEventListener("submit", event => {
  event.preventDefault();
  judge = $("judge").value.trim();
  if (judge) next();
});
document.addEventListener("keydown", event => {
  if (item === null || event.repeat || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const chosen = item.choices.find(choice => choice.key === event.key.toLowerCase());
  if (!chosen) return;
  event.preventDefault();
  vote(chosen.answer);
});
try { $("judge").value = sessionStorage.getItem("retort-judge") || ""; } catch (e) { /* the name is typed again then */ }
$("judge").focus();

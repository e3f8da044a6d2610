/** Shows why the bot said what it said. */

import { $, h, icon, number } from "/page/dom.js";

const KINDS = { found: "found in the index", fixed: "a fixed answer", fallback: "a fallback", guarded: "the safety screen's answer" };
const STAGES = { safety: "Safety screen", tokenise: "Tokenise", queue: "Wait for others", encode: "Encode", search: "Search" };

let opener = null, marked = null;

export function prepare() {
  $("why-close").append(icon("close"));
  $("why-close").setAttribute("aria-label", "Close why");
  $("why-close").addEventListener("click", close);
  document.addEventListener("keydown", event => {
    if (event.key === "Escape" && document.body.classList.contains("has-why") && !document.querySelector("dialog[open]")) close();
  });
  empty();
}

export function empty() {
  mark(null);
  document.body.classList.remove("has-why");
  $("why-title").textContent = "Why";
  $("why-body").replaceChildren(h("p", { class: "quiet hint" },
    "Choose Why below a reply to see the candidates, their scores, every decision, and what took how long."));
}

function close() {
  const back = opener;
  empty();
  back?.focus();
}

function mark(message) {
  marked?.classList.remove("chosen");
  marked?.querySelector(".to-why")?.setAttribute("aria-expanded", "false");
  marked = message;
  marked?.classList.add("chosen");
  marked?.querySelector(".to-why")?.setAttribute("aria-expanded", "true");
}

/** Shows the answer behind a message; exclude is called with a candidate that is not to be said. */
export function show(answer, message, exclude, from) {
  opener = from;
  mark(message);
  document.body.classList.add("has-why");
  $("why-title").textContent = "Why this reply";
  $("why-body").replaceChildren(
    said(answer), decisions(answer), ...candidates(answer, exclude), ...stopped(answer), ...passedOver(answer), ...echoes(answer), times(answer), facts(answer));
  $("why-body").scrollTop = 0;
  $("why-title").focus({ preventScroll: true });
}

function said(answer) {
  const parts = [KINDS[answer.said.kind] || answer.said.kind];
  if (answer.said.score !== undefined) parts.push("score " + number(answer.said.score));
  if (answer.said.confidence !== undefined) parts.push(Math.min(99, Math.round(100 * answer.said.confidence)) + " % sure that it fits");
  return h("div", { class: "why-said" }, h("blockquote", {}, answer.said.text), h("p", { class: "quiet" }, parts.join(" · ")));
}

function decisions(answer) {
  return h("section", { "aria-label": "Decisions" }, h("h3", {}, "Decisions"),
    h("ol", { class: "decisions" }, answer.decisions.map(each => h("li", {}, h("span", { class: "about" }, each.about), " ", each.what))));
}

function origin(reply, answer) {
  const told = reply.metadata?.source;
  if (told === "original" || told === "generated") return told;
  if (reply.source === "added") return "added here";
  const { generated, responses } = answer.index;
  if (generated === 0) return "original";
  return generated !== null && generated === responses ? "generated" : null;
}

function tags(reply, answer) {
  const list = [];
  const from = origin(reply, answer);
  if (from) list.push(h("span", { class: "tag source" }, from));
  for (const [name, value] of Object.entries(reply.metadata || {})) {
    list.push(h("span", { class: "tag" }, name + ": " + (typeof value === "string" ? value : JSON.stringify(value))));
  }
  return list;
}

function bar(share) {
  const inner = h("span", { class: "fill" });
  inner.style.inlineSize = Math.max(2, Math.round(100 * share)) + "%";
  return h("span", { class: "bar", "aria-hidden": "true" }, inner);
}

function candidates(answer, exclude) {
  const all = answer.candidates || [];
  if (all.length === 0) return [];
  const best = all[0].score, worst = Math.min(0, all[all.length - 1].score), span = Math.max(1e-9, best - worst);
  return [h("section", { "aria-label": "Candidates" }, h("h3", {}, "Candidates"), h("ol", { class: "candidates" }, all.map(reply =>
    h("li", { class: reply.id === answer.said.id ? "is-said" : null },
      h("p", {}, reply.text),
      h("div", { class: "score" }, bar((reply.score - worst) / span), h("span", { class: "figure" }, number(reply.score))),
      h("div", { class: "row" }, h("div", { class: "tags" }, reply.id === answer.said.id ? h("span", { class: "tag said" }, "said") : null, tags(reply, answer)),
        h("button", { type: "button", class: "plain small", "aria-label": "Exclude: " + reply.text, onclick: () => exclude(reply) }, "Exclude"))))))];
}

function stopped(answer) {
  const all = answer.withheld || [];
  if (all.length === 0) return [];
  return [h("section", { "aria-label": "Withheld" }, h("h3", {}, "Withheld by the safety screen"), h("ul", { class: "plainly" }, all.map(each =>
    h("li", {}, h("span", { class: "tag warn" }, each.category), " ", each.reason, h("span", { class: "quiet" }, " · " + number(each.score) + " · "), h("code", {}, each.id)))))];
}

function passedOver(answer) {
  const all = answer.passed_over || [];
  if (all.length === 0) return [];
  return [h("section", { "aria-label": "Passed over" }, h("h3", {}, "Passed over for what was said before"), h("ul", { class: "plainly" }, all.map(each =>
    h("li", {}, each.text, h("span", { class: "quiet" }, " · " + number(each.score) + " · " + each.reason)))))];
}

function echoes(answer) {
  const all = answer.echoes || [];
  if (all.length === 0) return [];
  return [h("section", { "aria-label": "Echoes" }, h("h3", {}, "Passed over as echoes"), h("ul", { class: "plainly" }, all.map(each =>
    h("li", {}, each.text, h("span", { class: "quiet" }, " · " + number(each.score))))))];
}

function times(answer) {
  const all = Object.entries(answer.times_ms), sum = all.reduce((total, [, ms]) => total + ms, 0), most = Math.max(...all.map(([, ms]) => ms), 1e-9);
  const rows = all.map(([stage, ms]) => h("tr", {}, h("th", { scope: "row" }, STAGES[stage] || stage), h("td", {}, bar(ms / most)), h("td", { class: "figure" }, number(ms, 2))));
  return h("section", { "aria-label": "Time" }, h("h3", {}, "Time"), h("table", { class: "times" },
    h("thead", { class: "unseen" }, h("tr", {}, h("th", { scope: "col" }, "Stage"), h("th", { scope: "col" }, "Share"), h("th", { scope: "col" }, "Milliseconds"))),
    h("tbody", {}, rows), h("tfoot", {}, h("tr", {}, h("th", { scope: "row" }, "In all"), h("td", {}), h("td", { class: "figure" }, number(sum, 2) + " ms")))));
}

function facts(answer) {
  const rows = [];
  if (answer.context) rows.push(["Context", answer.context.join(" / ")], ["Tokens read", answer.tokens], ["Answered together", answer.together]);
  rows.push(["Model", answer.model.name], ["Model's fingerprint", answer.model.fingerprint], ["Index's fingerprint", answer.index.fingerprint],
    ["Responses", answer.index.responses.toLocaleString("en")]);
  if (answer.index.generated !== null) rows.push(["of them a teacher's", answer.index.generated.toLocaleString("en")]);
  rows.push(["Request", answer.request_id]);
  return h("details", { class: "facts" }, h("summary", {}, "Everything else"), h("dl", {}, rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, String(value))])));
}

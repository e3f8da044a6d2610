/** The talk: what was said, what people think of it, and what can be done about it. */

import { $, announce, h, icon, number, toast } from "/page/dom.js";
import { ask } from "/page/api.js";
import * as why from "/page/why.js";
import * as responses from "/page/responses.js";

const STARTERS = ["How was your weekend?", "Do you have any pets?", "What should I cook tonight?"];

/** Turns {by, text, answer?, element?}, oldest first; replies that are not to be said; a name for feedback. */
let talk = begun();
let waiting = false;

function begun() {
  return { turns: [], excluded: [], session: "page-" + Math.random().toString(36).slice(2, 12), began: new Date().toISOString() };
}

function draw() {
  why.empty();
  $("turns").replaceChildren(...(talk.turns.length === 0 ? [welcome()] : talk.turns.map(element)));
  update();
}

function update() {
  $("reset").disabled = $("export").disabled = talk.turns.length === 0;
  $("turns").scrollTop = $("turns").scrollHeight;
}

function welcome() {
  return h("div", { class: "welcome" }, h("p", { class: "lead" }, "Say something."),
    h("p", { class: "quiet" }, "Replies are found among what has been said before, in milliseconds. Each tells why it was chosen, and you can say what would have been better."),
    h("div", { class: "starters" }, STARTERS.map(text => h("button", { type: "button", onclick: () => say(text) }, text))));
}

function element(turn) {
  if (!turn.element) turn.element = turn.by === "user" ? userTurn(turn) : botTurn(turn);
  return turn.element;
}

function userTurn(turn) {
  return h("article", { class: "turn user" }, h("h3", { class: "unseen" }, "You said"), h("p", { class: "bubble" }, turn.text));
}

function action(name, label, onclick, attributes = {}) {
  return h("button", { type: "button", class: "icon small", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
}

function botTurn(turn) {
  const { said, times_ms: times } = turn.answer;
  const article = h("article", { class: "turn bot " + said.kind });
  const sum = Object.values(times).reduce((total, ms) => total + ms, 0);
  const about = [said.score === undefined ? null : number(said.score), number(sum, sum < 10 ? 1 : 0) + " ms",
    said.kind === "found" ? null : said.kind === "guarded" ? "safety" : said.kind].filter(Boolean).join(" · ");
  const whyButton = h("button", { type: "button", class: "plain small to-why", "aria-expanded": "false", "aria-controls": "why",
    onclick: () => why.show(turn.answer, article, reply => again(turn, reply.id), whyButton) }, icon("why"), "Why");
  const actions = h("div", { class: "actions" }, whyButton);
  if (said.kind === "found") actions.append(action("again", "Exclude this reply and ask again", () => again(turn, said.id), { class: "icon small again" }));
  if (said.kind !== "guarded") actions.append(
    action("up", "Good reply", () => rate(turn, "up"), { class: "icon small up", "aria-pressed": "false" }),
    action("down", "Wrong reply", () => rate(turn, "down"), { class: "icon small down", "aria-pressed": "false" }));
  actions.append(h("span", { class: "quiet figure" }, about));
  article.append(h("h3", { class: "unseen" }, "The bot said"), h("p", { class: "bubble" }, turn.text), actions);
  return article;
}

async function say(text) {
  text = text.trim();
  if (!text || waiting) return;
  talk.turns.push({ by: "user", text });
  $("say").value = "";
  fit();
  await answer();
}

/** Has the bot answer the last turn, and shows it. */
async function answer() {
  waiting = true;
  draw();
  const of = talk, wait = h("article", { class: "turn bot waiting" }, h("p", { class: "bubble" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", { class: "unseen" }, "The bot answers")));
  $("turns").append(wait);
  update();
  try {
    const got = await ask("POST", "/v1/talk", { turns: talk.turns.map(({ by, text }) => ({ by, text })), exclude: talk.excluded.slice(-1000), k: 5, session: talk.session });
    if (of !== talk) return; // the talk was reset meanwhile
    talk.turns.push({ by: "bot", text: got.said.text, answer: got });
    announce("The bot says: " + got.said.text);
  } catch (refusal) {
    if (of !== talk) return;
    const last = talk.turns.pop();
    $("say").value = last.text;
    fit();
    toast(refusal.message);
  } finally {
    waiting = false;
    wait.remove();
    draw();
  }
}

/** Asks again from a reply on, without one of the candidates; what was said after it is forgotten. */
async function again(turn, id) {
  const place = talk.turns.indexOf(turn);
  if (place < 0 || waiting) return;
  if (!talk.excluded.includes(id)) talk.excluded.push(id);
  talk.turns = talk.turns.slice(0, place);
  await answer();
  $("say").focus();
}

/** What was said up to a turn, as the bot read it. */
function contextOf(turn) {
  return turn.answer.context || talk.turns.slice(0, talk.turns.indexOf(turn)).map(each => each.text).slice(-3);
}

function feedback(turn, rating, better) {
  return ask("POST", "/v1/feedback", { context: contextOf(turn), reply: turn.text, rating, better, session: talk.session });
}

async function rate(turn, rating) {
  const up = turn.element.querySelector(".up"), down = turn.element.querySelector(".down");
  if (turn.rating) return;
  turn.rating = rating;
  for (const button of [up, down]) button.setAttribute("aria-disabled", "true");
  (rating === "up" ? up : down).setAttribute("aria-pressed", "true");
  try {
    if (rating === "up") {
      await feedback(turn, "up");
      toast("Kept: a good reply.");
    } else {
      await feedback(turn, "down");
      announce("Kept: a wrong reply. You can type a better one.");
      betterForm(turn);
    }
  } catch (refusal) {
    turn.rating = null;
    for (const button of [up, down]) {
      button.removeAttribute("aria-disabled");
      button.setAttribute("aria-pressed", "false");
    }
    toast(refusal.message);
  }
}

function betterForm(turn) {
  const field = h("input", { id: "better-" + talk.turns.indexOf(turn), class: "better-text", required: true, autocomplete: "off", maxlength: 8000 });
  const form = h("form", { class: "better" }, h("label", { for: field.id }, "What would have been better?"),
    h("div", { class: "row" }, field, h("button", { type: "submit", class: "main" }, "Keep")));
  form.addEventListener("submit", async event => {
    event.preventDefault();
    if (!field.value.trim()) return;
    try {
      await feedback(turn, "down", field.value.trim());
      form.replaceChildren(h("p", { class: "quiet kept" }, "Kept, with your answer: “" + field.value.trim() + "”"));
      announce("Your answer is kept.");
      $("say").focus();
    } catch (refusal) {
      toast(refusal.message);
    }
  });
  turn.element.append(form);
  form.scrollIntoView({ block: "nearest" });
  field.focus();
}

function reset() {
  const old = talk;
  talk = begun();
  draw();
  $("say").focus();
  toast("The talk is cleared.", "Undo", () => { talk = old; draw(); $("say").focus(); });
}

/** One dialogue as a line of JSONL, which every command of Retort reads. */
function exported() {
  const turns = talk.turns.map(({ by, text }) => ({ s: by, t: text }));
  const model = talk.turns.findLast(turn => turn.answer)?.answer;
  return JSON.stringify({ id: talk.session, source: "page", turns, meta: { began: talk.began, model: model?.model.fingerprint, index: model?.index.fingerprint } }) + "\n";
}

function save() {
  const url = URL.createObjectURL(new Blob([exported()], { type: "application/x-ndjson" }));
  h("a", { href: url, download: talk.session + ".jsonl" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
  toast("The talk is saved as a dialogue in JSONL.");
}

/** Makes the field as high as what is in it. */
function fit() {
  const field = $("say");
  field.style.blockSize = "auto";
  field.style.blockSize = Math.min(field.scrollHeight + 2, 160) + "px";
}

async function facts() {
  const server = await ask("GET", "/v1/server");
  $("study-link").hidden = !server.study;
  const several = server.choices.length > 1 && server.may_change;
  $("serving").textContent = (several ? "" : server.model.name + " · ") + server.index.responses.toLocaleString("en") + " responses";
  $("choice").hidden = $("choice-label").hidden = !several;
  $("choice").replaceChildren(...server.choices.map(each => h("option", { value: each.name, selected: each.serves }, each.name)));
  responses.server(server);
  return server;
}

async function choose() {
  const select = $("choice");
  select.disabled = true;
  try {
    announce("Opening " + select.value);
    const server = await ask("POST", "/v1/server", { choice: select.value });
    await facts();
    toast(server.model.name + " answers now, for everybody who uses this server.");
  } catch (refusal) {
    toast(refusal.message);
    await facts();
  } finally {
    select.disabled = false;
    select.focus();
  }
}

function view(name) {
  for (const each of ["talk", "responses"]) {
    $(each + "-view").hidden = each !== name;
    if (each === name) $("show-" + each).setAttribute("aria-current", "page");
    else $("show-" + each).removeAttribute("aria-current");
  }
  why.empty();
  document.title = "Retort: " + name;
  if (name === "talk") update();
  else responses.open();
}

why.prepare();
responses.prepare();
draw();
$("composer").addEventListener("submit", event => { event.preventDefault(); say($("say").value); });
$("say").addEventListener("keydown", event => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  say($("say").value);
});
$("say").addEventListener("input", fit);
$("reset").addEventListener("click", reset);
$("export").addEventListener("click", save);
$("choice").addEventListener("change", choose);
$("show-talk").addEventListener("click", () => view("talk"));
$("show-responses").addEventListener("click", () => view("responses"));
facts().catch(refusal => toast(refusal.message));

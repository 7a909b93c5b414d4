// The conversation that is open: what was said, what was recommended, and saying more.

import * as api from "./api.js";
import { chips, parts } from "./state.js";
import { $, bubble, card, element, failure, notice, tell, toComposer, typing } from "./view.js";

const DRAFT = "pecrs-unsent";
const FIRST = 3;
const NEW = "New conversation";
const NOTHING_FITS = "Take a part of it out, or change the filters, and more will fit.";
const NOTHING_PASSES = "Nothing that is left passes these filters.";
const NONE = { where: [], sort: "", exclude: [], exclude_mentioned: true };
const log = $("log"), message = $("message"), scroller = $("scroller");

// `visit` is another object whenever another conversation is asked for or shown: what comes in late for an earlier one
// is not drawn. Its `id` is the conversation that is asked for, which is not there yet while it is loaded. `popularity`
// is what is wanted by now, or, where no conversation has begun, with what one will.
export const state = { id: null, filters: NONE, feedback: {}, busy: false, views: [], wants: null, popularity: 0, visit: { id: null } };

let begin;
const begun = new Promise((resolve) => { begin = resolve; }); // a conversation is shown

// Waits for the conversation that is asked for, and tells whether it came: what is said meanwhile belongs to no other.
async function shown() {
  const { visit } = state, asked = location.hash.slice(1);
  await begun;
  return state.visit === visit || asked === (state.id ?? "");
}

const changed = () => dispatchEvent(new Event("pecrs-changed")); // another conversation is open, or the open one has grown

function popular(popularity) {
  state.popularity = popularity;
  dispatchEvent(new Event("pecrs-popularity"));
}

function show(session) {
  document.documentElement.removeAttribute("data-resume");
  $("loading").hidden = true;
  Object.assign(state, { id: session.id, filters: session.filters, feedback: session.feedback ?? {}, views: [], wants: null, visit: { id: session.id } });
  begin();
  busy(false);
  log.replaceChildren(...session.turns.map(article));
  popular(state.wants?.record.popularity?.value ?? 0);
  entitle(session.title);
  showUnsent(session);
  $("empty").hidden = log.children.length > 0;
  showFilterCount();
  changed();
  toLatest();
  if (state.id !== null) wantsNow();
}

function entitle(title) {
  $("title").textContent = title || NEW;
  document.title = title ? `${title} · pecrs` : "pecrs";
}

export const fresh = () => show({ id: null, title: "", filters: NONE, turns: [] });

export async function open(id) {
  const visit = state.visit = { id };
  busy(true);
  $("empty").hidden = true;
  $("loading").hidden = false;
  log.replaceChildren();
  try {
    const session = await api.session(id);
    if (state.visit === visit) show(session);
  } catch (error) {
    if (state.visit !== visit) return;
    fresh();
    if (error.status === 404) {
      history.replaceState(null, "", location.pathname);
      notice("This conversation is not there any more.");
    } else {
      $("empty").hidden = true;
      log.append(failure(error.message, () => open(id)));
    }
  }
}

// Turns and recommendations

function article(turn) {
  const made = element("article", { class: `turn ${turn.speaker}` }, bubble(turn));
  if (turn.reply?.state) made.append(wants(turn));
  else if (turn.reply?.constraints) made.append(element("p", { class: "constraint" }, `Looking for: ${turn.reply.constraints}`));
  if (turn.reply?.items.length) made.append(...recommendations(turn));
  const narrow = state.wants?.known || state.filters.where.length;
  if (turn.reply?.move === "nothing" && narrow) made.append(element("p", { class: "constraint" }, NOTHING_FITS));
  return made;
}

// What the person wants: below the latest answer with buttons to take parts out, below earlier ones as it was then.

function wants(turn) {
  if (state.wants) drawWants(null);
  const holder = element("div", { class: "wants" });
  state.wants = { holder, record: turn.reply.state, known: parts(turn.reply.state).length > 0 };
  drawWants(remove);
  return holder;
}

function drawWants(onRemove) {
  const { holder, record, known } = state.wants;
  const some = parts(record).length > 0;
  const none = known ? [element("p", { class: "constraint" }, "Looking for: nothing in particular")] : [];
  holder.replaceChildren(...(some ? chips(record, onRemove) : none));
}

// What was changed by hand or liked after the latest answer.
async function wantsNow() {
  const { id, visit, wants: latest } = state, record = latest?.record, known = edits;
  const now = await api.wanted(id).catch(() => null); // then it stays as it was
  if (now && state.visit === visit && state.wants === latest && latest?.record === record && known === edits) wanting(now);
}

function wanting(record) {
  if (!record) return;
  popular(record.popularity?.value ?? 0);
  if (!state.wants) return;
  state.wants.record = record;
  drawWants(remove);
}

let edits = 0;

// Changes what is wanted by hand; `change` is how things stand then. Of several changes the latest is drawn.
async function edit(change, told) {
  const { visit } = state, own = ++edits;
  try {
    const now = await change;
    if (state.visit !== visit || own !== edits) return;
    state.feedback = now.feedback;
    wanting(now.state);
    const view = state.views.at(-1);
    if (view) rankAnew(view, now.items);
    state.views.forEach(draw);
    if (state.wants && !now.items.length) notice("Nothing that is left fits.");
    tell(`${told}. ${view && now.items.length ? "Ranked anew." : ""}`);
  } catch (error) {
    notice(error.message);
    if (state.visit !== visit) return;
    popular(state.popularity);
    wanting(state.wants?.record);
    wantsNow();
  }
}

async function remove(part) {
  const { visit } = state, buttons = () => [...state.wants.holder.querySelectorAll("button")];
  const place = parts(state.wants.record).findIndex(({ key }) => key === part.key);
  await edit(api.removePart(state.id, part.key), `Removed: ${part.words}`);
  if (state.visit === visit) (buttons()[place] ?? buttons().at(-1) ?? message).focus();
}

// Asks for well-known items (1), little-known ones (-1) or either (0).
export async function setPopularity(popularity, told) {
  if (state.id === null) popular(popularity);
  else await edit(api.setPopularity(state.id, popularity), told);
}

function recommendations(turn) {
  const view = { position: turn.position, items: turn.reply.items, all: false, anew: false, reasons: null };
  view.note = element("span", { class: "constraint", hidden: "" }, "Ranked anew");
  view.list = element("ul", { class: "cards", "aria-label": "Recommended" });
  view.more = element("button", { type: "button", on: { click: () => { view.all = !view.all; draw(view); } } });
  view.why = element("button", { type: "button", "aria-expanded": "false", on: { click: () => reasons(view) } }, "Why these?");
  state.views.push(view);
  draw(view);
  return [view.list, element("div", { class: "more" }, view.more, view.why, view.note)];
}

function draw(view) {
  const shown = view.all ? view.items : view.items.slice(0, FIRST);
  const best = Math.max(...view.items.map((entry) => entry.score));
  view.list.replaceChildren(...shown.map((entry) =>
    card(entry, best, state.feedback[entry.item.id], view.reasons?.[entry.item.id], (item, value) => judge(view, item, value))));
  view.more.textContent = view.all ? "Show fewer" : `Show all ${view.items.length}`;
  view.more.hidden = view.items.length <= FIRST;
  view.why.setAttribute("aria-expanded", String(view.reasons !== null));
  view.why.textContent = view.reasons ? "Hide reasons" : "Why these?";
}

async function reasons(view) {
  if (view.reasons) {
    view.reasons = null;
    draw(view);
    return;
  }
  view.why.disabled = true;
  await explain(view);
  view.why.disabled = false;
  view.why.focus();
}

// What is ranked no more, since it was judged, has the reasons of before.
async function explain(view) {
  try {
    const rankings = await Promise.all([api.explain(state.id, view.position), ...(view.anew ? [api.explain(state.id)] : [])]);
    view.reasons = Object.fromEntries(rankings.flatMap(({ items }) => items.map((entry) => [entry.item.id, entry.why])));
    draw(view);
  } catch (error) {
    notice(error.message);
  }
}

async function judge(view, item, value) {
  const visit = state.visit;
  try {
    const answer = await api.feedback(state.id, item.id, value);
    if (state.visit !== visit) return;
    state.feedback = answer.feedback;
    wanting(answer.state);
    if (view === state.views.at(-1)) rankAnew(view, answer.items);
    state.views.forEach(draw);
    view.list.querySelector(`[data-item="${CSS.escape(item.id)}"] [data-judge="${value ?? "like"}"]`)?.focus();
    tell(value ? `${item.title}: ${value}. Ranked anew.` : `${item.title}: taken back. Ranked anew.`);
  } catch (error) {
    notice(error.message);
  }
}

// The judged ones stay where they are; the others below the latest message follow as they are ranked now.
function rankAnew(view, items) {
  if (!items.length) return;
  const kept = view.items.filter((entry) => state.feedback[entry.item.id]);
  view.items = [...kept, ...items.filter((entry) => !state.feedback[entry.item.id])];
  view.all ||= kept.length >= FIRST;
  view.anew = true;
  view.note.hidden = false;
  if (view.reasons) explain(view);
}

// Counts items as liked, as if the person had named them.
export async function like(items) {
  const { visit } = state;
  const id = state.id ?? await create(visit);
  for (const item of items) {
    const { feedback } = await api.feedback(id, item, "like");
    if (state.visit === visit) state.feedback = feedback;
  }
}

// Filters

export function showFilterCount() {
  const count = state.filters.where.length + (state.filters.sort ? 1 : 0) + (state.filters.exclude.length ? 1 : 0);
  $("filter-count").textContent = count;
  $("filter-count").hidden = !count;
  $("open-filters").setAttribute("aria-label", count ? `Filters, ${count} set` : "Filters");
}

export async function setFilters(filters) {
  const kept = state.id === null ? null : await api.change(state.id, { filters });
  const nothing = kept === null && !(await api.passing(filters)).items.length;
  state.filters = kept?.filters ?? filters;
  showFilterCount();
  if (nothing) notice(NOTHING_PASSES);
  const view = state.views.at(-1), visit = state.visit;
  if (!view) return;
  try {
    const { items } = await api.rank(state.id);
    if (state.visit !== visit) return;
    if (!items.length) {
      notice(NOTHING_PASSES);
      return;
    }
    rankAnew(view, items);
    draw(view);
    tell("Ranked anew.");
  } catch (error) {
    notice(error.message);
  }
}

// Saying something

const waitingFor = new Set(); // keys of the messages that are on their way
const unique = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function create(visit) {
  const { popularity } = state, { id } = await api.create(state.filters);
  if (popularity) await api.setPopularity(id, popularity);
  if (state.visit === visit) {
    state.id = visit.id = id;
    history.pushState(null, "", `#${id}`);
  }
  return id;
}

export async function send(text, once = unique()) {
  if (state.busy || !text) return;
  busy(true);
  $("empty").hidden = true;
  const visit = state.visit;
  const said = article({ speaker: "seeker", text, mentions: [] });
  const waiting = element("article", { class: "turn recommender" }, typing());
  log.append(said, waiting);
  toLatest();
  let id = state.id;
  const keep = () => sessionStorage.setItem(DRAFT, JSON.stringify({ id, text, once }));
  keep();
  waitingFor.add(once);
  try {
    if (id === null) {
      id = await create(visit);
      keep();
    }
    let words = "";
    const turns = await api.say(id, text, once, (piece) => {
      words += piece;
      waiting.replaceChildren(bubble({ speaker: "recommender", text: words, mentions: [] }));
    });
    sessionStorage.removeItem(DRAFT);
    answered(visit, id, turns, said, waiting);
  } catch (error) {
    if (state.visit === visit) waiting.replaceChildren(failure(error.message, () => retry(said, waiting, text, once)));
    else notice(`“${text}” was not answered: ${error.message}`);
    openAnew(visit, id);
  } finally {
    waitingFor.delete(once);
  }
  if (state.visit !== visit) return;
  busy(false);
  toLatest();
  if (document.activeElement === document.body) toComposer();
}

// What was left and asked for again before the answer was there is loaded once more: it may have been read without it.
function openAnew(visit, id) {
  if (state.visit !== visit && state.visit.id === id && id !== null) open(id);
}

function answered(visit, id, turns, said, waiting) {
  if (state.visit !== visit) {
    changed();
    openAnew(visit, id);
    return;
  }
  said.replaceWith(article(turns.seeker));
  waiting.replaceWith(article(turns.recommender));
  if (state.wants) popular(state.wants.record.popularity?.value ?? 0);
  if ($("title").textContent === NEW) entitle(turns.seeker.text);
  changed();
  const best = turns.recommender.reply?.items.slice(0, FIRST).map((entry) => entry.item.title) ?? [];
  tell(`Recommender: ${turns.recommender.text}${best.length ? ` Recommended: ${best.join(", ")}.` : ""}`);
}

function retry(said, waiting, text, once) {
  if (state.busy) return;
  said.remove();
  waiting.remove();
  send(text, once);
}

// What was not answered when the page was left can be sent again; under its old key it is never said twice.
function showUnsent(session) {
  const unsent = JSON.parse(sessionStorage.getItem(DRAFT));
  if (unsent?.id !== session.id) return;
  if (session.turns.at(-2)?.text === unsent.text) {
    sessionStorage.removeItem(DRAFT);
    return;
  }
  const said = article({ speaker: "seeker", text: unsent.text, mentions: [] });
  const waiting = element("article", { class: "turn recommender" });
  const again = failure("This message was not answered.", () => retry(said, waiting, unsent.text, unsent.once));
  waiting.append(waitingFor.has(unsent.once) ? typing() : again);
  log.append(said, waiting);
}

// What began no conversation is left with the new one; what belongs to one waits in it.
export function forgetUnsent() {
  if (JSON.parse(sessionStorage.getItem(DRAFT))?.id === null) sessionStorage.removeItem(DRAFT);
}

function busy(on) {
  state.busy = on;
  $("send").disabled = $("fame").disabled = on;
  log.setAttribute("aria-busy", String(on));
}

// To the end, but no further than the person's last message, so that an answer is read from its beginning.
function toLatest() {
  const said = [...log.querySelectorAll(".seeker")].at(-1);
  scroller.scrollTop = said ? said.offsetTop - 12 : 0;
}

async function submit() {
  if (!(await shown())) return;
  const text = message.value.trim();
  if (state.busy || !text) return;
  message.value = "";
  grow();
  send(text);
}

function grow() {
  message.style.height = "auto";
  message.style.height = `${message.scrollHeight + 2}px`; // its borders
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
message.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
message.addEventListener("input", grow);
for (const starter of document.querySelectorAll(".starter")) {
  starter.addEventListener("click", () => shown().then((here) => here && send(starter.textContent)));
}

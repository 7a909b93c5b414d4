// The page: one conversation, the list of others, filters, and what people think of items.

import * as api from "./api.js";
import { bubble, card, element, failure, typing, why } from "./view.js";

const $ = (id) => document.getElementById(id);
const log = $("log"), message = $("message"), scroller = $("scroller");
const FIRST = 3;
const OPEN = [0, 9999]; // years that stand for no bound
const NONE = { genres: [], years: null, exclude: [], exclude_mentioned: true };
const state = { id: null, filters: NONE, feedback: {}, busy: false, last: null, names: [] };

// Conversations

function show(session) {
  Object.assign(state, { id: session.id, filters: session.filters, feedback: session.feedback ?? {}, last: null });
  log.replaceChildren();
  for (const turn of session.turns ?? []) addTurn(turn);
  $("empty").hidden = log.children.length > 0;
  $("title").textContent = session.title || "New conversation";
  document.title = session.title ? `${session.title} · pecrs` : "pecrs";
  showFilterCount();
  markCurrent();
  toEnd();
}

const fresh = () => show({ id: null, title: "", filters: NONE, turns: [] });

async function open(id) {
  closeSidebar();
  $("empty").hidden = true;
  $("loading").hidden = false;
  log.replaceChildren();
  try {
    show(await api.session(id));
  } catch (error) {
    fresh();
    if (error.status === 404) history.replaceState(null, "", location.pathname);
    else log.append(failure(error.message, () => open(id)));
  } finally {
    $("loading").hidden = true;
  }
}

function start() {
  history.pushState(null, "", location.pathname);
  fresh();
  closeSidebar();
  message.focus();
}

function addTurn(turn) {
  const made = element("article", { class: `turn ${turn.speaker}` }, bubble(turn));
  if (turn.reply?.wishes) made.append(element("p", { class: "wish" }, `Looking for: ${turn.reply.wishes}`));
  if (turn.reply?.items.length) made.append(...recommendations(turn));
  log.append(made);
  return made;
}

function recommendations(turn) {
  const view = { position: turn.position, items: turn.reply.items, all: false, reasons: null };
  view.list = element("ul", { class: "cards", "aria-label": "Recommended" });
  view.more = element("button", { type: "button", on: { click: () => { view.all = !view.all; draw(view); } } });
  view.why = element("button", { type: "button", "aria-expanded": "false", on: { click: () => reasons(view) } }, "Why these?");
  state.last = view;
  draw(view);
  return [view.list, element("div", { class: "more" }, view.more, view.why)];
}

function draw(view) {
  const shown = view.all ? view.items : view.items.slice(0, FIRST);
  const best = Math.max(...view.items.map((entry) => entry.score));
  view.list.replaceChildren(...shown.map((entry) => {
    const made = card(entry, best, state.feedback[entry.item.id], (item, value) => judge(view, item, value));
    if (view.reasons) made.append(why(view.reasons[entry.item.id] ?? []));
    return made;
  }));
  view.more.textContent = view.all ? "Show fewer" : `Show all ${view.items.length}`;
  view.more.hidden = view.items.length <= FIRST;
}

async function reasons(view) {
  const wanted = view.why.getAttribute("aria-expanded") !== "true";
  view.reasons = null;
  if (wanted) {
    view.why.disabled = true;
    try {
      const { items } = await api.explain(state.id, view.position);
      view.reasons = Object.fromEntries(items.map((entry) => [entry.item.id, entry.why]));
    } catch (error) {
      announce(error.message);
    }
    view.why.disabled = false;
  }
  view.why.setAttribute("aria-expanded", String(view.reasons !== null));
  view.why.textContent = view.reasons ? "Hide reasons" : "Why these?";
  draw(view);
}

// The judged ones stay where they are; below the latest message the others are ranked anew at once.
async function judge(view, item, value) {
  try {
    const answer = await api.feedback(state.id, item, value);
    state.feedback = answer.feedback;
    if (view === state.last && answer.items.length) {
      const kept = view.items.filter((entry) => state.feedback[entry.item.id]);
      const others = answer.items.filter((entry) => !state.feedback[entry.item.id]);
      view.items = [...kept, ...others];
      view.all = view.all || kept.length >= FIRST;
    }
    draw(view);
    view.list.querySelector(`[data-item="${CSS.escape(item)}"] [data-judge="${value ?? "like"}"]`)?.focus();
  } catch (error) {
    announce(error.message);
  }
}

function announce(text) {
  const note = failure(text);
  log.append(note);
  toEnd();
  setTimeout(() => note.remove(), 6000);
}

const toEnd = () => { scroller.scrollTop = scroller.scrollHeight; };

// Saying something

const name = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function send(text, once = name()) {
  if (state.busy || !text.trim()) return;
  busy(true);
  $("empty").hidden = true;
  const said = addTurn({ speaker: "seeker", text: text.trim(), mentions: [] });
  const waiting = element("article", { class: "turn recommender" }, typing());
  log.append(waiting);
  toEnd();
  try {
    if (state.id === null) {
      state.id = (await api.create(state.filters)).id;
      history.pushState(null, "", `#${state.id}`);
    }
    let words = "";
    const turns = await api.say(state.id, text, once, (piece) => {
      words += piece;
      waiting.replaceChildren(bubble({ speaker: "recommender", text: words, mentions: [] }));
    });
    waiting.remove();
    said.remove();
    addTurn(turns.seeker);
    addTurn(turns.recommender);
    refreshHistory();
    if ($("title").textContent === "New conversation") $("title").textContent = turns.seeker.text;
  } catch (error) {
    waiting.replaceChildren(failure(error.message, () => {
      waiting.remove();
      said.remove();
      send(text, once);
    }));
    if (error.status === 401) askForKey();
  } finally {
    busy(false);
    toEnd();
    message.focus();
  }
}

function busy(on) {
  state.busy = on;
  $("send").disabled = on;
  log.setAttribute("aria-busy", String(on));
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (state.busy || !message.value.trim()) return;
  const text = message.value;
  message.value = "";
  grow();
  send(text);
});
message.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("composer").requestSubmit();
});
function grow() {
  message.style.height = "auto";
  message.style.height = `${message.scrollHeight + 2}px`;
}
message.addEventListener("input", grow);
for (const starter of document.querySelectorAll(".starter")) starter.addEventListener("click", () => send(starter.textContent));

// The list of conversations

async function refreshHistory(after) {
  try {
    const page = await api.sessions(after);
    if (!after) $("history").replaceChildren();
    $("history").append(...page.data.map(entryOf));
    if (!$("history").children.length) $("history").append(element("li", { class: "none" }, "Nothing yet"));
    $("older").hidden = !page.has_more;
    $("older").onclick = () => refreshHistory(page.data.at(-1).id);
    markCurrent();
  } catch (error) {
    if (error.status !== 401) $("history").replaceChildren(element("li", { class: "none" }, error.message));
  }
}

function entryOf(session) {
  const title = session.title || "New conversation";
  return element("li", { "data-id": session.id },
    element("button", { type: "button", class: "open", title, on: { click: () => { history.pushState(null, "", `#${session.id}`); open(session.id); } } }, title),
    element("button", { type: "button", class: "delete", "aria-label": `Delete: ${title}`, on: { click: () => forget(session.id, title) } }, "✕"));
}

function markCurrent() {
  for (const entry of $("history").children) {
    const current = entry.dataset.id === state.id && state.id !== null;
    entry.toggleAttribute("data-current", current);
    entry.querySelector(".open")?.toggleAttribute("aria-current", current);
  }
}

function forget(id, title) {
  const dialog = $("confirm");
  $("confirm-what").textContent = title;
  dialog.returnValue = "no";
  dialog.showModal();
  dialog.onclose = async () => {
    if (dialog.returnValue !== "yes") return;
    try {
      await api.remove(id);
      if (id === state.id) start();
      await refreshHistory();
    } catch (error) {
      announce(error.message);
    }
  };
}

function openSidebar(open = true) {
  $("sidebar").toggleAttribute("data-open", open);
  $("veil").hidden = !open;
  $("open-sidebar").setAttribute("aria-expanded", String(open));
  if (open) $("new").focus();
}
function closeSidebar() {
  if ($("sidebar").hasAttribute("data-open")) openSidebar(false);
}
$("open-sidebar").addEventListener("click", () => openSidebar());
$("close-sidebar").addEventListener("click", () => { closeSidebar(); $("open-sidebar").focus(); });
$("veil").addEventListener("click", closeSidebar);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeSidebar(); });
$("new").addEventListener("click", start);

// Filters

function showFilterCount() {
  const count = state.filters.genres.length + (state.filters.years ? 1 : 0);
  $("filter-count").textContent = count;
  $("filter-count").hidden = !count;
}

$("open-filters").addEventListener("click", async () => {
  $("filters-error").hidden = true;
  try {
    if (!state.names.length) state.names = (await api.genres()).map((entry) => entry.genre);
  } catch (error) {
    announce(error.message);
    return;
  }
  $("genres").replaceChildren(...state.names.map((genre) => {
    const chip = element("button", { type: "button", "aria-pressed": String(state.filters.genres.includes(genre)) }, genre);
    chip.addEventListener("click", () => chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true")));
    return chip;
  }));
  const [from, to] = state.filters.years ?? OPEN;
  $("year-from").value = from === OPEN[0] ? "" : from;
  $("year-to").value = to === OPEN[1] ? "" : to;
  $("filters").showModal();
});
$("clear-filters").addEventListener("click", () => {
  for (const chip of $("genres").children) chip.setAttribute("aria-pressed", "false");
  $("year-from").value = $("year-to").value = "";
});
$("apply-filters").addEventListener("click", async () => {
  const genres = [...$("genres").children].filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.textContent);
  const [from, to] = [$("year-from"), $("year-to")].map((field) => field.value && Number(field.value));
  const years = from === "" && to === "" ? null : [from === "" ? OPEN[0] : from, to === "" ? OPEN[1] : to];
  try {
    const filters = { ...state.filters, genres, years };
    if (state.id !== null) await api.change(state.id, { filters });
    state.filters = filters;
    showFilterCount();
    $("filters").close();
  } catch (error) {
    $("filters-error").textContent = error.message;
    $("filters-error").hidden = false;
  }
});

// The address names a conversation, so the skip link must not change it.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  message.focus();
});

// Keys, theme, being offline

function askForKey() {
  if (!$("keys").open) $("keys").showModal();
}
$("keys").addEventListener("cancel", (event) => event.preventDefault());
$("key-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  api.keepKey($("key").value.trim(), $("remember").checked);
  const { scopes } = await api.me();
  $("key-error").hidden = scopes.length > 0;
  if (!scopes.length) return;
  $("key").value = "";
  $("keys").close();
  begin();
});

function theme(choice) {
  const dark = choice ? choice === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  $("theme").setAttribute("aria-pressed", String(dark));
}
$("theme").addEventListener("click", () => {
  const choice = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("pecrs-theme", choice);
  theme(choice);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => theme(localStorage.getItem("pecrs-theme")));

const line = () => { $("offline").hidden = navigator.onLine; };
addEventListener("online", line);
addEventListener("offline", line);
addEventListener("popstate", route);

function route() {
  const id = location.hash.slice(1);
  if (id) open(id);
  else fresh();
}

function begin() {
  refreshHistory();
  route();
}

theme(localStorage.getItem("pecrs-theme"));
line();
try {
  const { auth, scopes } = await api.me();
  if (auth && !scopes.length) askForKey();
  else begin();
} catch (error) {
  $("empty").hidden = true;
  log.append(failure(error.message, () => location.reload()));
}
message.focus();

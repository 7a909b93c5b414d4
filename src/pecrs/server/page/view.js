// What is shown, made of elements and text; data never become markup.

export const $ = (id) => document.getElementById(id);

export function element(tag, options = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "class") made.className = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    else if (value !== undefined && value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// A picture of index.html's <template>, by name.
export const icon = (name) => $(`icon-${name}`).content.cloneNode(true);

// Characters from a start to an end with the titles in them emphasised; spans count characters, not UTF-16 units.
function withTitles(characters, start, end, mentions) {
  const parts = [];
  let last = start;
  for (const mention of mentions.filter((each) => each.start >= start && each.end <= end)) {
    parts.push(characters.slice(last, mention.start).join(""));
    parts.push(element("strong", { "data-item": mention.item }, characters.slice(mention.start, mention.end).join("")));
    last = mention.end;
  }
  parts.push(characters.slice(last, end).join(""));
  return parts;
}

const NUMBERED = /^\d+\. /;

// A text with its numbered lines as a list; other lines stay as they are.
function words(text, mentions) {
  const characters = Array.from(text), made = [];
  let start = 0, list = null;
  for (const line of text.split("\n")) {
    const end = start + Array.from(line).length;
    const number = line.match(NUMBERED)?.[0];
    if (number) {
      if (!list) made.push(list = element("ol", { start: parseInt(number) }));
      list.append(element("li", {}, ...withTitles(characters, start + number.length, end, mentions)));
    } else {
      made.push(...(made.length && !list ? ["\n"] : []), ...withTitles(characters, start, end, mentions));
      list = null;
    }
    start = end + 1;
  }
  return made;
}

export function bubble(turn) {
  const mine = turn.speaker === "seeker";
  const said = mine ? withTitles(Array.from(turn.text), 0, Infinity, turn.mentions) : words(turn.text, turn.mentions);
  return element("div", { class: "bubble" }, element("span", { class: "sr" }, `${mine ? "You" : "Recommender"}: `), ...said);
}

export function typing() {
  const dots = [element("i"), element("i"), element("i")];
  return element("div", { class: "bubble typing" }, element("span", { class: "sr" }, "The recommender is writing"), ...dots);
}

const JUDGEMENTS = [["like", "Like"], ["dislike", "Dislike"], ["seen", "Seen"]];
const MOST_PEOPLE = 3;

// "Ridley Scott; with Sigourney Weaver, Tom Skerritt", or whoever made it.
function people(fields) {
  const makers = fields.directors ?? fields.author ?? fields.authors ?? [];
  const actors = (fields.actors ?? []).slice(0, MOST_PEOPLE).join(", ");
  return [makers.slice(0, MOST_PEOPLE).join(", "), actors && `with ${actors}`].filter(Boolean).join("; ");
}

export function card(entry, best, value, reasons, onJudge) {
  const { item } = entry;
  const odds = Math.round(100 * Math.min(1, Math.exp(entry.score - best)));
  const fill = element("i");
  fill.style.width = `${odds}%`;
  const told = `${odds} % of the best one's odds`;
  const lines = [["genres", (item.fields.genres ?? []).join(", ")], ["people", people(item.fields)]].filter(([, text]) => text);
  const buttons = JUDGEMENTS.map(([name, label]) =>
    element("button", { type: "button", "aria-pressed": String(value === name), "aria-label": `${label}: ${item.title}`, "data-judge": name,
      on: { click: () => onJudge(item, value === name ? null : name) } }, label));
  return element("li", { class: "card", "data-item": item.id, "data-value": value },
    element("h2", {}, item.title, ...(item.year === null ? [] : [" ", element("span", {}, `(${item.year})`)])),
    ...lines.map(([kind, text]) => element("p", { class: kind, title: text }, text)),
    element("div", { class: "bar", role: "img", "aria-label": told, title: told }, fill),
    element("div", { class: "judge" }, ...buttons),
    ...(reasons ? [why(reasons)] : []));
}

const STRONGEST = 3;

function why(effects) {
  const strongest = effects.filter((effect) => effect.change > 0).sort((a, b) => b.change - a.change).slice(0, STRONGEST);
  if (!strongest.length) return element("p", { class: "why" }, "Nothing that was said speaks for it in particular.");
  return element("ul", { class: "why", "aria-label": "What moved it" }, ...strongest.map((effect) =>
    element("li", {}, element("q", { title: effect.text }, effect.text), element("span", {}, `+${effect.change.toFixed(1)}`))));
}

export function failure(message, onRetry) {
  return element("div", { class: "failure", role: "alert" }, element("span", {}, message),
    ...(onRetry ? [element("button", { type: "button", class: "quiet", on: { click: onRetry } }, "Try again")] : []));
}

const NOTICE = 10_000; // milliseconds

// Something went wrong beside the conversation.
export function notice(text) {
  const close = element("button", { type: "button", class: "quiet icon", "aria-label": "Dismiss", on: { click: () => note.remove() } }, icon("close"));
  const note = element("div", { class: "notice", role: "alert" }, element("span", {}, text), close);
  $("notices").replaceChildren(note);
  setTimeout(() => note.remove(), NOTICE);
}

// For those who listen: the log itself is silent, since its cards are drawn anew with every judgement.
export function tell(text) {
  $("told").textContent = text;
}

// Where there are keys to type on; elsewhere the screen's keyboard would cover what is to be read.
export function toComposer() {
  if (matchMedia("(pointer: fine)").matches) $("message").focus();
}

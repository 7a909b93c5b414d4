// What is shown, made of elements and text; data never become markup.

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

// A text with the titles in it emphasised; spans count characters, not UTF-16 units.
export function withTitles(text, mentions) {
  const characters = Array.from(text);
  const parts = [];
  let end = 0;
  for (const mention of mentions) {
    parts.push(characters.slice(end, mention.start).join(""));
    parts.push(element("strong", {}, characters.slice(mention.start, mention.end).join("")));
    end = mention.end;
  }
  parts.push(characters.slice(end).join(""));
  return parts;
}

export function bubble(turn) {
  const name = turn.speaker === "seeker" ? "You" : "Recommender";
  return element("div", { class: "bubble" }, element("span", { class: "sr" }, `${name}: `), ...withTitles(turn.text, turn.mentions));
}

export function typing() {
  const dots = [element("i"), element("i"), element("i")];
  return element("div", { class: "bubble typing" }, element("span", { class: "sr" }, "The recommender is writing"), ...dots);
}

const JUDGEMENTS = [["like", "Like"], ["dislike", "Dislike"], ["seen", "Seen"]];

export function card(entry, best, value, onJudge) {
  const { item } = entry;
  const odds = Math.round(100 * Math.min(1, Math.exp(entry.score - best)));
  const fill = element("i");
  fill.style.width = `${odds}%`;
  const people = [...(item.fields.directors ?? []), ...(item.fields.actors ?? item.fields.author ?? [])].slice(0, 4).join(", ");
  const made = element("li", { class: "card", "data-item": item.id, "data-value": value },
    element("h3", {}, item.title, ...(item.year === null ? [] : [" ", element("span", {}, `(${item.year})`)])),
    element("p", { class: "genres" }, (item.fields.genres ?? []).join(", ")),
    element("p", { class: "people", title: people }, people),
    element("div", { class: "bar", role: "img", "aria-label": `${odds} percent of the best one's odds`, title: `${odds} % of the best one's odds` }, fill));
  const buttons = JUDGEMENTS.map(([name, label]) =>
    element("button", { type: "button", "aria-pressed": String(value === name), "aria-label": `${label}: ${item.title}`, "data-judge": name,
      on: { click: () => onJudge(item.id, value === name ? null : name) } }, label));
  made.append(element("div", { class: "judge" }, ...buttons));
  return made;
}

const STRONGEST = 3;

export function why(effects) {
  const strongest = effects.filter((effect) => effect.change > 0).sort((a, b) => b.change - a.change).slice(0, STRONGEST);
  if (!strongest.length) return element("p", { class: "why" }, "Nothing that was said speaks for it in particular.");
  return element("ul", { class: "why", "aria-label": "What moved it" }, ...strongest.map((effect) =>
    element("li", {}, element("span", { title: effect.text }, `“${effect.text}”`), element("span", {}, `+${effect.change.toFixed(1)}`))));
}

export function failure(message, onRetry) {
  return element("div", { class: "failure", role: "alert" }, element("span", {}, message),
    ...(onRetry ? [element("button", { type: "button", class: "quiet", on: { click: onRetry } }, "Try again")] : []));
}

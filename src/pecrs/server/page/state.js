// What the person wants, as it was understood: parts that can be taken out.

import { element, icon } from "./view.js";

const SAID = { liked: "liked", disliked: "disliked", seen: "seen", rejected: "turned down" };

// The parts that are shown, each with its key and its words.
export function parts(state) {
  return [
    ...state.wanted.map(({ key, label }) => ({ key, words: label })),
    ...state.avoided.map(({ key, label }) => ({ key, words: `not ${label}` })),
    ...(state.popularity ? [{ key: state.popularity.key, words: state.popularity.label }] : []),
    ...(state.order ? [{ key: state.order.key, words: state.order.label }] : []),
    ...Object.entries(SAID).flatMap(([name, said]) => state[name].map(({ key, label }) => ({ key, words: `${said}: ${label}` }))),
  ];
}

// With `onRemove`, each part has a button.
export function chips(state, onRemove) {
  const made = parts(state).map((part) => {
    const name = `Remove: ${part.words}`;
    const button = () => element("button", { type: "button", "aria-label": name, title: name,
      on: { click: ({ currentTarget }) => { currentTarget.disabled = true; onRemove(part); } } }, icon("close"));
    return element("li", {}, element("span", {}, part.words), ...(onRemove ? [button()] : []));
  });
  return [element("span", {}, "Looking for: "), element("ul", { class: "parts", "aria-label": "What you are looking for" }, ...made)];
}

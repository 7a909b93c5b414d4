// What may be recommended in this conversation: choices for every field of the catalogue.

import * as api from "./api.js";
import { like, setFilters, state } from "./conversation.js";
import * as seen from "./seen.js";
import { $, element, icon, notice } from "./view.js";

const FEW = 40; // values that are shown as buttons; more are typed, with the frequent ones suggested
const RANGE = "..";
const BOUNDS = ["at_least", "at_most", "more_than", "less_than"];
const SIGNS = { at_least: "at least", at_most: "at most", more_than: "over", less_than: "under" };
let controls = [], rest = []; // one control a field, and the conditions that no control can show

const same = (a, b) => a.localeCompare(b, undefined, { sensitivity: "accent" }) === 0;
const chosen = (chip) => chip.getAttribute("aria-pressed") === "true";
const plain = (condition) => !condition.none_of.length && BOUNDS.every((name) => condition[name] === null);

function words({ field, any_of, none_of, ...bounds }) {
  return [...(any_of.length ? [`${field} ${any_of.join(" or ")}`] : []), ...(none_of.length ? [`${field} not ${none_of.join(" or ")}`] : []),
    ...BOUNDS.filter((name) => bounds[name] !== null).map((name) => `${field} ${SIGNS[name]} ${bounds[name]}`)].join(", ");
}

function toggle(value, on) {
  const made = element("button", { type: "button", "aria-pressed": String(on) }, value);
  made.addEventListener("click", () => made.setAttribute("aria-pressed", String(!chosen(made))));
  return made;
}

const group = (name, title, ...children) => element("fieldset", { class: name }, element("legend", {}, title), ...children);

// A control has its node, and takes a condition in if it can show it; `value` is the condition that is chosen, or null.

function valuesOf(facet) {
  const few = facet.values <= FEW, box = element("div", { class: "chips" });
  const add = (value) => {
    const known = [...box.children].find((chip) => same(chip.textContent, value));
    if (known) known.setAttribute("aria-pressed", "true");
    else box.append(toggle(value, true));
  };
  if (few) box.append(...Object.keys(facet.common).map((value) => toggle(value, false)));
  const node = group("values", `${facet.label} (any of)`, box);
  const typed = few ? null : element("input", { type: "text", "aria-label": facet.label, list: `values-${facet.field}`, autocomplete: "off", placeholder: "any" });
  if (typed) {
    const options = Object.keys(facet.common).map((value) => element("option", { value }));
    node.append(typed, element("datalist", { id: `values-${facet.field}` }, ...options));
    typed.addEventListener("change", () => { if (typed.value.trim()) add(typed.value.trim()); typed.value = ""; });
  }
  return {
    node,
    take: (condition) => plain(condition) && (condition.any_of.forEach(add), true),
    clear: () => { if (few) for (const chip of box.children) chip.setAttribute("aria-pressed", "false"); else box.replaceChildren(); },
    value: () => ({ any_of: [...box.children].filter(chosen).map((chip) => chip.textContent) }),
  };
}

function flagOf(facet) {
  const select = element("select", {}, ...[["", "any"], ["yes", "yes"], ["no", "no"]].map(([value, told]) => element("option", { value }, told)));
  return {
    node: element("label", { class: "flag" }, element("span", {}, facet.label), select),
    take: (condition) => plain(condition) && condition.any_of.length === 1 && ["yes", "no"].includes(condition.any_of[0]) && (select.value = condition.any_of[0], true),
    clear: () => { select.value = ""; },
    value: () => ({ any_of: select.value ? [select.value] : [] }),
  };
}

function numberOf(facet) {
  const shown = (number) => String(Number(number.toPrecision(6)));
  const [from, to] = [facet.low, facet.high].map((limit) => element("input", { type: "text", inputmode: "decimal", autocomplete: "off", placeholder: shown(limit) }));
  const title = facet.unit ? `${facet.label} (${facet.unit})` : facet.label;
  return {
    node: group("range", title, element("label", {}, "from ", from), element("label", {}, "to ", to)),
    take: ({ any_of, none_of, at_least, at_most, more_than, less_than }) => {
      const ends = any_of.length === 1 && any_of[0].includes(RANGE) ? any_of[0].split(RANGE) : [at_least ?? "", at_most ?? ""];
      if (none_of.length || more_than !== null || less_than !== null || (any_of.length && (at_least ?? at_most ?? null) !== null) || any_of.length > 1) return false;
      if (any_of.length && !any_of[0].includes(RANGE)) return false;
      [from.value, to.value] = ends;
      return true;
    },
    clear: () => { from.value = to.value = ""; },
    value: () => ({ at_least: from.value.trim() || null, at_most: to.value.trim() || null }),
  };
}

const MAKERS = { category: valuesOf, flag: flagOf, number: numberOf };
const telling = (facet) => facet.declared && (facet.kind === "number" ? facet.low < facet.high : facet.kind === "flag" || (facet.kind === "category" && facet.values > 1));

function draw(facets) {
  const shown = facets.filter(telling);
  controls = shown.map((facet) => ({ facet, ...MAKERS[facet.kind](facet) }));
  const first = controls.filter(({ facet }) => facet.kind !== "category" || facet.values <= FEW);
  const more = controls.filter((control) => !first.includes(control));
  const order = shown.filter(({ kind }) => kind === "number").flatMap(({ field, label }) => [[field, `${label}, lowest first`], [`-${field}`, `${label}, highest first`]]);
  $("sort").replaceChildren(...[["", "best match first"], ...order].map(([value, told]) => element("option", { value }, told)));
  $("sort").parentElement.hidden = !order.length;
  $("no-facets").hidden = shown.length > 0;
  $("facets").replaceChildren(...first.map(({ node }) => node));
  if (!more.length) return;
  const names = more.map(({ facet }) => facet.label).join(", ");
  $("facets").append(element("details", {}, element("summary", {}, `More: ${names}`), ...more.map(({ node }) => node)));
}

function fill({ where, sort, exclude }) {
  const open = new Set(controls);
  rest = where.filter((condition) => {
    const control = [...open].find(({ facet }) => facet.field === condition.field);
    if (!control?.take(condition)) return true;
    open.delete(control);
    return false;
  });
  $("sort").value = sort;
  const details = document.querySelector("#facets details");
  if (details) details.open = controls.some((control) => !open.has(control) && details.contains(control.node));
  drawRest();
  seen.fill(exclude);
}

function drawRest() {
  $("rest").replaceChildren(...rest.map((condition) => {
    const name = `Remove: ${words(condition)}`;
    const button = element("button", { type: "button", "aria-label": name, title: name,
      on: { click: () => { rest = rest.filter((other) => other !== condition); drawRest(); } } }, icon("close"));
    return element("li", {}, element("span", {}, words(condition)), button);
  }));
  $("rest").hidden = !rest.length;
}

async function show() {
  try {
    draw((await api.facets()).facets);
  } catch (error) {
    notice(error.message);
    return;
  }
  $("filters-error").hidden = true;
  fill(state.filters);
  $("filters").showModal();
}

const EMPTY = { any_of: [], none_of: [], at_least: null, at_most: null, more_than: null, less_than: null };

function conditions() {
  const set = controls.map(({ facet, value }) => ({ field: facet.field, ...EMPTY, ...value() }));
  return [...set.filter((condition) => condition.any_of.length || condition.at_least || condition.at_most), ...rest];
}

async function apply(event) {
  event.preventDefault();
  const { exclude, liked } = seen.chosen();
  try {
    if (liked.length) await like(liked);
    await setFilters({ ...state.filters, where: conditions(), sort: $("sort").value, exclude });
    $("filters").close();
  } catch (error) {
    $("filters-error").textContent = error.message;
    $("filters-error").hidden = false;
  }
}

$("open-filters").addEventListener("click", show);
$("filters-form").addEventListener("submit", apply);
$("cancel-filters").addEventListener("click", () => $("filters").close());
$("clear-filters").addEventListener("click", () => {
  for (const control of controls) control.clear();
  $("sort").value = "";
  rest = [];
  drawRest();
  seen.fill([]);
});

// What may be recommended in this conversation.

import * as api from "./api.js";
import { setFilters, state } from "./conversation.js";
import { $, element, notice } from "./view.js";

const OPEN = [0, 9999]; // years that stand for no bound
let names = [];

const pressed = (chip) => chip.getAttribute("aria-pressed") === "true";

function chip(genre) {
  const made = element("button", { type: "button", "aria-pressed": String(state.filters.genres.includes(genre)) }, genre);
  made.addEventListener("click", () => made.setAttribute("aria-pressed", String(!pressed(made))));
  return made;
}

async function show() {
  try {
    if (!names.length) names = (await api.genres()).map((entry) => entry.genre);
  } catch (error) {
    notice(error.message);
    return;
  }
  $("filters-error").hidden = true;
  $("genres").replaceChildren(...names.map(chip));
  const [from, to] = state.filters.years ?? OPEN;
  $("year-from").value = from === OPEN[0] ? "" : from;
  $("year-to").value = to === OPEN[1] ? "" : to;
  $("filters").showModal();
}

// Returns [first, last], or null where neither is given.
function years() {
  const [from, to] = [$("year-from"), $("year-to")].map((field) => field.value);
  if (!from && !to) return null;
  const chosen = [from ? Number(from) : OPEN[0], to ? Number(to) : OPEN[1]];
  if (chosen[0] > chosen[1]) throw new Error("The first year comes after the last.");
  return chosen;
}

async function apply(event) {
  event.preventDefault();
  try {
    const genres = [...$("genres").children].filter(pressed).map((made) => made.textContent);
    await setFilters({ ...state.filters, genres, years: years() });
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
  for (const made of $("genres").children) made.setAttribute("aria-pressed", "false");
  $("year-from").value = $("year-to").value = "";
});

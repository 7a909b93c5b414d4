// How well known what is recommended should be: a slider that shows the state's value and sets it.

import * as api from "./api.js";
import { setPopularity, state } from "./conversation.js";
import { $ } from "./view.js";

const SAID = { 1: "Well known", 0: "Either", "-1": "Little known" };
const slider = $("fame");
const asked = () => -slider.valueAsNumber; // what is well known is at the left

function show() {
  slider.value = -state.popularity;
  say();
}

const say = () => slider.setAttribute("aria-valuetext", SAID[asked()]);

// Shown where it is known how well known the items are.
export async function offerFame() {
  const { fame } = await api.facets(0).catch(() => ({ fame: false }));
  $("fame-line").hidden = !fame;
}

slider.addEventListener("input", say);
slider.addEventListener("change", () => setPopularity(asked(), SAID[asked()]));
addEventListener("pecrs-popularity", show);

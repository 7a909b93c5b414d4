// What a person has seen, from a file: left out in this conversation, and the best rated of it counts as liked.

import * as api from "./api.js";
import { $ } from "./view.js";

const MOST_LIKED = 10; // as `pecrs chat --seen` takes

let exclude = [], liked = [];

export const chosen = () => ({ exclude, liked });

function draw(lines) {
  const items = exclude.length === 1 ? "1 item is" : `${exclude.length} items are`;
  $("seen-told").textContent = (lines ?? (exclude.length ? [`${items} left out.`] : [])).join(" ");
  $("forget-seen").hidden = !exclude.length;
}

export function fill(left) {
  [exclude, liked] = [left, []];
  $("seen-file").value = "";
  draw();
}

async function read() {
  const [file] = $("seen-file").files;
  if (!file) return;
  try {
    const found = await api.seen(file.name, await file.text());
    exclude = [...new Set([...exclude, ...found.seen])];
    liked = found.liked.slice(0, MOST_LIKED);
    draw(found.lines);
  } catch (error) {
    draw([error.message]);
  }
}

$("seen-file").addEventListener("change", read);
$("forget-seen").addEventListener("click", () => fill([]));

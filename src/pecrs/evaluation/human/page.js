"use strict";

const questions = {
  fluency: "Fluency: which reads more like a person wrote it?",
  relevance: "Relevance: which suits the conversation better?",
  overall: "Overall: which would you rather have got?",
};
const choices = [["left", "Left"], ["tie", "Tie"], ["right", "Right"]];
const element = (id) => document.getElementById(id);
const { kit, pairs, aspects } = JSON.parse(element("kit").textContent);
let annotator = "";
let votes = {};
let at = 0;
let kept = true;

const place = () => `pecrs votes ${kit} ${annotator}`;

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(place())) ?? {};
  } catch {
    return {};
  }
}

function remember() {
  try {
    localStorage.setItem(place(), JSON.stringify(votes));
  } catch {
    kept = false;
    element("error").textContent = "This browser forgets votes when the page is closed: save them as a file before you leave.";
  }
}

async function earlier() {
  const [file] = element("earlier").files;
  if (!file) return {};
  let found = null;
  try {
    found = JSON.parse(await file.text());
  } catch { /* refused below */ }
  if (typeof found?.votes !== "object" || found.kit !== kit) throw new Error(`${file.name} holds no votes on these pairs.`);
  if (found.annotator !== annotator) throw new Error(`${file.name} holds the votes of ${found.annotator}.`);
  return found.votes;
}

function firstOpen() {
  const open = pairs.findIndex((pair) => !(pair.id in votes));
  return open < 0 ? pairs.length : open;
}

function made(tag, text) {
  const node = document.createElement(tag);
  node.textContent = text;
  return node;
}

function question(aspect, chosen) {
  const set = document.createElement("fieldset");
  set.append(made("legend", questions[aspect] ?? aspect));
  for (const [value, name] of choices) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { type: "radio", name: aspect, value, required: true, checked: value === chosen });
    label.append(input, name);
    set.append(label);
  }
  return set;
}

function show() {
  const done = at >= pairs.length;
  const voted = `${annotator}: ${Object.keys(votes).length} of ${pairs.length} voted`;
  element("progress").textContent = voted + (done ? "" : `, this is ${at + 1}`);
  element("enter").hidden = true;
  element("vote").hidden = done;
  element("done").hidden = !done;
  element("saving").hidden = false;
  if (done) return;
  const pair = pairs[at];
  const lines = pair.context.map((line) => {
    const row = made("p", "");
    row.append(made("b", line.speaker), made("span", line.text));
    return row;
  });
  element("context").replaceChildren(...lines);
  element("context").scrollTop = element("context").scrollHeight;
  element("left").textContent = pair.left;
  element("right").textContent = pair.right;
  const chosen = votes[pair.id] ?? {};
  element("aspects").replaceChildren(...aspects.map((aspect) => question(aspect, chosen[aspect])));
  element("back").disabled = at === 0;
  element("context").focus({ preventScroll: true }); // not left on a button that Enter would press again
}

element("enter").addEventListener("submit", async (event) => {
  event.preventDefault();
  element("error").textContent = "";
  annotator = element("annotator").value;
  try {
    votes = { ...remembered(), ...await earlier() };
  } catch (error) {
    element("error").textContent = error.message;
    return;
  }
  remember();
  at = firstOpen();
  show();
});

element("vote").addEventListener("submit", (event) => {
  event.preventDefault();
  votes[pairs[at].id] = Object.fromEntries(new FormData(element("vote")));
  remember();
  at += 1;
  show();
});

element("back").addEventListener("click", () => {
  at -= 1;
  show();
});

element("save").addEventListener("click", () => {
  const link = document.createElement("a");
  const text = JSON.stringify({ kit, annotator, votes }, null, 2);
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `${annotator}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
  kept = true;
});

window.addEventListener("beforeunload", (event) => {
  if (!kept) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (element("vote").hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  const choice = choices["123".indexOf(event.key)];
  if (event.key.length === 1 && choice) {
    const open = [...element("aspects").children].find((set) => !set.querySelector(":checked"));
    open?.querySelector(`[value=${choice[0]}]`).click();
  } else if (event.key === "Enter" && event.target.tagName !== "BUTTON") {
    event.preventDefault();
    element("vote").requestSubmit();
  }
});

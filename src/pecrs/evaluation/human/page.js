"use strict";

const questions = {
  fluency: "Fluency: which reads more like a person wrote it?",
  relevance: "Relevance: which suits the conversation better?",
  overall: "Overall: which would you rather have got?",
};
const choices = [["left", "Left"], ["tie", "Tie"], ["right", "Right"]];
const element = (id) => document.getElementById(id);
let state = null;
let at = 0;

async function ask(path, options) {
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

async function attempt(work) {
  element("error").textContent = "";
  try {
    await work();
  } catch (error) {
    element("error").textContent = error.message;
  }
}

function firstOpen() {
  const open = state.pairs.findIndex((pair) => !(pair.id in state.votes));
  return open < 0 ? state.pairs.length : open;
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
  const voted = Object.keys(state.votes).length;
  const total = state.pairs.length;
  const done = at >= total;
  element("progress").textContent = `${state.annotator}: ${voted} of ${total} voted` + (done ? "" : `, this is ${at + 1}`);
  element("enter").hidden = true;
  element("vote").hidden = done;
  element("done").hidden = !done;
  if (done) return;
  const pair = state.pairs[at];
  const lines = pair.context.map((line) => {
    const row = made("p", "");
    row.append(made("b", line.speaker), made("span", line.text));
    return row;
  });
  element("context").replaceChildren(...lines);
  element("context").scrollTop = element("context").scrollHeight;
  element("left").textContent = pair.left;
  element("right").textContent = pair.right;
  const votes = state.votes[pair.id] ?? {};
  element("aspects").replaceChildren(...state.aspects.map((aspect) => question(aspect, votes[aspect])));
  element("back").disabled = at === 0;
  element("context").focus({ preventScroll: true }); // not left on a button that Enter would press again
}

element("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    state = await ask("/pairs?annotator=" + encodeURIComponent(element("annotator").value));
    at = firstOpen();
    show();
  });
});

element("vote").addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = Object.fromEntries(new FormData(element("vote")));
  attempt(async () => {
    const body = JSON.stringify({ annotator: state.annotator, pair: state.pairs[at].id, choices: chosen });
    const headers = { "Content-Type": "application/json" };
    state.votes = (await ask("/votes", { method: "POST", headers, body })).votes;
    at += 1;
    show();
  });
});

element("back").addEventListener("click", () => {
  at -= 1;
  show();
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

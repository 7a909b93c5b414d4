// Where it begins: the address, keys, the theme, being offline.

import * as api from "./api.js";
import { fresh, open } from "./conversation.js";
import { offerFame } from "./fame.js";
import "./filters.js";
import { refreshHistory } from "./sidebar.js";
import { $, failure, toComposer } from "./view.js";

const NEEDED = "chat";

function route() {
  const id = location.hash.slice(1);
  if (id) open(id);
  else fresh();
}

function begin() {
  refreshHistory();
  offerFame();
  route();
}

// Keys

function askForKey() {
  if (!$("keys").open) $("keys").showModal();
}

async function tryKey(event) {
  event.preventDefault();
  const key = $("key").value.trim();
  const refuse = (why) => { $("key-error").textContent = why; };
  refuse("");
  try {
    const { scopes } = await api.me(key);
    if (!scopes.length) return refuse("This key opens nothing here.");
    if (!scopes.includes(NEEDED)) return refuse("This key is not for talking.");
  } catch (error) {
    return refuse(error.message);
  }
  api.keepKey(key, $("remember").checked);
  $("key").value = "";
  $("keys").close();
  $("forget-key").hidden = false;
  begin();
}

$("keys").addEventListener("cancel", (event) => event.preventDefault());
$("keys").addEventListener("keydown", (event) => { if (event.key === "Escape") event.preventDefault(); });
$("key-form").addEventListener("submit", tryKey);
$("forget-key").addEventListener("click", () => {
  api.forgetKey();
  sessionStorage.clear();
  location.assign(location.pathname);
});
addEventListener("pecrs-key-needed", askForKey);

// Theme

function paint(choice) {
  const dark = choice === "dark";
  document.documentElement.dataset.theme = choice;
  $("theme").setAttribute("aria-pressed", String(dark));
}

$("theme").addEventListener("click", () => {
  const choice = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("pecrs-theme", choice);
  paint(choice);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
  if (!localStorage.getItem("pecrs-theme")) paint(event.matches ? "dark" : "light");
});

// Being offline

const line = () => { $("offline").hidden = navigator.onLine; };
addEventListener("online", line);
addEventListener("offline", line);
addEventListener("popstate", route);

// The address names a conversation, so the skip link must not change it.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  $("message").focus();
});

paint(document.documentElement.dataset.theme);
line();
toComposer();
try {
  const { auth, scopes } = await api.me();
  $("forget-key").hidden = !auth || !scopes.length;
  if (scopes.includes(NEEDED)) begin();
  else askForKey();
} catch (error) {
  $("empty").hidden = true;
  $("log").append(failure(error.message, () => location.reload()));
}

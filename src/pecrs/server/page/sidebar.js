// The list of conversations; on a phone, a drawer.

import * as api from "./api.js";
import { forgetUnsent, fresh, open, state } from "./conversation.js";
import { $, element, icon, notice } from "./view.js";

const message = $("message"), list = $("history");

export async function refreshHistory(after) {
  try {
    const page = await api.sessions(after);
    if (!after) list.replaceChildren();
    list.append(...page.data.map(entryOf));
    if (!list.children.length) list.append(element("li", { class: "none" }, "Nothing yet"));
    $("older").hidden = !page.has_more;
    $("older").onclick = () => refreshHistory(page.data.at(-1).id);
    markCurrent();
  } catch (error) {
    if (error.status !== 401) list.replaceChildren(element("li", { class: "none" }, error.message));
  }
}

function entryOf(session) {
  const title = session.title || "New conversation";
  return element("li", { "data-id": session.id },
    element("button", { type: "button", class: "open", title, on: { click: () => choose(session.id) } }, title),
    element("button", { type: "button", class: "delete icon", "aria-label": `Delete: ${title}`, on: { click: () => forget(session.id, title) } }, icon("close")));
}

function markCurrent() {
  for (const entry of list.children) {
    const current = state.id !== null && entry.dataset.id === state.id;
    entry.toggleAttribute("data-current", current);
    if (current) entry.querySelector(".open").setAttribute("aria-current", "page");
    else entry.querySelector(".open")?.removeAttribute("aria-current");
  }
}

function choose(id) {
  history.pushState(null, "", `#${id}`);
  closeSidebar();
  open(id);
}

function start() {
  history.pushState(null, "", location.pathname);
  forgetUnsent();
  closeSidebar();
  fresh();
  message.focus();
}

function forget(id, title) {
  const dialog = $("confirm");
  $("confirm-what").textContent = title;
  dialog.returnValue = "no";
  dialog.showModal();
  dialog.onclose = async () => {
    if (dialog.returnValue !== "yes") return;
    try {
      await api.remove(id);
      if (id === state.id) start();
      await refreshHistory();
      if (document.activeElement === document.body) $("new").focus();
    } catch (error) {
      notice(error.message);
    }
  };
}

function openSidebar() {
  $("sidebar").setAttribute("data-open", "");
  $("veil").hidden = false;
  document.querySelector("main").inert = true;
  $("open-sidebar").setAttribute("aria-expanded", "true");
  $("new").focus();
}

function closeSidebar() {
  if (!$("sidebar").hasAttribute("data-open")) return;
  $("sidebar").removeAttribute("data-open");
  $("veil").hidden = true;
  document.querySelector("main").inert = false;
  $("open-sidebar").setAttribute("aria-expanded", "false");
  $("open-sidebar").focus();
}

$("open-sidebar").addEventListener("click", openSidebar);
$("close-sidebar").addEventListener("click", closeSidebar);
$("veil").addEventListener("click", closeSidebar);
$("new").addEventListener("click", start);
matchMedia("(min-width: 46.01rem)").addEventListener("change", closeSidebar);
addEventListener("keydown", (event) => { if (event.key === "Escape" && !$("confirm").open) closeSidebar(); });
let shown = null;
addEventListener("pecrs-changed", () => {
  if (shown === state.visit) refreshHistory(); // the same one has grown
  else markCurrent();
  shown = state.visit;
});

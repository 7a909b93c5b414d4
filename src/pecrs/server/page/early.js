// Before anything is painted: the theme, and whether a conversation is about to be loaded.

document.documentElement.dataset.theme =
  localStorage.getItem("pecrs-theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
document.documentElement.toggleAttribute("data-resume", location.hash.length > 1);

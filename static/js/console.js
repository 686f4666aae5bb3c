// The keyboard in the console: "/" to look up, arrows through a list, Enter opens, "e" edits, Esc goes back.
(() => {
  "use strict";
  const typing = (node) => node.closest("input, textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("#result_list tbody th a, .hits tbody th a")];
  let typed = false; // something stands in a form that going back would lose
  const lookUp = () => document.getElementById("look-up-q");

  const move = (step) => {
    const links = rows();
    if (!links.length) return false;
    const next = links.indexOf(document.activeElement) + step;
    links[Math.max(0, Math.min(links.length - 1, next))].focus();
    return true;
  };

  const edit = () => {
    const row = document.activeElement.closest("tr");
    const link = row ? row.querySelector("th a") : document.querySelector("#content .actions a, .object-tools a.edit");
    const field = document.querySelector("#content-main form input:not([type=hidden]), #content-main form textarea");
    if (link) link.click();
    else if (field) field.focus();
  };

  const back = (target) => {
    if (typing(target)) return target.blur();
    if (typed) return;
    const crumbs = [...document.querySelectorAll(".breadcrumbs a")];
    const up = document.querySelector("[data-back]") || crumbs[crumbs.length - 1];
    if (up) up.click();
  };

  document.addEventListener("input", (event) => {
    typed ||= Boolean(event.target.closest("form[method=post]:not(#look-up)"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { key, target } = event;
    if (key === "Escape" && !document.querySelector(".select2-container--open")) return back(target);
    if (key === "ArrowDown" && target === lookUp() && move(1)) return event.preventDefault();
    if (typing(target)) return;
    if (key === "/" && lookUp()) {
      lookUp().focus();
      lookUp().select();
      event.preventDefault();
    } else if (key === "ArrowDown" || key === "ArrowUp") {
      if (move(key === "ArrowDown" ? 1 : -1)) event.preventDefault();
    } else if (key === "e") {
      edit();
    }
  });
})();

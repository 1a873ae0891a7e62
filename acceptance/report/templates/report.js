"use strict";
// Filters and copy buttons; everything can be read and printed without this script. Only textContent is ever written.
(() => {
  const form = document.getElementById("filters");

  const tables = Array.from(document.querySelectorAll("table.findings"), (table) => {
    const kinds = {};
    for (const row of table.tBodies[0].rows) {
      kinds[row.dataset.kind] = (kinds[row.dataset.kind] || 0) + 1;
    }
    return { table, kinds };
  });

  function unchecked(name) {
    return Array.from(form.querySelectorAll(`input[name="${name}"]:not(:checked)`), (box) => box.value);
  }

  // One class per kind on each table: the style sheet hides its rows, and a table without any is hidden whole.
  function filter() {
    const areas = unchecked("area");
    const hidden = unchecked("kind");
    let shown = 0;
    let all = 0;
    for (const { table, kinds } of tables) {
      let rows = 0;
      for (const [kind, number] of Object.entries(kinds)) {
        const visible = !areas.includes(table.dataset.area) && !hidden.includes(kind);
        rows += visible ? number : 0;
        all += number;
        table.classList.toggle(`without-${kind}`, !visible);
      }
      table.parentElement.classList.toggle("filtered", rows === 0);
      shown += rows;
    }
    const text = form.dataset.shown.replace("{shown}", shown).replace("{all}", all);
    document.getElementById("shown").textContent = text;
  }

  // A link to a finding must reach it, whatever the filters say.
  function reveal() {
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const table = row && row.closest("table.findings");
    if (table && table.classList.contains(`without-${row.dataset.kind}`)) {
      for (const box of form.querySelectorAll("input")) {
        box.checked = true;
      }
      filter();
      row.scrollIntoView();
    }
  }

  function select(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }

  function copyButton(code) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = code.dataset.copy;
    button.setAttribute("aria-label", code.dataset.label);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = code.dataset.copied;
        setTimeout(() => { button.textContent = code.dataset.copy; }, 2000);
      } catch {
        select(code); // the browser forbids it: the reader copies the selection
      }
    });
    code.after(button);
  }

  // pytest-html's table, which it draws anew after each click: into its section, with labels, and for the keyboard.
  function placeLog() {
    const place = document.querySelector(".log__table");
    for (const part of place ? document.querySelectorAll(".controls, #results-table") : []) {
      place.append(part);
    }
    for (const box of document.querySelectorAll("input.filter")) {
      box.setAttribute("aria-label", box.nextElementSibling.textContent.replace(/,$/, ""));
    }
  }

  function unfold(event) {
    const button = event.target.closest("#results-table td button");
    if (button) {
      event.stopImmediatePropagation();
      const id = button.closest("tr").dataset.id;
      button.parentElement.click();
      document.querySelector(`#results-table tr[data-id="${id}"] button`).focus();
    }
  }

  document.querySelectorAll("code.remedy").forEach(copyButton);
  document.addEventListener("click", unfold, true);
  document.addEventListener("DOMContentLoaded", placeLog);
  if (form) {
    form.hidden = false;
    form.addEventListener("change", filter);
    addEventListener("hashchange", reveal);
    filter();
  }
})();
{% include "answers.js" %}

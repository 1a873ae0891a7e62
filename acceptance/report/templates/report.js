"use strict";
// Filters and copy buttons; everything can be read and printed without this script. Only textContent is ever written.
(() => {
  const form = document.getElementById("filters");

  function chosen(name) {
    return new Set(Array.from(form.querySelectorAll(`input[name="${name}"]:checked`), (box) => box.value));
  }

  function filter() {
    const markers = chosen("marker");
    const kinds = chosen("kind");
    let shown = 0;
    let all = 0;
    for (const table of document.querySelectorAll("table.findings")) {
      const here = markers.has(table.dataset.marker);
      let rows = 0;
      for (const row of table.tBodies[0].rows) {
        const visible = here && kinds.has(row.dataset.kind);
        row.classList.toggle("filtered", !visible);
        rows += visible ? 1 : 0;
        all += 1;
      }
      table.classList.toggle("filtered", rows === 0);
      shown += rows;
    }
    const text = form.dataset.shown.replace("{shown}", shown).replace("{all}", all);
    document.getElementById("shown").textContent = text;
  }

  // A link to a finding must reach it, whatever the filters say.
  function reveal() {
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (row && row.classList.contains("filtered")) {
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

  // pytest-html draws its table anew after each click: the focus goes back to the button that was pressed.
  function keepFocus(event) {
    const cell = event.target.closest("#results-table [data-id]");
    const button = cell && document.querySelector(`#results-table td[data-id="${cell.dataset.id}"] button`);
    if (button) {
      button.focus();
    }
  }

  document.querySelectorAll("code.remedy").forEach(copyButton);
  document.addEventListener("click", keepFocus);
  if (form) {
    form.hidden = false;
    form.addEventListener("change", filter);
    addEventListener("hashchange", reveal);
    filter();
  }
})();

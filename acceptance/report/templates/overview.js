"use strict";
// Searching the customers; the page can be read without this script. Only textContent is ever written.
(() => {
  const form = document.getElementById("search");
  const field = document.getElementById("words");
  const rows = Array.from(document.querySelectorAll("tr[data-words]"));
  const texts = rows.map((row) => row.textContent.toLowerCase());

  function search() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      const fits = words.every((word) => texts[index].includes(word));
      row.classList.toggle("filtered", !fits);
      shown += fits && row.dataset.words === "customer" ? 1 : 0;
    });
    document.getElementById("shown").textContent = form.dataset.shown.replace("{shown}", shown);
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", search);
  search();
})();

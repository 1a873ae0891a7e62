"use strict";
// The page takes answers: one form per open point, kept in this browser, saved as one file to mail back.
// Nothing is sent anywhere. Only textContent and values are ever written.
(() => {
  const section = document.getElementById("answers");
  if (!section) {
    return;
  }
  const seal = document.querySelector('meta[name="acceptance-results"]').content;
  const digest = /sha256=([0-9a-f]{64})/.exec(seal)[1];
  const store = `acceptance-answers:${digest}`;
  const saved = load();
  const points = Array.from(document.querySelectorAll("li.point"));
  const places = new Map(points.map((point) => [place(point), point]));

  function load() {
    try {
      return JSON.parse(localStorage.getItem(store)) || {};
    } catch (error) {
      return {}; // a browser that keeps nothing: the page still saves the file
    }
  }

  function keep() {
    try {
      localStorage.setItem(store, JSON.stringify(saved));
    } catch (error) {
      // It is said on top of the list that a browser may keep nothing.
    }
    tell();
  }

  function place(point) {
    return point.dataset.asks || point.dataset.findings;
  }

  function open(point) {
    const shape = document.getElementById(`answer-${point.dataset.group}`) || document.getElementById("answer-to-mend");
    const form = shape.content.firstElementChild.cloneNode(true);
    const values = saved[place(point)] || {};
    for (const field of form.elements) {
      field.value = values[field.name] || field.value;
    }
    // Several forms are open at once: each says of what it is.
    const title = point.querySelector(".point__what p").textContent.trim().replace(/\s+/g, " ");
    form.setAttribute("aria-label", `${form.getAttribute("aria-label")}: ${title}`);
    fit(form);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => {
      fit(form);
      saved[place(point)] = Object.fromEntries(Array.from(form.elements, (field) => [field.name, field.value]));
      keep();
    });
    point.querySelector(".point__do").append(form);
    point.querySelector(".answer__open").hidden = true;
    return form;
  }

  // "done" has no date to come, "planned" no date that has passed: one of the two pairs of fields is asked for.
  function fit(form) {
    for (const part of form.querySelectorAll("[data-for]")) {
      part.hidden = part.dataset.for !== form.elements.kind.value;
    }
  }

  function button(point) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "answer__open";
    made.textContent = section.dataset.open;
    made.addEventListener("click", () => open(point).querySelector("input, select").focus());
    point.querySelector(".point__do").append(made);
  }

  // Of one point: an entry for each of its findings, without what its kind does not ask for.
  function entries(point, values) {
    const fields = { done: ["name", "on"], planned: ["who", "by"], confirmed: ["name", "role", "on", "document"],
      told: ["answer", "name"] }[values.kind];
    const entry = { kind: values.kind, remark: values.remark.trim() };
    for (const name of fields) {
      entry[name] = (values[name] || "").trim();
      if (!entry[name]) {
        return null;
      }
    }
    if (values.kind === "told") {
      return [{ ...entry, key: point.dataset.asks }];
    }
    return JSON.parse(point.dataset.findings).map(([requirement, host]) => ({ ...entry, requirement, host }));
  }

  function collect() {
    const found = { whole: [], missing: 0 };
    for (const [key, values] of Object.entries(saved)) {
      const made = places.has(key) ? entries(places.get(key), values) : [];
      found.whole.push(...(made || []));
      found.missing += made ? 0 : 1;
    }
    return found;
  }

  function tell() {
    const { whole, missing } = collect();
    const text = section.dataset.told.replace("{number}", whole.length).replace("{missing}", missing);
    document.getElementById("answers-told").textContent = text;
    document.getElementById("answers-save").disabled = whole.length === 0;
  }

  function save() {
    const file = {
      question: { customer: section.dataset.customer, results_sha256: digest },
      answered: { at: new Date().toISOString() },
      agreements: collect().whole,
    };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(file, null, 2)], { type: "application/json" }));
    link.download = `${section.dataset.customer}.answers.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  points.forEach(button);
  points.filter((point) => saved[place(point)]).forEach(open);
  document.getElementById("answers-save").addEventListener("click", save);
  section.hidden = false;
  tell();
})();

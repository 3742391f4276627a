"use strict";

// Sends the project of the form to /score and shows what comes back: the explained score as the
// service renders it, or its faults as a table; to /check and to
// /improvements when asked to. Texts are set as texts; only the service's own
// page, in which every value is escaped, is set as markup.

(() => {
  const form = document.getElementById("try");
  const project = document.getElementById("project");
  const state = document.getElementById("state");
  const result = document.getElementById("result");
  const button = form.querySelector("button[type=submit]");
  const words = form.dataset;

  const element = (name, text) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const row = (cell, texts) => {
    const made = element("tr");
    made.append(...texts.map((text) => element(cell, text)));
    return made;
  };

  const faults = (details) => {
    const table = element("table");
    table.className = "faults";
    const head = element("thead");
    head.append(row("th", [words.field, words.expected, words.got, words.hint]));
    const body = element("tbody");
    body.append(...details.map((d) => row("td", [d.field, d.expected, d.got, d.hint || ""])));
    table.append(head, body);
    return table;
  };

  const refused = (place, message, details) => {
    const box = element("section");
    box.className = "card refused";
    box.setAttribute("role", "alert");
    box.append(element("h2", words.error), element("p", message));
    if (details.length) box.append(faults(details));
    place.replaceChildren(box);
    state.textContent = words.error;
  };

  const offer = (body) => {
    const wish = document.getElementById("ask-improvements");
    if (!wish) return;
    wish.addEventListener("click", async () => {
      const place = document.getElementById("improve");
      wish.disabled = true;
      await shown("improvements", body, place, async (response) => {
        place.innerHTML = await response.text();
        place.tabIndex = -1;
        place.focus({ preventScroll: true });
        state.textContent = words.done;
      });
    });
  };

  const told = async (response) => {
    result.innerHTML = await response.text();
    state.textContent = words.done;
    result.focus({ preventScroll: true });
    result.scrollIntoView({ behavior: "smooth", block: "start" });
  };

  const scored = (body) => async (response) => {
    await told(response);
    offer(body);
  };

  const ask = (path, body) =>
    fetch(`${path}?lang=${encodeURIComponent(words.lang)}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/html" },
      body,
    });

  // Asks, and gives a good answer to `use`; another one is shown in `place`.
  const shown = async (path, body, place, use) => {
    state.textContent = words.working;
    try {
      const response = await ask(path, body);
      if (response.ok) await use(response);
      else {
        const { error } = await response.json();
        refused(place, error.message, error.details);
      }
    } catch {
      refused(place, words.unreachable, []);
    }
  };

  const send = async (path, use, pressed) => {
    pressed.disabled = true;
    // As typed: the service reads it more strictly than JSON.parse would.
    const body = `{"project":${project.value}}`;
    try {
      JSON.parse(project.value);
      await shown(path, body, result, use(body));
    } catch (problem) {
      refused(result, problem.message, []);
    } finally {
      pressed.disabled = false;
    }
  };
  const score = () => send("score", scored, button);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    score();
  });
  project.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  // Only now: before, and without scripts, it would send the form to nowhere.
  button.disabled = false;
  const check = document.getElementById("check");
  if (check) {
    check.disabled = false;
    check.addEventListener("click", () => send("check", () => told, check));
  }
  document.getElementById("print").addEventListener("click", () => window.print());
})();

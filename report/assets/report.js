// The front page's filters, which live in the URL, and the copy buttons. Without it every page reads.
"use strict";

const RANK = { pass: 0, fail: 1, timeout: 2, crash: 3, "not-run": 4, "not-applicable": 5 };
const FAILURES = ["fail", "crash", "timeout"];

// A button that copies what `text` returns; where that is not allowed, `shown` is selected.
function copyButton(label, name, shown, text) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = label;
  button.setAttribute("aria-label", `${label}: ${name}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(shown);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  });
  return button;
}

document.querySelectorAll(".copyable").forEach((block) => {
  const text = block.querySelector("pre");
  const name = text.getAttribute("aria-label") ?? text.textContent;
  block.append(copyButton("Copy", name, text, () => text.textContent));
});

// A script is whole once its parts are one after the other: see views/plain_script.py.
document.querySelectorAll(".script .head").forEach((head) => {
  const script = head.closest(".script");
  const shared = ["program~", "check~"].map((id) => document.getElementById(id));
  const button = copyButton("Copy script", `${script.id.slice(7)}, ${head.textContent.split("\n")[1].slice(2)}`, head, () =>
    [head, ...shared, script.querySelector(".save")].map((one) => one.textContent.trim()).join("\n\n\n") + "\n");
  head.after(button);
});

// A permalink shows all that is known of its cell.
function unfold() {
  document.querySelectorAll("article:target > details, article:has(:target) > details, details:has(:target)").forEach((one) => { one.open = true; });
}
window.addEventListener("hashchange", unfold);
window.addEventListener("load", unfold); // only then does :target match

if (window.matrix && document.getElementById("matrix")) start(window.matrix);

function start(data) {
  const form = document.getElementById("filters");
  const table = document.getElementById("matrix");
  const root = document.querySelector("link[rel=stylesheet]").getAttribute("href").replace("assets/report.css", "");
  const first = document.querySelector(".tabs a[aria-current]").dataset.loader;
  const rows = [...table.querySelectorAll("tr[data-case]")].map(describe);
  const fields = ["q", "loader", "remedy", "group", "status", "stage", "environment", "a", "b"];
  const width = data.columns.length;
  const shown = new Map(); // what each table cell shows

  fill("loader", data.loaders.map((name) => [name, name]));
  fill("remedy", [["", "as written and best"], ...data.remedies.map((name) => [name, name])]);
  fill("group", [["", "every group"], ...unique(data.cases.map((one) => one.group)).map((name) => [name, name])]);
  const named = (list) => unique(list).map((name) => [name, name]);
  fill("status", [["", "any"], ...named(data.outcomes.map((one) => one.status))]);
  fill("stage", [["", "any"], ...named(data.outcomes.filter((one) => FAILURES.includes(one.status)).map((one) => one.stage))]);
  for (const name of ["environment", "a", "b"]) {
    fill(name, [["", name === "environment" ? "all" : "–"], ...data.columns.map((one) => [one, one])]);
  }
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => change(event.target === form.q));
  form.addEventListener("reset", (event) => {
    event.preventDefault(); // the browser resets after this event only: a moment too late
    for (const name of fields) form[name].value = name === "loader" ? first : "";
    change(false);
  });
  document.querySelector(".tabs").hidden = true; // the form has the loaders too
  document.querySelector("#nothing a").addEventListener("click", (event) => {
    event.preventDefault();
    form.reset();
  });
  window.addEventListener("popstate", () => { read(); show(); });
  read();
  show();

  function describe(row) {
    const cells = [...row.querySelectorAll("td.o")];
    return {
      row,
      number: Number(row.dataset.case),
      written: cells.filter((cell) => !cell.classList.contains("best")),
      best: cells.filter((cell) => cell.classList.contains("best")),
      advised: row.querySelector("td.advised"),
    };
  }

  function fill(name, options) {
    form[name].replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  }

  function read() {
    const query = new URLSearchParams(location.search);
    for (const name of fields) {
      const value = query.get(name) ?? "";
      const control = form[name];
      control.value = value;
      if (control.options && control.selectedIndex < 0) control.value = "";
    }
    if (!form.loader.value) form.loader.value = first;
  }

  function change(typing) {
    const query = new URLSearchParams();
    for (const name of fields) {
      const value = form[name].value;
      if (value && !(name === "loader" && value === first)) query.set(name, value);
    }
    const text = query.toString();
    const address = location.pathname + (text ? `?${text}` : "");
    // A step back per choice, not per letter.
    history[typing ? "replaceState" : "pushState"](null, "", address);
    show();
  }

  function index(one, remedy, loader, column) {
    return ((one * data.remedies.length + remedy) * data.loaders.length + loader) * width + column;
  }

  function best(one, loader, column) {
    const order = [data.baselines[loader], ...data.choices[data.cases[one].choices[loader]].slice(1), ...data.cases[one].order, ...data.remedies.keys()];
    let found = -1;
    let rank = 99;
    for (const remedy of order) {
      if (remedy < 0) continue;
      const end = data.ends[index(one, remedy, loader, column)];
      if (end >= 0 && RANK[data.outcomes[end].status] < rank) {
        rank = RANK[data.outcomes[end].status];
        found = remedy;
      }
    }
    return found;
  }

  function show() {
    const state = Object.fromEntries(fields.map((name) => [name, form[name].value]));
    const loader = data.loaders.indexOf(state.loader);
    const single = state.remedy !== "" || data.remedies.length === 1;
    const remedy = state.remedy ? data.remedies.indexOf(state.remedy) : data.baselines[loader];
    const columns = data.columns.map((name) => !state.environment || state.environment === name);
    const asked = tokens(state.q);
    const count = { shown: 0, passed: 0, applicable: 0, bestPassed: 0, bestApplicable: 0, unknown: 0 };
    table.classList.toggle("single", single);
    for (const { row, number, written, best: bests, advised } of rows) {
      const ends = columns.map((_, column) => (remedy < 0 ? -1 : data.ends[index(number, remedy, loader, column)]));
      const chosen = columns.map((_, column) => best(number, loader, column));
      const visible = fits(data.cases[number], ends);
      row.hidden = !visible;
      if (!visible) continue;
      advise(advised, number, loader);
      count.shown += 1;
      columns.forEach((wanted, column) => {
        const better = chosen[column];
        const bestEnd = better < 0 ? -1 : data.ends[index(number, better, loader, column)];
        put(written[column], number, remedy, loader, column, ends[column], wanted);
        if (bests.length) put(bests[column], number, better, loader, column, bestEnd, wanted);
        if (!wanted) return;
        tally(ends[column], "passed", "applicable");
        tally(bestEnd, "bestPassed", "bestApplicable");
        if (ends[column] >= 0 && data.outcomes[ends[column]].status === "not-run") count.unknown += 1;
      });
    }
    for (const body of table.tBodies) {
      body.hidden = ![...body.querySelectorAll("tr[data-case]")].some((row) => !row.hidden);
    }
    heads(columns, state, single);
    say(count, state, single);

    function tally(end, passed, applicable) {
      const status = end < 0 ? "" : data.outcomes[end].status;
      if (status === "pass") count[passed] += 1;
      if (status === "pass" || FAILURES.includes(status)) count[applicable] += 1;
    }

    function fits(one, ends) {
      if (state.group && one.group !== state.group) return false;
      const seen = ends.filter((end, column) => end >= 0 && columns[column]).map((end) => data.outcomes[end]);
      if (state.status && !seen.some((end) => end.status === state.status)) return false;
      if (state.stage && !seen.some((end) => FAILURES.includes(end.status) && end.stage === state.stage)) return false;
      if (state.a && state.b && ends[data.columns.indexOf(state.a)] === ends[data.columns.indexOf(state.b)]) return false;
      if (!asked.length) return true;
      const text = `${one.name} ${one.title} ${one.group}`.toLowerCase();
      return asked.every((word) => text.includes(word));
    }
  }

  // What to take for this loader, or that there is nothing to take: see `recommend.Choice`.
  function advise(shown, one, loader) {
    const [words, ...remedies] = data.choices[data.cases[one].choices[loader]];
    const now = `${words}|${remedies}`;
    if (shown.dataset.now === now) return;
    shown.dataset.now = now;
    shown.replaceChildren(words);
    remedies.forEach((remedy, at) => {
      const made = document.createElement("a");
      made.textContent = data.remedies[remedy];
      made.href = root + data.remedyPage(one, remedy);
      shown.append(...(at ? [" or ", made] : [made]));
    });
  }

  // Where only the link changes, nothing has to be laid out again.
  function put(cell, one, remedy, loader, column, end, wanted) {
    cell.hidden = !wanted;
    const now = shown.get(cell) ?? {};
    if (now.end === end && now.remedy === remedy && now.loader === loader) return;
    shown.set(cell, { end, remedy, loader });
    const side = cell.classList.contains("best") ? " best" : "";
    if (end < 0) {
      cell.className = `o none${side}`;
      cell.replaceChildren();
      return;
    }
    if (now.end !== end) {
      const outcome = data.outcomes[end];
      cell.className = `o ${outcome.status}${side}`;
      cell.replaceChildren(link(outcome));
    }
    cell.firstChild.href = root + data.cellPage(one, remedy, loader, column);
  }

  function link(outcome) {
    const made = document.createElement("a");
    made.textContent = `${outcome.symbol} ${outcome.word}`;
    if (FAILURES.includes(outcome.status)) {
      const status = document.createElement("span");
      status.className = "vh";
      status.textContent = ` ${outcome.status}`;
      made.append(status);
    }
    return made;
  }

  function heads(columns, state, single) {
    const number = columns.filter(Boolean).length;
    table.querySelectorAll(".envs col").forEach((col, place) => { col.hidden = !columns[place % width]; });
    table.querySelectorAll("th.env").forEach((head, place) => { head.hidden = !columns[place % width]; });
    table.querySelectorAll("th.half").forEach((head) => { head.colSpan = number; });
    const plain = plainly(state);
    document.getElementById("written-head").textContent = state.remedy || plain[0].toUpperCase() + plain.slice(1);
    table.classList.toggle("narrow", number === 1);
    document.getElementById("caption-how").textContent = `saved ${plain}${single ? "" : ", beside the best remedy,"}`;
    document.getElementById("caption-loader").textContent = data.headings[data.loaders.indexOf(state.loader)];
  }

  // Loaders of other formats read nothing that was saved as written.
  function plainly(state) {
    const remedy = state.remedy || data.remedies[data.baselines[data.loaders.indexOf(state.loader)]];
    return remedy === "as-written" ? "as written" : `with ${remedy}`;
  }

  function say(count, state, single) {
    const cases = `${count.shown} of ${rows.length} cases`;
    const parts = [`${cases}: ${count.passed} of ${count.applicable} applicable cells pass ${plainly(state)}`];
    if (!single) parts.push(`${count.bestPassed} of ${count.bestApplicable} with the best remedy`);
    if (count.unknown) parts.push(`${count.unknown} not run`);
    document.getElementById("counts").textContent = `${parts.join(", ")}.`;
    document.getElementById("nothing").hidden = count.shown > 0;
    const ask = document.getElementById("ask");
    ask.href = `${ask.href.split("#")[0]}#text=${encodeURIComponent(form.q.value)}`;
  }
}

function tokens(text) {
  return text.toLowerCase().split(/[^\p{L}\p{N}_/]+/u).filter(Boolean);
}

function unique(values) {
  return [...new Set(values)];
}

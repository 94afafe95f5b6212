// Any two environments compared, from the front page's data; `compared.py` does it for neighbours.
"use strict";

if (window.matrix && document.getElementById("compare")) compare(window.matrix);

function compare(data) {
  const form = document.getElementById("compare");
  const place = document.getElementById("compared");
  const fields = ["a", "b"];
  const root = document.querySelector("link[rel=stylesheet]").getAttribute("href").replace("assets/report.css", "");
  const written = data.remedies.indexOf("as-written");
  const order = [written, ...data.remedies.keys()].filter((one, at, all) => one >= 0 && all.indexOf(one) === at);

  for (const name of fields) form[name].replaceChildren(...data.columns.map((one) => new Option(one, one)));
  form.hidden = false;
  place.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    const query = new URLSearchParams(fields.map((name) => [name, form[name].value]));
    history.pushState(null, "", `${location.pathname}?${query}#compare`);
    show();
  });
  window.addEventListener("popstate", () => { read(); show(); });
  read();
  show();

  function read() {
    const query = new URLSearchParams(location.search);
    fields.forEach((name, at) => {
      form[name].value = query.get(name) ?? "";
      if (form[name].selectedIndex < 0) form[name].selectedIndex = Math.min(at, data.columns.length - 1);
    });
  }

  function show() {
    const [one, other] = fields.map((name) => form[name].selectedIndex);
    const names = [data.columns[one], data.columns[other]];
    const packages = data.packages.filter(([, versions]) => versions[one] !== versions[other]);
    const first = packages.filter(([name]) => data.first.includes(name));
    const others = packages.filter(([name]) => !data.first.includes(name));
    const groups = grouped(one, other, first);
    const cells = groups.reduce((sum, group) => sum + group.cells.length, 0);
    document.getElementById("compared-counts").textContent =
      `${names[0]} → ${names[1]}: ${many(packages.length, "package differs", "packages differ")}, ` +
      `${many(cells, "outcome differs", "outcomes differ")}.`;
    place.replaceChildren(
      ...(first.length ? [table(first, names, one, other)] : []),
      ...(others.length ? [fold(many(others.length, "other package", "other packages"), table(others, names, one, other))] : []),
      ...groups.map((group) => section(group, other)),
    );
  }

  // The cells that differ, by the packages whose version alone tells which outcome it is.
  function grouped(one, other, first) {
    const groups = new Map();
    data.cases.forEach((_, number) => {
      for (const remedy of order) {
        data.loaders.forEach((_, loader) => {
          const ends = data.columns.map((_, column) => ending(number, remedy, loader, column));
          const [before, after] = [ends[one], ends[other]];
          if (before === null || after === null || before === after) return;
          const names = first.filter(([, versions]) => goes(versions, ends, before, after)).map(([name]) => name);
          const key = names.join(" or ");
          if (!groups.has(key)) groups.set(key, { names, cells: [] });
          groups.get(key).cells.push({ number, remedy, loader, before, after });
        });
      }
    });
    return [...groups.values()].sort((a, b) => b.cells.length - a.cells.length);
  }

  function goes(versions, ends, before, after) {
    const seen = new Map();
    return ends.every((end, column) => {
      if (end !== before && end !== after) return true;
      if (!seen.has(versions[column])) seen.set(versions[column], end);
      return seen.get(versions[column]) === end;
    });
  }

  // How a cell ended, flaky or not; null where nothing is known of it.
  function ending(number, remedy, loader, column) {
    const at = ((number * data.remedies.length + remedy) * data.loaders.length + loader) * data.columns.length + column;
    const outcome = data.outcomes[data.ends[at]];
    return !outcome || outcome.status === "not-run" ? null : `${outcome.status} ${outcome.stage}`;
  }

  function section(group, other) {
    const made = document.createElement("section");
    made.className = "change";
    made.append(element("h3", `${goesWith(group.names)}: ${many(group.cells.length, "outcome", "outcomes")}`));
    const ways = grouping(group.cells, way);
    for (const cells of ways.values()) {
      const line = element("p", "");
      line.append(shown(cells[0].before), " → ", shown(cells[0].after));
      made.append(line);
      const plain = cells.filter((cell) => cell.remedy === written);
      const rest = cells.filter((cell) => cell.remedy !== written);
      if (plain.length) made.append(list(plain, other, (cell) => data.loaders[cell.loader]));
      if (rest.length) {
        const label = (cell) => `${data.remedies[cell.remedy]}, ${data.loaders[cell.loader]}`;
        made.append(fold(`${rest.length} with other remedies`, list(rest, other, label)));
      }
    }
    return made;
  }

  function goesWith(names) {
    if (names.length) return `Goes with ${names.join(" or ")}`;
    return data.packages.length ? "Goes with no package alone" : "Packages were not written down";
  }

  function way(cell) {
    return `${cell.before} ${cell.after}`;
  }

  function shown(end) {
    const outcome = data.outcomes.find((one) => `${one.status} ${one.stage}` === end);
    const made = element("span", `${outcome.symbol} ${outcome.word.replace(", flaky", "")}`);
    made.className = `outcome ${outcome.status}`;
    if (["fail", "crash", "timeout"].includes(outcome.status)) {
      const status = element("span", ` ${outcome.status}`);
      status.className = "vh";
      made.append(status);
    }
    return made;
  }

  // A line per case, with a link to each of its cells in the second environment.
  function list(cells, other, label) {
    const made = document.createElement("ul");
    made.className = "changed";
    for (const [number, of] of grouping(cells, (cell) => cell.number)) {
      const line = element("li", `${data.cases[number].name}: `);
      of.forEach((cell, at) => {
        const link = element("a", label(cell));
        link.href = root + data.cellPage(number, cell.remedy, cell.loader, other);
        line.append(...(at ? ["; ", link] : [link]));
      });
      made.append(line);
    }
    return made;
  }

  function table(packages, names, one, other) {
    const made = document.createElement("table");
    made.className = "plain versions";
    const head = made.createTHead().insertRow();
    for (const name of ["Package", ...names]) {
      const cell = element("th", name);
      cell.scope = "col";
      head.append(cell);
    }
    const body = made.createTBody();
    for (const [name, versions] of packages) {
      const row = body.insertRow();
      const cell = element("th", name);
      cell.scope = "row";
      row.append(cell, element("td", versions[one] || "–"), element("td", versions[other] || "–"));
    }
    return made;
  }

  function fold(title, content) {
    const made = document.createElement("details");
    made.append(element("summary", title), content);
    return made;
  }

  function element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  function grouping(values, by) {
    const found = new Map();
    for (const value of values) {
      if (!found.has(by(value))) found.set(by(value), []);
      found.get(by(value)).push(value);
    }
    return found;
  }

  function many(number, one, more) {
    return `${number} ${number === 1 ? one : more}`;
  }
}

// One situation of all on the page, chosen with three fields that live in the address.
"use strict";

{
  const form = document.getElementById("situation");
  const sections = [...document.querySelectorAll(".situation")];
  const fields = ["have", "version", "use"];

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    const query = new URLSearchParams(fields.map((name) => [name, form[name].value]));
    history.pushState(null, "", `${location.pathname}?${query}`);
    show();
  });
  for (const event of ["popstate", "hashchange"]) window.addEventListener(event, () => { read(); show(); });
  read();
  show();

  function read() {
    const query = new URLSearchParams(location.search);
    const linked = sections.find((one) => `#${one.id}` === decodeURIComponent(location.hash));
    const values = { version: query.get("version"), have: linked?.dataset.have ?? query.get("have"), use: linked?.dataset.use ?? query.get("use") };
    for (const name of fields) {
      const options = [...form[name].options];
      const found = options.find((one) => one.value === values[name]);
      form[name].value = (found ?? (name === "version" ? options.at(-1) : options[0])).value;
    }
  }

  function show() {
    for (const section of sections) {
      section.hidden = section.dataset.have !== form.have.value || section.dataset.use !== form.use.value;
      for (const take of section.querySelectorAll(".take")) {
        take.hidden = !take.dataset.columns.split(" ").includes(form.version.value);
      }
    }
  }
}

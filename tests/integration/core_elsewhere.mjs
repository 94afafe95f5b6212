// Runs Python code in Pyodide: `node core_elsewhere.mjs PYODIDE SITE CODE DIRECTORY...`.
// Each directory is there under its own path; SITE has the packages.
const [pyodide, site, code, ...directories] = process.argv.slice(2);
const { loadPyodide } = await import(`${pyodide}/pyodide.mjs`);
const python = await loadPyodide();
for (const directory of [site, ...directories]) {
  python.FS.mkdirTree(directory);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: directory }, directory);
}
python.runPython(`import sys; sys.path.insert(0, ${JSON.stringify(site)})`);
process.exitCode = python.runPython(code);

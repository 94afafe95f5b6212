// The data of a matrix as the other scripts read it: what stands once in the file, for every cell.
"use strict";

if (window.matrix) unpack(window.matrix);

// `ends` and `roots`: the outcome and the root cause of each cell by case, remedy, loader and
// column, -1 where there is none. `remedyPage` and `cellPage`: where they are, from the report's root.
function unpack(data) {
  const width = data.columns.length;
  const { remedies, loaders, columns, own } = data.anchors;
  data.ends = new Int32Array(data.at.length * width).fill(-1);
  data.roots = new Int32Array(data.at.length * width).fill(-1);
  data.at.forEach((number, place) => {
    if (number < 0) return;
    const row = data.rows[number];
    for (let column = 0; column < width; column += 1) {
      data.ends[place * width + column] = row[2 * column];
      data.roots[place * width + column] = row[2 * column + 1];
    }
  });
  data.remedyPage = (one, remedy) => `${data.cases[one].page}#remedy~${remedies[remedy]}`;
  data.cellPage = (one, remedy, loader, column) => {
    const plain = [remedies[remedy], columns[column], loaders[loader]].join(".");
    return `${data.cases[one].page}#${own[loader].length ? own[loader][remedy][column] : plain}`;
  };
}

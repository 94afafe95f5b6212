// The page explain.html: looks a pasted error up in data/explain.js. What it does is done in Python
// by analysis/error_text.py and analysis/error_index.py, step by step; a test compares the two.
"use strict";

const { rules, numbers, index, causes, words, report } = window.explanations;
const KNOWN = "known";
const POSSIBLE = "possible";

// Text reduced to letters and digits in lower case, so that no line end can split a word.
class Squashed {
  constructor(text) {
    this.text = text;
    this.places = [];
    this.offsets = [];
    this.starts = new Set();
    const chunks = [];
    const parting = new RegExp(rules.parting);
    let number = 0;
    let end = 0;
    for (const found of text.matchAll(new RegExp(rules.letters, "g"))) {
      if (!number || parting.test(text.slice(end, found.index))) this.starts.add(number);
      this.places.push(found.index);
      this.offsets.push(number);
      chunks.push(found[0]);
      number += found[0].length;
      end = found.index + found[0].length;
    }
    this.starts.add(number);
    this.letters = chunks.join("").toLowerCase();
  }

  lineOf(number) {
    let low = 0;
    let high = this.offsets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.offsets[middle] <= number) low = middle + 1;
      else high = middle;
    }
    return this.text.slice(0, this.places[low - 1]).split("\n").length - 1;
  }

  find(part, start, end) {
    const open = part.endsWith("*");
    const sought = open ? part.slice(0, -1) : part;
    let place = this.letters.indexOf(sought, start);
    while (place >= 0 && place <= end) {
      const whole = open || this.starts.has(place + sought.length);
      if (this.starts.has(place) && whole) return place;
      place = this.letters.indexOf(sought, place + 1);
    }
    return -1;
  }
}

function at(pattern) {
  return new RegExp(`^(?:${pattern})`);
}

function read(pasted) {
  let text = pasted;
  for (const [pattern, instead] of rules.text) text = text.replace(new RegExp(pattern, "g"), instead);
  text = text.slice(-numbers.longest);
  const prefixes = rules.prefixes.map(at);
  const lines = messages(text.split("\n").map((line) => withoutPrefix(line, prefixes)));
  return {
    lines,
    everything: new Squashed(text),
    messages: new Squashed(lines.join("\n")),
    words: text.split(/[ \n]+/).filter(Boolean).length,
  };
}

function withoutPrefix(whole, prefixes) {
  let line = whole;
  for (let round = 0; round < numbers.rounds; round += 1) {
    const before = line;
    for (const prefix of prefixes) line = line.replace(prefix, "");
    if (line === before) break;
  }
  return line;
}

// The lines without the frames of tracebacks, and the code that these show.
function messages(lines) {
  const [frameStart, error, place, arrow] = [rules.frame, rules.error, rules.place, rules.arrow].map(at);
  const code = at(`${rules.arrow}|${rules.numbered}`);
  const notebook = lines.some((line) => arrow.test(line));
  const kept = [];
  let frame = -1;
  for (const line of lines) {
    const deep = line.length - line.replace(/^ +/, "").length;
    if (frameStart.test(line)) {
      frame = deep;
      continue;
    }
    if (frame >= 0 && deep > frame && !error.test(line)) continue;
    frame = -1;
    if (place.test(line)) continue;
    if (notebook && code.test(line)) continue;
    kept.push(line);
  }
  return kept;
}

function squash(text) {
  return (text.match(new RegExp(rules.letters, "g")) ?? []).join("").toLowerCase();
}

function explain(pasted) {
  const error = read(pasted);
  const found = new Map();
  for (const sign of index.signs) {
    if (sign.alone && error.words > numbers.short) continue;
    const place = placeOf(sign, error);
    if (place >= 0) {
      const line = shown(error.lines[error.messages.lineOf(place)]);
      keep(found, { key: sign.cause, confidence: sign.known ? KNOWN : POSSIBLE, score: sign.score, line });
    }
  }
  if (![...found.values()].some((match) => match.confidence === KNOWN)) {
    if (error.words <= numbers.short) byIdentifier(error, found);
    byWords(error, found);
  }
  const ranked = [...found.values()].sort((one, other) => order(one.confidence, other.confidence)
    || other.score - one.score
    || (index.cells[other.key] ?? 0) - (index.cells[one.key] ?? 0)
    || order(one.key, other.key));
  const sure = ranked.filter((match) => match.confidence === KNOWN);
  return (sure.length ? sure : ranked).slice(0, numbers.most);
}

function order(one, other) {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

// The better of two matches of a cause; the first of two that are equal.
function keep(found, match) {
  const before = found.get(match.key);
  const better = !before || order(match.confidence, before.confidence) < 0
    || (match.confidence === before.confidence && match.score > before.score);
  if (better) found.set(match.key, match);
}

function placeOf(sign, error) {
  const place = inOrder(sign.parts, error.messages);
  if (place < 0) return -1;
  const every = error.everything;
  const has = (one) => every.find(one, 0, every.letters.length) >= 0;
  if (!(sign.with ?? []).every(has)) return -1;
  return (sign.without ?? []).some(has) ? -1 : place;
}

function lengthOf(part) {
  return part.endsWith("*") ? part.length - 1 : part.length;
}

function inOrder(parts, text) {
  const last = text.letters.length;
  let place = text.find(parts[0], 0, last);
  while (place >= 0) {
    let end = place + lengthOf(parts[0]);
    let whole = true;
    for (const part of parts.slice(1)) {
      const following = text.find(part, end, end + numbers.gap);
      if (following < 0) {
        whole = false;
        break;
      }
      end = following + lengthOf(part);
    }
    if (whole) return place;
    place = text.find(parts[0], place + 1, last);
  }
  return -1;
}

function own(object, name) {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function byIdentifier(error, found) {
  for (const line of error.lines) {
    for (const word of line.split(/[ ]+/)) {
      for (const key of own(index.identifiers, squash(word)) ?? []) {
        keep(found, { key, confidence: POSSIBLE, score: 1, line: shown(line) });
      }
    }
  }
}

function byWords(error, found) {
  for (const line of error.lines) {
    const every = (line.match(new RegExp(rules.words, "g")) ?? []).map((word) => word.toLowerCase());
    const distinct = [...new Set(every)];
    let total = 0;
    const sums = new Map();
    for (const word of distinct) {
      total += own(index.weights, word) ?? numbers.unknown;
      for (const key of own(index.words, word) ?? []) {
        const one = sums.get(key) ?? { number: 0, weight: 0 };
        one.number += 1;
        one.weight += index.weights[word];
        sums.set(key, one);
      }
    }
    for (const [key, { number, weight }] of sums) {
      if (number >= numbers.words && weight >= numbers.weight && weight * 100 >= total * numbers.part) {
        const score = 2 + Math.min(Math.floor(weight / 40), 7);
        keep(found, { key, confidence: POSSIBLE, score, line: shown(line) });
      }
    }
  }
}

function shown(whole) {
  const line = whole.replace(/[ ]+/g, " ").replace(/^ /, "").replace(/ $/, "");
  return line.length <= numbers.shown ? line : `${line.slice(0, numbers.shown)}...`;
}

// The page.

const LONGEST_ADDRESS = 8000; // characters of what was pasted that an address carries
const FEW = 3; // possible causes that are explained; of more there is the title alone
const form = document.getElementById("explain");
const answer = document.getElementById("answer");

function element(name, text, className) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function link(href, text) {
  const made = element("a", text);
  made.href = href;
  return made;
}

function list(rows) {
  const made = element("dl", "", "explanation");
  for (const [label, content] of rows) {
    const described = element("dd");
    described.append(...(Array.isArray(content) ? content : [content]));
    made.append(element("dt", label), described);
  }
  return made;
}

function titled(cause) {
  return cause.href ? link(cause.href, cause.title) : document.createTextNode(cause.title);
}

function article(match) {
  const cause = causes[match.key];
  const made = element("article", "", "cause");
  const heading = element("h2");
  heading.append(titled(cause));
  const upstream = cause.links.flatMap((one, number) => [number ? ", " : "", link(one, one.replace("https://", ""))]);
  const rows = [[words.line, element("code", match.line)], ["What happens", cause.what], ["What to do", cause.do]];
  if (match.confidence === KNOWN) rows.push(["Why", cause.why], ["Since", cause.since]);
  made.append(heading, list([...rows, ["Upstream", upstream]]));
  return made;
}

function show() {
  const text = form.elements.text.value;
  answer.replaceChildren();
  if (!text.trim()) return;
  const matches = explain(text);
  const sure = matches[0]?.confidence === KNOWN;
  const possible = matches.length === 1 ? words.possible : words.possibles;
  const said = matches.length ? (sure ? words.known : possible) : words.unknown;
  answer.append(element("p", said, "finding"));
  answer.append(...matches.slice(0, FEW).map(article));
  if (matches.length > FEW) {
    const others = element("ul");
    for (const match of matches.slice(FEW)) {
      const item = element("li");
      item.append(titled(causes[match.key]));
      others.append(item);
    }
    answer.append(element("p", "Or one of these:"), others);
  }
  if (!matches.length) answer.append(list(report));
  else if (!sure) answer.append(element("p", words.more, "quiet"));
}

function remember() {
  const text = form.elements.text.value;
  let address = "";
  if (text && text.length <= LONGEST_ADDRESS) {
    try {
      address = `#text=${encodeURIComponent(text)}`;
    } catch {
      address = ""; // half a character cannot be in an address
    }
  }
  history.replaceState(null, "", location.pathname + location.search + address);
}

function recall() {
  const carried = location.hash.match(/^#text=(.*)$/);
  if (!carried) return;
  try {
    form.elements.text.value = decodeURIComponent(carried[1]);
  } catch {
    return; // somebody else's address
  }
  show();
}

let waiting = 0;
window.explainError = explain;
form.hidden = false;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  remember();
  show();
});
form.addEventListener("reset", () => {
  setTimeout(() => { // the browser empties it after this event only
    remember();
    show();
  });
});
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    remember();
    show();
  }, 200);
});
window.addEventListener("hashchange", recall);
recall();

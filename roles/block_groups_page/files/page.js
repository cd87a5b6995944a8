"use strict";

const STATES = {
  present: "in the group",
  expired: "expired: it may no longer be blocked",
  unconfirmed: "unconfirmed: it may or may not be in the group",
  rejected: "rejected: the server did not take it",
  removed: "removed",
  not_found: "not in the group",
  absent: "not in the group",
};
// The same in front of groups, in the order in which it is said; the first three may block.
const SAID = {
  present: "blocked in ",
  unconfirmed: "perhaps in ",
  expired: "perhaps still in, though expired: ",
  rejected: "rejected for ",
  removed: "removed from ",
  not_found: "not found in ",
  absent: "not in ",
};
const MAY_BLOCK = new Set(["present", "unconfirmed", "expired"]);
const SEPARATORS = /[\s.()/\-\u2010-\u2015\u2212]/g;
// "+91 (0) 99999 00001": the zero in brackets is dialled inside the country only.
const TRUNK_ZERO = /^([\s(]*(?:\+|00)?[\s(]*[1-9][0-9]{0,2}[\s)]*)[\s./\-\u2010-\u2015\u2212]*\(\s*0\s*\)/;
const DIGIT = /^\p{Nd}$/u;

// The digits of each script follow one another, zero first, in tens.
function asAscii(character) {
  if (character === "\uff0b") return "+";
  if (!DIGIT.test(character)) return character;
  const code = character.codePointAt(0);
  let zero = code;
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}

// An optional + and 3 to 16 digits, as the collection reads an entry of a list; null for all else.
function readNumber(text) {
  const visible = Array.from(text.replace(/\p{Cf}/gu, ""), asAscii).join("").trim().replace(/^'+/, "");
  const bare = visible.replace(/^(tel|callto)(?![\p{L}\p{N}_])[\s.:]*/iu, "").replace(TRUNK_ZERO, "$1");
  const cleaned = bare.replace(SEPARATORS, "");
  return /^\+?[0-9]{3,16}$/.test(cleaned) ? cleaned : null;
}

// Every line that a number might reach, by the collection's own rule: plugins/module_utils/_domain/lines.py.
function possibleLines(number) {
  const digits = number.replace(/^\++/, "");
  const lines = new Set([digits]);
  if (!number.startsWith("+") || digits.startsWith("0")) {
    lines.add(digits.replace(/^0+/, "") || digits);
    for (const line of [...lines]) if (line.length === 10) lines.add(`91${line}`);
  }
  for (const line of [...lines]) if (line.length === 13 && line.startsWith("910")) lines.add(`91${line.slice(3)}`);
  for (const line of [...lines]) if (line.length === 14 && line.startsWith("9191")) lines.add(line.slice(2));
  return lines;
}

// A column of the record: its different values, and for each number which of them it has, unless there is only one.
function readColumn(column) {
  const places = column.values.length > 1 ? column.places.trim().split(" ") : null;
  return (row) => column.values[places ? places[row] : 0];
}

// Which rows of which groups each line may be: line => [group, row, group, row, ...].
function indexOf(groups) {
  const index = new Map();
  groups.forEach((group, place) => {
    group.numbers.forEach((number, row) => {
      for (const line of possibleLines(number)) {
        const known = index.get(line);
        if (known) known.push(place, row);
        else index.set(line, [place, row]);
      }
    });
  });
  return index;
}

function readRecord() {
  const { groups, runs } = JSON.parse(document.getElementById("record").textContent);
  const read = groups.map(({ name, end, numbers, columns }) => ({
    name,
    end,
    numbers: numbers ? numbers.split(" ") : [],
    ...Object.fromEntries(Object.entries(columns).map(([key, column]) => [key, readColumn(column)])),
  }));
  return { groups: read, runs, index: indexOf(read) };
}

// What is on record of a number in any spelling, each once, in the order of the groups.
function findNumber(record, number) {
  const found = new Map();
  for (const line of possibleLines(number)) {
    const places = record.index.get(line) || [];
    for (let at = 0; at < places.length; at += 2) found.set(`${places[at]} ${places[at + 1]}`, places.slice(at, at + 2));
  }
  return [...found.values()].sort((one, other) => one[0] - other[0] || one[1] - other[1]);
}

const timeText = (time) => (time ? `${time.slice(0, 10)} ${time.slice(11, 16)} UTC` : "not recorded");

function runText(runs, id) {
  if (id === null) return "not recorded";
  const run = runs[id];
  return run ? `${timeText(run[0])}, by ${run[1]} on ${run[2]}` : `run ${id}, which is no longer on record`;
}

function cellsOf(record, [place, row]) {
  const group = record.groups[place];
  return [
    group.name,
    STATES[group.state(row)] || group.state(row),
    group.numbers[row],
    timeText(group.since(row)),
    group.expiry_date(row) || group.end,
    runText(record.runs, group.run(row)),
    group.note(row) || "",
  ];
}

// Text of others, whose direction of writing must not turn round what stands beside it. U+2069 in it would end that.
function own(text) {
  const isolated = document.createElement("bdi");
  isolated.textContent = text.replaceAll("\u2069", "");
  return isolated;
}

function rowOf(cells) {
  const row = document.createElement("tr");
  cells.forEach((text, place) => {
    const cell = document.createElement(place ? "td" : "th");
    if (!place) cell.scope = "row";
    cell.append(own(text));
    row.append(cell);
  });
  return row;
}

// In which groups, and in which state there; a group that holds it in several spellings is told with each.
function placesOf(record, found) {
  const names = found.map(([place]) => record.groups[place].name);
  return found.map(([place, row]) => {
    const { name, numbers, state } = record.groups[place];
    const isOnce = names.indexOf(name) === names.lastIndexOf(name);
    return { state: state(row), name, spelling: isOnce ? "" : ` (as ${numbers[row]})` };
  });
}

// What is on record in a sentence: what blocks first, then what may block, then what does not.
function toldOf(record, found) {
  const places = placesOf(record, found);
  const sentence = [];
  for (const [state, words] of Object.entries(SAID)) {
    const those = places.filter((place) => place.state === state);
    if (those.length && !MAY_BLOCK.has(state) && !sentence.length) sentence.push("in no group now: ");
    else if (those.length && sentence.length) sentence.push("; ");
    those.forEach(({ name, spelling }, at) => sentence.push(at ? ", " : words, own(name), spelling));
  }
  return sentence;
}

function said(number, found, record) {
  if (number === null) return ["This is no telephone number: give 3 to 16 digits."];
  if (found.length) return [`${number}: `, ...toldOf(record, found), "."];
  const hasCountry = /^(\+|00)/.test(number);
  return [`${number}: not on record.`, hasCountry ? "" : " A number of another country than India needs its country code."];
}

function search(record, text) {
  const number = readNumber(text);
  const found = number === null ? [] : findNumber(record, number);
  document.getElementById("said").replaceChildren(...(text.trim() ? said(number, found, record) : []));
  document.getElementById("found").replaceChildren(...found.map((place) => rowOf(cellsOf(record, place))));
  document.getElementById("findings").hidden = !found.length;
}

function start() {
  const field = document.getElementById("number");
  let record = null; // read when it is first needed: it may be long
  let waiting = 0;
  const now = () => {
    clearTimeout(waiting);
    record = record || readRecord();
    search(record, field.value);
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(now, 200); // so that not every digit is read out
  });
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    now();
  });
  document.getElementById("search").hidden = false;
}

start();

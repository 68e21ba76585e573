// The page: takes files, addresses and texts, and has them examined, a few at a time.

import { Answer } from "./answer.js";

const element = (id) => document.getElementById(id);
const form = element("form");
const input = element("file");
const zone = element("zone");
const words = form.dataset;

let answers = [];
let waiting = [];
let running = 0;
let done = 0;

document.documentElement.classList.add("scripted");
input.multiple = true;

function add(asked) {
  const most = Number(words.maxFiles);
  element("problem").textContent = asked.length > most ? words.tooMany : "";
  const address = element("keep")?.checked ? `${form.action}&keep=1` : form.action;
  const added = asked.slice(0, most).map((each) => new Answer(each, { words, address, field: input.name }));
  for (const answer of added) answer.again = () => { done -= 1; queue([answer]); };
  answers = [...added, ...answers];
  element("answers").prepend(...added.map((answer) => answer.element));
  queue(added);
}

function queue(added) {
  waiting.push(...added);
  startNext();
}

function startNext() {
  while (running < Number(words.atOnce) && waiting.length) run(waiting.shift());
  showProgress();
}

async function run(answer) {
  running += 1;
  await answer.ask();
  if (!answers.includes(answer)) return; // the list was cleared
  running -= 1;
  done += 1;
  startNext();
  // A single answer is what its reader waits for; of several none takes the place of another.
  if (answers.length === 1 && answer.headline) answer.open();
}

function showProgress() {
  const finished = done === answers.length;
  element("clear").hidden = answers.length === 0;
  let text = answers.length ? words.progress.replace("{done}", done).replace("{all}", answers.length) : "";
  if (answers.length === 1 && finished && answers[0].headline) text = words.done.replace("{name}", answers[0].asked.name);
  element("status").textContent = text;
}

function clear() {
  for (const answer of answers) answer.remove();
  answers = [];
  waiting = [];
  running = 0;
  done = 0;
  showProgress();
  input.focus();
}

const addFiles = (files) => add(Array.from(files, (file) => ({ name: file.name, file })));
const addAddress = (url) => add([{ name: url, url }]);

input.addEventListener("change", () => {
  if (input.files.length) addFiles(input.files);
  input.value = ""; // so that the same file can be chosen again
});
form.addEventListener("submit", (event) => event.preventDefault());
element("clear").addEventListener("click", clear);

element("url-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  addAddress(element("url").value.trim());
});

element("text-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = event.target.dataset.name;
  add([{ name, file: new File([element("text").value], name, { type: "text/plain" }) }]);
});

// Files, or a link that was dragged out of another window.
function addFrom(transfer) {
  const link = transfer.getData("text/uri-list").split("\n").find((line) => line.startsWith("http"));
  if (transfer.files.length) addFiles(transfer.files);
  else if (link) addAddress(link.trim());
}

document.addEventListener("paste", (event) => {
  if (!event.target.closest("input, textarea")) addFrom(event.clipboardData);
});

// A file that misses the zone would otherwise replace the page.
for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    event.preventDefault();
    const leaving = type === "drop" || (type === "dragleave" && !event.relatedTarget);
    zone.classList.toggle("over", !leaving);
    if (type === "drop") addFrom(event.dataTransfer);
  });
}

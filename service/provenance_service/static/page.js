"use strict";

const element = (id) => document.getElementById(id);
const form = element("form");
const input = element("file");
const zone = element("zone");
const preview = element("preview");
const words = form.dataset;

let request = null;

document.documentElement.classList.add("scripted");

const say = (text, name) => { element("status").textContent = text.replace("{name}", name); };
const complain = (text) => { element("problem").textContent = text; };

// The browser's own object URLs hold the file or the answer in memory until they are released.
function pointTo(target, attribute, content) {
  URL.revokeObjectURL(target[attribute]);
  target.hidden = !content;
  if (content) target[attribute] = URL.createObjectURL(content);
  else target.removeAttribute(attribute);
}

function clear() {
  if (request) request.abort();
  request = null;
  say("", "");
  complain("");
  element("result").replaceChildren();
  element("progress").hidden = true;
  pointTo(element("save"), "href", null);
}

function showProgress(fraction) {
  const progress = element("progress");
  progress.hidden = false;
  if (fraction === null) progress.removeAttribute("value");
  else progress.value = fraction;
}

function showAnswer(html, name) {
  const report = new DOMParser().parseFromString(html, "text/html").getElementById("report");
  element("result").replaceChildren(document.adoptNode(report));
  say(words.done, name);
  const save = element("save");
  save.download = `${name}.html`;
  pointTo(save, "href", new Blob([html], { type: "text/html" }));
  report.querySelector("h1").focus();
}

function showProblem(text) {
  say("", "");
  try {
    const { title, detail } = JSON.parse(text);
    complain(`${title}. ${detail}`);
  } catch {
    complain(words.unreachable);
  }
}

// fetch() does not tell how much of an upload has been sent.
function send(file) {
  const sending = new XMLHttpRequest();
  const fields = new FormData();
  fields.append(input.name, file);
  sending.open("POST", form.action);
  sending.setRequestHeader("Accept", "text/html");
  sending.upload.onprogress = (event) => showProgress(event.lengthComputable ? event.loaded / event.total : null);
  sending.upload.onload = () => { say(words.examining, file.name); showProgress(null); };
  sending.onload = () => {
    if (sending.status === 200) showAnswer(sending.responseText, file.name);
    else showProblem(sending.responseText);
  };
  sending.onerror = () => showProblem("");
  sending.onloadend = () => { if (request === sending) element("progress").hidden = true; };
  request = sending;
  say(words.sending, file.name);
  showProgress(0);
  sending.send(fields);
}

function examine(file) {
  clear();
  pointTo(preview, "src", file.type.startsWith("image/") ? file : null);
  if (file.size > Number(words.maxUpload)) complain(words.tooLarge);
  else send(file);
}

input.addEventListener("change", () => { if (input.files.length) examine(input.files[0]); });
input.addEventListener("click", () => { input.value = ""; });
preview.addEventListener("error", () => { preview.hidden = true; });
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (input.files.length) examine(input.files[0]);
});

// A file that misses the zone would otherwise replace the page.
for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    event.preventDefault();
    const leaving = type === "drop" || (type === "dragleave" && !event.relatedTarget);
    zone.classList.toggle("over", !leaving);
    if (type === "drop" && event.dataTransfer.files.length) examine(event.dataTransfer.files[0]);
  });
}

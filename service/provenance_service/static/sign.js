// The sign page: asks for what the chosen profile needs, and has the file signed. The key stays in its field.

import { formOf, pointTo, send } from "./sending.js";

const element = (id) => document.getElementById(id);
const form = element("sign");
const fields = Array.from(document.querySelectorAll("[data-fact]"));
const control = (field) => field.querySelector("input, select, textarea");

document.documentElement.classList.add("scripted");

function askFor({ value, dataset: { requires = "", parent: origin, ai } }) {
  const required = requires.split(" ");
  for (const field of fields) {
    field.hidden = !value || ("ai" in field.dataset && ai === undefined);
    control(field).required = !field.hidden && required.includes(field.dataset.fact);
    field.querySelector(".needed").hidden = !control(field).required;
  }
  const parent = element("parent");
  parent.required = origin === "required";
  element("parent-field").hidden = !parent.required;
}

function facts() {
  const said = { profile: element("profile").value };
  if (element("credential")) said.credential = element("credential").value;
  for (const field of fields) {
    const value = control(field).value.trim();
    if (!field.hidden && value) said[field.dataset.fact] = value;
  }
  return JSON.stringify(said);
}

function showProgress(share) {
  const progress = element("progress");
  progress.hidden = share === null;
  if (share === 1) progress.removeAttribute("value");
  else progress.value = share ?? 0;
}

function showSigned(answered, name) {
  element("status").textContent = form.dataset.done.replace("{name}", name);
  element("download").download = name;
  pointTo(element("download"), "href", answered.response);
  const keys = (answered.getResponseHeader("Provenance-Remarks") ?? "").split(", ").filter(Boolean);
  const items = keys.map((key) => {
    const item = document.createElement("li");
    item.textContent = form.getAttribute(`data-remark-${key.replace(/[._]/g, "-")}`) ?? key;
    return item;
  });
  element("remarks").hidden = items.length === 0;
  element("remarks").querySelector("ul").replaceChildren(...items);
  element("signed").hidden = false;
  element("download").focus();
}

async function sign() {
  const [file] = element("file").files;
  const parent = element("parent-field").hidden ? [] : element("parent").files;
  element("signed").hidden = true;
  element("problem").textContent = "";
  element("status").textContent = form.dataset.signing.replace("{name}", file.name);
  form.querySelector("button").disabled = true;
  try {
    const size = file.size + (parent[0]?.size ?? 0);
    if (size > Number(form.dataset.maxUpload)) throw new Error(form.dataset.tooLarge);
    const body = formOf({ facts: facts(), file, ...(parent[0] ? { parent: parent[0] } : {}) });
    const headers = { Authorization: `Bearer ${element("key").value}` };
    showSigned(await send(form.action, body, { headers, progress: showProgress }), file.name);
  } catch (error) {
    element("status").textContent = "";
    element("problem").textContent = error.type?.endsWith(":no-key") ? form.dataset.unknownKey : error.message;
  } finally {
    showProgress(null);
    form.querySelector("button").disabled = false;
  }
}

if (form) {
  element("profile").addEventListener("change", (event) => askFor(event.target.selectedOptions[0]));
  askFor(element("profile").selectedOptions[0]);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sign();
  });
}

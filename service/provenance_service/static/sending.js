// Sends something to the service: tells how much of it is sent, and says in words what went wrong.

const TRANSIENT = [0, 408, 502, 503, 504];

export class Refusal extends Error {
  constructor(text, { type = "", status = 0 } = {}) {
    super(text);
    this.type = type;
    this.mayPass = TRANSIENT.includes(status);
  }
}

async function refusalOf(request) {
  try {
    const { title, detail, type } = JSON.parse(await request.response.text());
    return new Refusal(`${title}. ${detail}`, { type, status: request.status });
  } catch {
    return new Refusal(document.body.dataset.unreachable);
  }
}

// fetch() does not tell how much of an upload has been sent. `progress` gets a share of 1.
export function send(url, body, { headers = {}, progress = () => {}, signal = null } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "blob";
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => { if (event.lengthComputable) progress(event.loaded / event.total); };
    request.upload.onload = () => progress(1);
    request.onload = async () => {
      if (request.status === 200) resolve(request);
      else reject(await refusalOf(request));
    };
    request.onerror = () => reject(new Refusal(document.body.dataset.unreachable));
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

// The browser's own object URLs hold a file or an answer in memory until they are released.
export function pointTo(target, attribute, content) {
  URL.revokeObjectURL(target[attribute]);
  target[attribute] = URL.createObjectURL(content);
  target.hidden = false;
}

export function release(element) {
  for (const each of element.querySelectorAll("[src^='blob:'], [href^='blob:']")) {
    URL.revokeObjectURL(each.src ?? each.href);
  }
}

export function formOf(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

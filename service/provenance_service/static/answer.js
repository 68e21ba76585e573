// One thing to examine, from waiting to its answer, and its place on the page.

import { formOf, pointTo, release, send } from "./sending.js";

// The page has one heading above the answer, and the answer's file is the second.
const HEADINGS_ABOVE = 2;

export class Answer {
  // `asked` is { name, file } or { name, url }; `words` and `address` are those of the page's form.
  constructor(asked, { words, address, field }) {
    Object.assign(this, { asked, words, address, field, stopping: new AbortController() });
    this.element = document.getElementById("answer").content.cloneNode(true).firstElementChild;
    this.part("name").textContent = asked.name;
    this.part("again").addEventListener("click", () => this.again());
    this.part("print").addEventListener("click", () => this.print());
    this.part("copy").addEventListener("click", () => this.copyLink());
    const preview = this.part("preview");
    preview.addEventListener("error", () => { preview.hidden = true; });
    if (this.isPicture) pointTo(preview, "src", asked.file);
    this.state("waiting", words.waiting);
  }

  part(name) { return this.element.querySelector(`[data-part="${name}"]`); }

  get isPicture() { return Boolean(this.asked.file?.type.startsWith("image/")); }

  get headline() { return this.part("report").querySelector("h1"); }

  // `name`: waiting, busy, done or problem.
  state(name, text) {
    this.element.dataset.state = name;
    const state = this.part("state");
    if (name === "problem") state.setAttribute("role", "alert");
    else state.removeAttribute("role");
    state.textContent = text;
  }

  progress(share) {
    const progress = this.part("progress");
    progress.hidden = share === null;
    progress.setAttribute("aria-label", this.asked.name);
    // Sent, and not yet answered: there is nothing to measure.
    if (share === 1) progress.removeAttribute("value");
    else progress.value = share ?? 0;
    if (share !== null) this.state("busy", share < 1 ? this.words.sending : this.words.examining);
  }

  // Never rejects: what went wrong with one must not stop the others.
  async ask() {
    this.part("again").hidden = true;
    try {
      const { file } = this.asked;
      if (file && file.size > Number(this.words.maxUpload)) throw new Error(this.words.tooLarge);
      this.progress(file ? 0 : 1);
      const body = file ? formOf({ [this.field]: file }) : JSON.stringify({ url: this.asked.url });
      const headers = file ? {} : { "Content-Type": "application/json" };
      const answered = await send(this.address, body, {
        headers: { Accept: "text/html", ...headers },
        progress: (share) => this.progress(share),
        signal: this.stopping.signal,
      });
      await this.show(answered);
    } catch (error) {
      this.state("problem", error.message);
      this.part("again").hidden = !error.mayPass;
    } finally {
      this.progress(null);
    }
  }

  async show(answered) {
    const html = answered.response;
    const report = new DOMParser().parseFromString(await html.text(), "text/html").getElementById("report");
    for (const heading of report.querySelectorAll("h1, h2, h3")) {
      heading.ariaLevel = Number(heading.localName[1]) + HEADINGS_ABOVE;
    }
    this.part("report").replaceChildren(...report.childNodes);
    this.element.dataset.tone = this.part("report").querySelector(".headline").classList[1];
    this.state("done", this.headline.textContent);
    this.part("whole").hidden = false;
    if (this.isPicture && this.words.heatMap) this.offerWhere();
    const save = this.part("save");
    save.download = `${this.asked.name}.html`;
    pointTo(save, "href", html);
    const kept = answered.getResponseHeader("Provenance-Report");
    if (kept) {
      this.part("address").value = new URL(kept, document.baseURI);
      this.part("link").hidden = false;
    }
  }

  open() {
    this.part("whole").open = true;
    this.headline?.focus();
  }

  print() {
    document.body.classList.add("printing-one");
    this.element.classList.add("printed");
    window.print();
    this.element.classList.remove("printed");
    document.body.classList.remove("printing-one");
  }

  // Where the estimate stands, so that it is read as one; and only where there is one.
  offerWhere() {
    const estimates = this.part("report").querySelector(".estimates:has(li)");
    if (!estimates) return;
    estimates.append(document.getElementById("where").content.cloneNode(true));
    this.part("where").addEventListener("click", () => this.showWhere());
  }

  async showWhere() {
    const [where, drawn, note] = [this.part("where"), this.part("drawn"), this.part("note")];
    where.disabled = true;
    this.part("map").hidden = false;
    note.textContent = this.words.drawing;
    try {
      const { response } = await send(this.words.heatMap, formOf({ [this.field]: this.asked.file }), {
        signal: this.stopping.signal,
      });
      drawn.alt = this.words.whereAlt.replace("{name}", this.asked.name);
      pointTo(drawn, "src", response);
      note.textContent = this.words.whereNote;
      where.hidden = true;
    } catch (error) {
      note.textContent = error.message;
      where.disabled = !error.mayPass;
    }
  }

  // The newer way to copy works over https only, and many of these servers are in a house's own network.
  copyLink() {
    this.part("address").select();
    if (document.execCommand("copy")) this.part("copy").textContent = this.words.copied;
  }

  remove() {
    this.stopping.abort();
    release(this.element);
    this.element.remove();
  }
}

"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const falling = head.getAttribute("aria-sort") !== "descending";
    heads.forEach(each => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const key = row => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
    const rows = [...body.rows].sort((a, b) => {
      const one = key(a), other = key(b);
      if (one === "" || other === "") return (one === "") - (other === "");
      const order = isNaN(one) || isNaN(other) ? String(one).localeCompare(other) : one - other;
      return falling ? -order : order;
    });
    body.append(...rows);
  }));
}
const choices = [...document.querySelectorAll("select[data-filter]")];
function filter() {
  for (const row of document.querySelectorAll("tr[data-suite]")) {
    row.hidden = choices.some(choice => row.dataset[choice.dataset.filter] !== undefined && choice.value && row.dataset[choice.dataset.filter] !== choice.value);
  }
}
choices.forEach(choice => choice.addEventListener("change", filter));
document.querySelectorAll("form").forEach(form => { form.hidden = false; });
filter();


const search = document.getElementById("search");
search.addEventListener("input", () => {
  const wanted = search.value.toLowerCase();
  for (const clause of document.querySelectorAll(".clause")) {
    const about = clause.querySelector("p").textContent.toLowerCase().includes(wanted);
    let any = about;
    for (const row of clause.querySelectorAll("tr")) {
      const text = (row.dataset.id + " " + row.textContent).toLowerCase();
      row.hidden = !about && !text.includes(wanted);
      any = any || !row.hidden;
    }
    clause.hidden = !any;
  }
});
// A link to a closed page opens it.
const open = () => {
  const page = document.getElementById(location.hash.slice(1));
  if (page && page.tagName === "DETAILS") { page.open = true; page.scrollIntoView(); }
};
addEventListener("hashchange", open);
open();

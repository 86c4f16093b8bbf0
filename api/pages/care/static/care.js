// What scripts add to pages that work without them: counting characters, focus on what is wrong, one click for two, and
// a look at the line before a form goes, because a browser that cannot reach us throws away what was typed.
import { initAll } from "./nhsuk.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();

const CUT = "There is no connection. Nothing was sent, and what you typed is still here. Try again.";
let looked = null;
const looking = new Set();

async function reaches() {
  try {
    return (await fetch("/livez", { method: "HEAD", cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

function say(form, text) {
  let place = form.querySelector("[data-cut]");
  if (!place && !text) return;
  if (!place) {
    place = document.createElement("p");
    place.className = "nhsuk-error-message";
    place.setAttribute("role", "alert");
    place.dataset.cut = "";
    form.append(place);
  }
  place.textContent = text;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post" || form === looked || event.defaultPrevented) return;
  event.preventDefault();
  if (looking.has(form)) return;
  looking.add(form);
  const reached = await reaches();
  looking.delete(form);
  say(form, reached ? "" : CUT);
  if (!reached) return;
  looked = form;
  form.requestSubmit(event.submitter);
  looked = null;
});

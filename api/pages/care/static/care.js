// What scripts add to pages that work without them: counting characters, focus on what is wrong, one click for two.
import { initAll } from "./nhsuk.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();

// Leaving in a hurry: the page goes blank at once, the session ends behind it, and this page is not one step back.
// Three times the Shift key does the same as the link. Without this script the link still leads away.
const exit = document.getElementById("exit");
const PRESSES = 3;
const WITHIN = 5000;
let pressed = [];

function leave(event) {
  event?.preventDefault();
  document.documentElement.hidden = true;
  document.title = "";
  const signOut = document.querySelector('form[action="/auth/sign-out"]');
  if (signOut) fetch(signOut.action, { method: "POST", body: new URLSearchParams(new FormData(signOut)), keepalive: true, redirect: "manual" });
  window.location.replace(exit.href);
}

exit.addEventListener("click", leave);
document.addEventListener("keyup", (event) => {
  if (event.key !== "Shift") {
    pressed = [];
    return;
  }
  pressed = [...pressed, event.timeStamp].slice(-PRESSES);
  if (pressed.length === PRESSES && event.timeStamp - pressed[0] < WITHIN) leave();
});

// Renews parts of a page: <div data-live="ADDRESS" data-every="SECONDS">. Without it, or with scripts off, the page
// is the same, as of when it was loaded. The browser asks with the ETag it has; an answer that says the same as before
// touches nothing, so that focus and screen readers are left alone. A hidden page asks nothing.
"use strict";

// What is on the page is no longer so: said, for eyes and screen readers, as long as nobody answers.
function tell(lost) {
  document.documentElement.classList.toggle("unreachable", lost);
  const note = document.getElementById("unreachable");
  const said = lost ? note.dataset.said : "";
  if (note.textContent !== said) note.textContent = said;
}

function follow(part) {
  const every = Number(part.dataset.every || 2) * 1000;
  let said = null;
  let misses = 0;

  async function renew() {
    if (!document.hidden) {
      try {
        const signal = AbortSignal.timeout(5000); // a box that was unplugged answers nothing at all
        const answer = await fetch(part.dataset.live, { cache: "no-cache", headers: { "X-Live": "1" }, signal });
        if (answer.status === 401) return location.reload();
        if (answer.ok) {
          show(await answer.text());
          misses = 0;
        } else misses += 1;
      } catch { misses += 1; }
      tell(misses > 2);
    }
    setTimeout(renew, every * Math.min(1 + misses, 10));
  }

  function show(text) {
    if (text === said) return;
    const first = said === null;
    said = text;
    if (first && text.trim() === part.innerHTML.trim()) return;
    const held = part.contains(document.activeElement);
    if (held && document.activeElement.matches("input, select, textarea")) return void (said = null);
    const focused = held && document.activeElement.id;
    part.innerHTML = text;
    if (focused) document.getElementById(focused)?.focus();
    if (part.querySelector("[data-done]")) location.href = part.querySelector("[data-done]").dataset.done;
  }

  setTimeout(renew, every);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) misses = 0; });
}

document.querySelectorAll("[data-live]").forEach(follow);
document.documentElement.classList.add("scripts");
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.ask || event.target.dataset.ask;
  if (question && !confirm(question)) event.preventDefault();
});
document.querySelector(".pages [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
